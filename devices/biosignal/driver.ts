import type { DeviceEvent } from '../../src/samples.ts';
import type { DriverCounts, ProtocolDriver } from '../link/driver.ts';
import { DriverIo } from '../link/driver-io.ts';
import { checkBaud } from './baud.ts';
import { BlockBuilder, type Layout, layoutOf } from './block-builder.ts';
import { checkedDescriptor } from './check-descriptor.ts';
import { decodeDescriptor, decodeMarker } from './decode.ts';
import { FrameDecoder, type FrameSink } from './decoder.ts';
import { encodeRequest } from './encode.ts';
import { CRC_BYTES, DATA_HEADER_BYTES, type Descriptor, FRAME, HEADER_BYTES } from './frame.ts';
import { Timeline } from './timeline.ts';
import { wrongDeviceHint } from './wrong-device-hint.ts';

/** While no data comes, the requests are repeated this often. */
const RETRY_US = 1e6;
/** Markers before the first sample are held until it comes; more than these are discarded. */
const HELD_MARKERS = 16;

/** Host side of the biosignal protocol (PROTOCOL.md). */
export class BiosignalDriver implements ProtocolDriver {
  readonly #baud: number;
  readonly #io = new DriverIo(wrongDeviceHint);
  readonly #decoder = new FrameDecoder();
  readonly #blocks = new BlockBuilder();
  #layout: Layout | undefined;
  #descriptorBytes = new Uint8Array();
  #timeline: Timeline | undefined;
  #heldMarkers: Uint8Array[] = [];
  #askedUs = 0;
  #dataUs = Number.NEGATIVE_INFINITY;

  constructor(baud: number) {
    this.#baud = baud;
  }

  get counts(): DriverCounts {
    return this.#io.counts;
  }

  opened(nowUs: number): Uint8Array[] {
    this.#io.open();
    this.#dataUs = Number.NEGATIVE_INFINITY;
    this.#ask(nowUs);
    return this.takeWrites();
  }

  push(bytes: Uint8Array, arrivalUs: number): DeviceEvent[] {
    this.#io.receive(bytes, arrivalUs);
    this.#decoder.push(bytes, this.#sink);
    this.#flush();
    this.#io.check(arrivalUs);
    return this.#io.takeEvents();
  }

  tick(nowUs: number): DeviceEvent[] {
    this.#io.check(nowUs);
    if (nowUs - this.#dataUs >= RETRY_US && nowUs - this.#askedUs >= RETRY_US) this.#ask(nowUs);
    return [];
  }

  takeWrites(): Uint8Array[] {
    return this.#io.takeWrites();
  }

  interrupted(): DeviceEvent[] {
    this.#decoder.end(this.#sink);
    this.#flush();
    this.#timeline?.interrupted();
    return this.#io.takeEvents();
  }

  closing(): Uint8Array[] {
    return [encodeRequest('stop')];
  }

  readonly #sink: FrameSink = {
    frame: (type, bytes, from, to) => {
      this.#io.recognise();
      const used =
        (type === FRAME.data && this.#takeData(bytes, from, to)) ||
        (type === FRAME.descriptor && this.#takeDescriptor(bytes.subarray(from, to))) ||
        (type === FRAME.marker && this.#takeMarker(bytes.subarray(from, to)));
      if (!used) this.#io.discard(HEADER_BYTES + (to - from) + CRC_BYTES);
    },
    discarded: (_bytes, from, to) => this.#io.discard(to - from),
  };

  #takeData(bytes: Uint8Array, from: number, to: number): boolean {
    if (!this.#layout || !this.#timeline) return false;
    const samples = (to - from - DATA_HEADER_BYTES) / this.#layout.columnBytes;
    if (!Number.isInteger(samples)) return false;
    const timeline = this.#timeline;
    if (!timeline.place(uint32(bytes, from), uint32(bytes, from + 4), samples, this.#io.arrivalUs)) return false;
    if (timeline.lost > 0) this.#flush();
    this.#blocks.add(timeline, bytes, from + DATA_HEADER_BYTES, samples);
    this.#dataUs = this.#io.arrivalUs;
    for (const marker of this.#heldMarkers.splice(0)) this.#takeMarker(marker);
    return true;
  }

  #takeDescriptor(payload: Uint8Array): boolean {
    if (Buffer.compare(payload, this.#descriptorBytes) === 0) return true;
    const declared = decodeDescriptor(payload);
    if (!declared) return false;
    if (!this.#io.attempt(() => this.#describe(declared))) return true;
    this.#descriptorBytes = payload.slice();
    return true;
  }

  /** @throws DEVICE_WRONG, BAUD_TOO_LOW */
  #describe(declared: Descriptor): void {
    const descriptor = checkedDescriptor(declared);
    checkBaud(descriptor, this.#baud);
    this.#flush();
    const layout = layoutOf(descriptor);
    const { sampleRateHz } = descriptor;
    if (!this.#timeline) this.#timeline = new Timeline(sampleRateHz);
    else if (sampleRateHz !== this.#layout?.info.sampleRateHz) this.#timeline.setSampleRate(sampleRateHz);
    this.#layout = layout;
    this.#io.emit({ type: 'info', info: layout.info });
  }

  #takeMarker(payload: Uint8Array): boolean {
    if (!this.#timeline?.running) {
      return this.#heldMarkers.length < HELD_MARKERS && this.#heldMarkers.push(payload.slice()) > 0;
    }
    const { counter, label } = decodeMarker(payload);
    this.#flush();
    this.#io.emit({ type: 'marker', marker: { label, sample: this.#timeline.sampleOf(counter) } });
    return true;
  }

  #flush(): void {
    const block = this.#layout && this.#blocks.take(this.#layout);
    if (block) this.#io.emitSamples(block);
  }

  #ask(nowUs: number): void {
    this.#askedUs = nowUs;
    this.#io.write(encodeRequest('describe'), encodeRequest('start'));
  }
}

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
