import { type AffectEdgeError, isAffectEdgeError } from '../../src/errors.ts';
import type { DeviceCounts, DeviceEvent } from '../../src/samples.ts';
import type { ProtocolSession } from '../link/session.ts';
import { StrangerWatch } from '../link/wrong-device.ts';
import { checkBaud } from './baud.ts';
import { BlockBuilder, type Layout, layoutOf } from './block-builder.ts';
import { decodeDescriptor, decodeMarker } from './decode.ts';
import { FrameDecoder, type FrameSink } from './decoder.ts';
import { encodeRequest } from './encode.ts';
import { expected } from './expected.ts';
import { CRC_BYTES, DATA_HEADER_BYTES, FRAME, HEADER_BYTES } from './frame.ts';
import { RateWatch } from './rate-watch.ts';
import { Timeline } from './timeline.ts';

/** A device that sends no data is asked again this often. */
const RETRY_US = 1e6;
/** Markers that come before the first sample wait for it; more are discarded. */
const HELD_MARKERS = 16;

/** Host side of the protocol; the rules are those of PROTOCOL.md. */
export class BiosignalSession implements ProtocolSession {
  readonly #baud: number;
  readonly #decoder = new FrameDecoder();
  readonly #blocks = new BlockBuilder();
  readonly #counts = { bytesReceived: 0, bytesDiscarded: 0, samplesReceived: 0, samplesLost: 0 };
  #layout: Layout | undefined;
  #descriptorBytes = new Uint8Array();
  #timeline: Timeline | undefined;
  #rateWatch: RateWatch | undefined;
  /** Present while a port is open that has sent no valid frame yet. */
  #stranger: StrangerWatch | undefined;
  #events: DeviceEvent[] = [];
  #writes: Uint8Array[] = [];
  #heldMarkers: Uint8Array[] = [];
  #failure: AffectEdgeError | undefined;
  #arrivalUs = 0;
  #askedUs = 0;
  #dataUs = Number.NEGATIVE_INFINITY;

  constructor(baud: number) {
    this.#baud = baud;
  }

  get counts(): Omit<DeviceCounts, 'reconnects'> {
    return this.#counts;
  }

  opened(nowUs: number): Uint8Array[] {
    this.#stranger = new StrangerWatch(expected);
    this.#failure = undefined;
    this.#dataUs = Number.NEGATIVE_INFINITY;
    this.#ask(nowUs);
    return this.takeWrites();
  }

  push(bytes: Uint8Array, arrivalUs: number): DeviceEvent[] {
    this.#arrivalUs = arrivalUs;
    this.#counts.bytesReceived += bytes.length;
    this.#stranger?.push(bytes, arrivalUs);
    this.#decoder.push(bytes, this.#sink);
    this.#flush();
    this.#throwFailure(arrivalUs);
    return this.#takeEvents();
  }

  tick(nowUs: number): DeviceEvent[] {
    this.#throwFailure(nowUs);
    if (nowUs - this.#dataUs >= RETRY_US && nowUs - this.#askedUs >= RETRY_US) this.#ask(nowUs);
    return [];
  }

  takeWrites(): Uint8Array[] {
    const writes = this.#writes;
    this.#writes = [];
    return writes;
  }

  interrupted(): DeviceEvent[] {
    this.#decoder.end(this.#sink);
    this.#flush();
    this.#timeline?.interrupted();
    return this.#takeEvents();
  }

  closing(): Uint8Array[] {
    return [encodeRequest('stop')];
  }

  readonly #sink: FrameSink = {
    frame: (type, bytes, from, to) => {
      this.#stranger = undefined;
      const used =
        (type === FRAME.data && this.#takeData(bytes, from, to)) ||
        (type === FRAME.descriptor && this.#takeDescriptor(bytes.subarray(from, to))) ||
        (type === FRAME.marker && this.#takeMarker(bytes.subarray(from, to)));
      if (!used) this.#counts.bytesDiscarded += HEADER_BYTES + (to - from) + CRC_BYTES;
    },
    discarded: (_bytes, from, to) => {
      this.#counts.bytesDiscarded += to - from;
    },
  };

  #takeData(bytes: Uint8Array, from: number, to: number): boolean {
    if (!this.#layout || !this.#timeline) return false;
    const samples = (to - from - DATA_HEADER_BYTES) / this.#layout.columnBytes;
    if (!Number.isInteger(samples)) return false;
    const timeline = this.#timeline;
    if (!timeline.place(uint32(bytes, from), uint32(bytes, from + 4), samples, this.#arrivalUs)) return false;
    if (timeline.lost > 0) this.#flush();
    this.#attempt(() => this.#rateWatch?.observe(timeline.sample, timeline.deviceTimeUs));
    this.#blocks.add(timeline, bytes, from + DATA_HEADER_BYTES, samples);
    this.#counts.samplesReceived += samples;
    this.#counts.samplesLost += timeline.lost;
    this.#dataUs = this.#arrivalUs;
    for (const marker of this.#heldMarkers.splice(0)) this.#takeMarker(marker);
    return true;
  }

  #takeDescriptor(payload: Uint8Array): boolean {
    if (sameBytes(payload, this.#descriptorBytes)) return true;
    const descriptor = decodeDescriptor(payload);
    if (!descriptor) return false;
    if (!this.#attempt(() => checkBaud(descriptor, this.#baud))) return true;
    this.#flush();
    this.#descriptorBytes = payload.slice();
    const layout = layoutOf(descriptor);
    const { sampleRateHz } = descriptor;
    if (!this.#timeline) this.#timeline = new Timeline(sampleRateHz);
    else if (sampleRateHz !== this.#layout?.info.sampleRateHz) this.#timeline.setSampleRate(sampleRateHz);
    if (sampleRateHz !== this.#layout?.info.sampleRateHz) this.#rateWatch = new RateWatch(sampleRateHz);
    this.#layout = layout;
    this.#events.push({ type: 'info', info: layout.info });
    return true;
  }

  #takeMarker(payload: Uint8Array): boolean {
    if (!this.#timeline?.running) {
      return this.#heldMarkers.length < HELD_MARKERS && this.#heldMarkers.push(payload.slice()) > 0;
    }
    const { counter, label } = decodeMarker(payload);
    this.#flush();
    this.#events.push({ type: 'marker', marker: { label, sample: this.#timeline.sampleOf(counter) } });
    return true;
  }

  #flush(): void {
    const block = this.#layout && this.#blocks.take(this.#layout);
    if (block) this.#events.push({ type: 'samples', block });
  }

  #ask(nowUs: number): void {
    this.#askedUs = nowUs;
    this.#writes.push(encodeRequest('describe'), encodeRequest('start'));
  }

  /** What no retry mends is thrown at the end of the push, when all of its bytes are accounted for. */
  #attempt(check: () => void): boolean {
    try {
      check();
      return true;
    } catch (error) {
      if (!isAffectEdgeError(error)) throw error;
      this.#failure ??= error;
      return false;
    }
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

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
