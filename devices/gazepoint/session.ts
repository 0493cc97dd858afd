import { AffectEdgeError, isAffectEdgeError } from '../../src/errors.ts';
import type { OpenGazeMessage } from '../../src/formats/gaze/open-gaze/message.ts';
import { fieldValue, numberOf, type ScreenPx, screenPxOf } from '../../src/formats/gaze/open-gaze/values.ts';
import type { DeviceCounts, DeviceEvent } from '../../src/samples.ts';
import type { ProtocolSession } from '../link/session.ts';
import { StrangerWatch } from '../link/wrong-device.ts';
import { Commands } from './commands.ts';
import { expected, knownStranger } from './expected.ts';
import { LeadIn, type Sampling, type Stated } from './lead-in.ts';
import { MessageReader, type MessageSink } from './message-reader.ts';
import { type PlacedRecord, placeRecord, wholeOf } from './record.ts';
import { SILENCE } from './silence.ts';
import { type EyeStreamInfo, eyeStreamInfo } from './stream-info.ts';
import { Timeline } from './timeline.ts';

/** Records for so long, and no size of the screen: it was asked for again and again. */
const SCREEN_PATIENCE_S = 3;

/**
 * The client's side of the Open Gaze API. A connection begins with questions and a lead-in of a second, whose records are
 * held until rate, clock and channels are known. Every record is a block of its own, for each has its own time.
 */
export class GazepointSession implements ProtocolSession {
  readonly #commands = new Commands();
  readonly #reader = new MessageReader();
  readonly #leadIn = new LeadIn((record) => this.#discard(record.bytes));
  readonly #counts = { bytesReceived: 0, bytesDiscarded: 0, samplesReceived: 0, samplesLost: 0 };
  #timeline: Timeline | undefined;
  #stated: Stated & { readonly product?: string } = {};
  #screenPx: ScreenPx | undefined;
  /** Absent during the lead-in. */
  #sampling: Sampling | undefined;
  /** A record of the lead-in: it has the fields that all have. */
  #example: OpenGazeMessage | undefined;
  #stream: EyeStreamInfo | undefined;
  /** Until the first message of a connection. */
  #stranger: StrangerWatch | undefined;
  /** What came last, for who asks why nothing comes. */
  #lately: keyof typeof SILENCE = 'nothing';
  #failure: AffectEdgeError | undefined;
  #events: DeviceEvent[] = [];
  #writes: Uint8Array[] = [];
  #arrivalUs = 0;

  get counts(): Omit<DeviceCounts, 'reconnects'> {
    return { ...this.#counts };
  }

  get silence(): string {
    return SILENCE[this.#lately];
  }

  opened(nowUs: number): Uint8Array[] {
    this.#stranger = new StrangerWatch(expected);
    this.#lately = 'nothing';
    this.#failure = undefined;
    this.#sampling = undefined;
    this.#screenPx = undefined;
    this.#stated = {};
    this.#writes = [];
    return this.#commands.begin(nowUs);
  }

  push(bytes: Uint8Array, arrivalUs: number): DeviceEvent[] {
    this.#arrivalUs = arrivalUs;
    this.#counts.bytesReceived += bytes.length;
    this.#stranger?.push(bytes, arrivalUs);
    this.#reader.push(bytes, this.#sink);
    this.#throwFailure(arrivalUs);
    return this.#takeEvents();
  }

  tick(nowUs: number): DeviceEvent[] {
    this.#throwFailure(nowUs);
    this.#writes.push(...this.#commands.tick(nowUs));
    return [];
  }

  takeWrites(): Uint8Array[] {
    const writes = this.#writes;
    this.#writes = [];
    return writes;
  }

  interrupted(): DeviceEvent[] {
    this.#reader.end(this.#sink);
    this.#leadIn.clear();
    this.#timeline?.interrupted();
    return this.#takeEvents();
  }

  closing(): Uint8Array[] {
    return this.#commands.stop();
  }

  readonly #sink: MessageSink = {
    message: (message, bytes) => {
      this.#stranger = undefined;
      try {
        this.#take(message, bytes);
      } catch (error) {
        if (!isAffectEdgeError(error)) throw error;
        // what came together with it is still read, so that every byte is counted
        this.#failure ??= error;
      }
    },
    discarded: (text) => {
      this.#discard(text.length);
      if (this.#stranger) this.#failure ??= knownStranger(text);
    },
  };

  #take(message: OpenGazeMessage, bytes: number): void {
    switch (message.tag) {
      case 'REC':
        this.#takeRecord(placeRecord(message, bytes, this.#arrivalUs), bytes);
        return;
      case 'ACK':
      case 'NACK':
        this.#commands.answer(message);
        if (this.#lately === 'nothing') this.#lately = 'answers';
        if (message.tag === 'ACK') this.#takeAnswer(message);
        return;
      // another tracker, with another screen, has taken over
      case 'UPDATE':
        this.#takeScreen(message);
    }
  }

  #takeAnswer(message: OpenGazeMessage): void {
    const { attributes } = message;
    switch (attributes.get('ID')?.trim()) {
      case 'SCREEN_SIZE':
        this.#takeScreen(message);
        return;
      case 'TIME_TICK_FREQUENCY': {
        const tickFrequency = wholeOf(attributes.get('FREQ'));
        if (tickFrequency !== undefined) this.#stated = { ...this.#stated, tickFrequency };
        return;
      }
      case 'PRODUCT_ID': {
        const rateHz = numberOf(message, 'RATE');
        const product = attributes.get('VALUE') ?? '';
        this.#stated = { ...this.#stated, product, ...(rateHz > 0 && Number.isFinite(rateHz) ? { rateHz } : {}) };
      }
    }
  }

  #takeScreen(message: OpenGazeMessage): void {
    this.#screenPx = screenPxOf(message) ?? this.#screenPx;
    if (this.#sampling) this.#describe(this.#sampling.rateHz);
    else this.#begin();
  }

  #takeRecord(record: PlacedRecord | 'no-picture' | 'unplaced', bytes: number): void {
    if (typeof record === 'string') {
      this.#lately = record;
      this.#discard(bytes);
      return;
    }
    this.#lately = 'records';
    if (this.#sampling) {
      this.#emit(record, this.#sampling);
      return;
    }
    this.#leadIn.push(record, this.#stated);
    this.#begin();
  }

  /** Ends the lead-in where all is known. */
  #begin(): void {
    const { sampling, records, durationS, isFull } = this.#leadIn;
    if (!sampling) return;
    if (!this.#screenPx) {
      if (durationS >= SCREEN_PATIENCE_S || isFull) throw screenRefusal();
      return;
    }
    this.#example = records.at(-1)?.message;
    this.#sampling = sampling;
    this.#describe(sampling.rateHz);
    if (this.#timeline) this.#timeline.setSampleRate(sampling.rateHz);
    else this.#timeline = new Timeline(sampling.rateHz);
    for (const record of this.#leadIn.release()) this.#emit(record, sampling);
  }

  /** Says what the stream is, where that is new. */
  #describe(rateHz: number): void {
    if (!this.#screenPx || !this.#example) return;
    const { product } = this.#stated;
    const stream = eyeStreamInfo({ product, rateHz, screenPx: this.#screenPx, record: this.#example });
    if (JSON.stringify(stream.info) === JSON.stringify(this.#stream?.info)) return;
    this.#stream = stream;
    this.#events.push({ type: 'info', info: stream.info });
  }

  #emit(record: PlacedRecord, { clock }: Sampling): void {
    const { message, bytes, count, arrivalUs } = record;
    const [timeline, stream, screenPx] = [this.#timeline!, this.#stream!, this.#screenPx!];
    const deviceUs = clock(record);
    if (deviceUs === undefined || !timeline.place(count, deviceUs, arrivalUs)) {
      this.#discard(bytes);
      return;
    }
    // another tracker of the same computer, or another setting of this one: a lead-in tells
    if (timeline.isAhead) this.#sampling = undefined;
    this.#counts.samplesReceived++;
    this.#counts.samplesLost += timeline.lost;
    this.#events.push({
      type: 'samples',
      block: {
        info: stream.info,
        firstSample: timeline.sample,
        length: 1,
        data: Float32Array.from(stream.fields, (field) => fieldValue(message, field, screenPx)),
        lostBefore: timeline.lost,
        deviceTimeUs: timeline.deviceTimeUs,
        hostTimeUs: timeline.hostTimeUs,
        clockErrUs: timeline.clockErrUs,
      },
    });
  }

  #discard(bytes: number): void {
    this.#counts.bytesDiscarded += bytes;
  }

  #throwFailure(nowUs: number): void {
    if (this.#failure) throw this.#failure;
    this.#stranger?.check(nowUs);
  }

  #takeEvents(): DeviceEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

function screenRefusal(): AffectEdgeError {
  return new AffectEdgeError(
    'DEVICE_WRONG',
    'Gazepoint Control sends records, and does not answer how large its screen is (SCREEN_SIZE), of which its gaze is ' +
      'a fraction: update it (Open Gaze API 2.0 or later)',
  );
}
