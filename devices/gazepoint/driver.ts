import { isDeepStrictEqual } from 'node:util';
import { AffectEdgeError } from '../../src/errors.ts';
import type { OpenGazeMessage } from '../../src/formats/gaze/open-gaze/message.ts';
import { fieldValue, numberOf, type ScreenPx, screenPxOf } from '../../src/formats/gaze/open-gaze/values.ts';
import type { DeviceEvent } from '../../src/samples.ts';
import type { DriverCounts, ProtocolDriver } from '../link/driver.ts';
import { DriverIo } from '../link/driver-io.ts';
import { Commands } from './commands.ts';
import { LeadIn, type Reported, type Sampling } from './lead-in.ts';
import { MessageReader, type MessageSink } from './message-reader.ts';
import { type PlacedRecord, placeRecord, wholeOf } from './record.ts';
import { SILENCE } from './silence.ts';
import { type EyeStreamInfo, eyeStreamInfo } from './stream-info.ts';
import { Timeline } from './timeline.ts';
import { otherServer, wrongDeviceHint } from './wrong-device-hint.ts';

/** If records come this long without an answer to the repeated SCREEN_SIZE request, the device is refused. */
const SCREEN_TIMEOUT_S = 3;

/**
 * Client side of the Open Gaze API. A connection begins with requests and a lead-in of a second, whose records are held
 * until rate, clock and channels are known. Every record becomes a block of its own, because each has its own time.
 */
export class GazepointDriver implements ProtocolDriver {
  readonly #io = new DriverIo(wrongDeviceHint);
  readonly #commands = new Commands();
  readonly #reader = new MessageReader();
  readonly #leadIn = new LeadIn((record) => this.#io.discard(record.bytes));
  #timeline: Timeline | undefined;
  #reported: Reported & { readonly product?: string } = {};
  #screenPx: ScreenPx | undefined;
  /** Absent during the lead-in. */
  #sampling: Sampling | undefined;
  /** A record of the lead-in; all records have the same fields. */
  #example: OpenGazeMessage | undefined;
  #stream: EyeStreamInfo | undefined;
  /** What arrived last; key of the reason why no samples come. */
  #lastArrival: keyof typeof SILENCE = 'nothing';

  get counts(): DriverCounts {
    return this.#io.counts;
  }

  get silence(): string {
    return SILENCE[this.#lastArrival];
  }

  opened(nowUs: number): Uint8Array[] {
    this.#io.open();
    this.#lastArrival = 'nothing';
    this.#sampling = undefined;
    this.#screenPx = undefined;
    this.#reported = {};
    return this.#commands.begin(nowUs);
  }

  push(bytes: Uint8Array, arrivalUs: number): DeviceEvent[] {
    this.#io.receive(bytes, arrivalUs);
    this.#reader.push(bytes, this.#sink);
    this.#io.check(arrivalUs);
    return this.#io.takeEvents();
  }

  tick(nowUs: number): DeviceEvent[] {
    this.#io.check(nowUs);
    this.#io.write(...this.#commands.tick(nowUs));
    return [];
  }

  takeWrites(): Uint8Array[] {
    return this.#io.takeWrites();
  }

  interrupted(): DeviceEvent[] {
    this.#reader.end(this.#sink);
    this.#leadIn.clear();
    this.#timeline?.interrupted();
    return this.#io.takeEvents();
  }

  closing(): Uint8Array[] {
    return this.#commands.stop();
  }

  readonly #sink: MessageSink = {
    message: (message, bytes) => {
      this.#io.recognise();
      this.#io.attempt(() => this.#take(message, bytes));
    },
    discarded: (text) => {
      this.#io.discard(text.length);
      const error = this.#io.isRecognised ? undefined : otherServer(text);
      if (error) this.#io.fail(error);
    },
  };

  #take(message: OpenGazeMessage, bytes: number): void {
    switch (message.tag) {
      case 'REC':
        this.#takeRecord(placeRecord(message, bytes, this.#io.arrivalUs), bytes);
        return;
      case 'ACK':
      case 'NACK':
        this.#commands.answer(message);
        if (this.#lastArrival === 'nothing') this.#lastArrival = 'answers';
        if (message.tag === 'ACK') this.#takeAnswer(message);
        return;
      // The tracker has been replaced by one with another screen.
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
        if (tickFrequency !== undefined) this.#reported = { ...this.#reported, tickFrequency };
        return;
      }
      case 'PRODUCT_ID': {
        const rateHz = numberOf(message, 'RATE');
        const product = attributes.get('VALUE') ?? '';
        this.#reported = { ...this.#reported, product, ...(rateHz > 0 && Number.isFinite(rateHz) ? { rateHz } : {}) };
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
      this.#lastArrival = record;
      this.#io.discard(bytes);
      return;
    }
    this.#lastArrival = 'records';
    if (this.#sampling) {
      this.#emit(record, this.#sampling);
      return;
    }
    this.#leadIn.push(record, this.#reported);
    this.#begin();
  }

  /** Ends the lead-in once rate, clock and screen are known. */
  #begin(): void {
    const { sampling, records, durationS, isFull } = this.#leadIn;
    if (!sampling) return;
    if (!this.#screenPx) {
      if (durationS >= SCREEN_TIMEOUT_S || isFull) throw screenRefusal();
      return;
    }
    this.#example = records.at(-1)?.message;
    this.#sampling = sampling;
    this.#describe(sampling.rateHz);
    if (this.#timeline) this.#timeline.setSampleRate(sampling.rateHz);
    else this.#timeline = new Timeline(sampling.rateHz);
    for (const record of this.#leadIn.release()) this.#emit(record, sampling);
  }

  /** Emits the stream's info if it has changed. */
  #describe(rateHz: number): void {
    if (!this.#screenPx || !this.#example) return;
    const { product } = this.#reported;
    const stream = eyeStreamInfo({ product, rateHz, screenPx: this.#screenPx, record: this.#example });
    if (isDeepStrictEqual(stream.info, this.#stream?.info)) return;
    this.#stream = stream;
    this.#io.emit({ type: 'info', info: stream.info });
  }

  #emit(record: PlacedRecord, { clock }: Sampling): void {
    const { message, bytes, count, arrivalUs } = record;
    const [timeline, stream, screenPx] = [this.#timeline!, this.#stream!, this.#screenPx!];
    const deviceUs = clock(record);
    if (deviceUs === undefined || !timeline.place(count, deviceUs, arrivalUs)) {
      this.#io.discard(bytes);
      return;
    }
    // The rate has changed (another tracker or another setting): measure it in a new lead-in.
    if (timeline.isAhead) this.#sampling = undefined;
    this.#io.emitSamples({
      info: stream.info,
      firstSample: timeline.sample,
      length: 1,
      data: Float32Array.from(stream.fields, (field) => fieldValue(message, field, screenPx)),
      lostBefore: timeline.lost,
      deviceTimeUs: timeline.deviceTimeUs,
      hostTimeUs: timeline.hostTimeUs,
      clockErrUs: timeline.clockErrUs,
    });
  }
}

function screenRefusal(): AffectEdgeError {
  return new AffectEdgeError(
    'DEVICE_WRONG',
    'Gazepoint Control sends records, but does not report the size of its screen (SCREEN_SIZE), of which its gaze is a ' +
      'fraction: update it (Open Gaze API 2.0 or later)',
  );
}
