import type { RawEvent } from '../api/events.ts';
import { RAW_HEADER, RAW_MAGIC, RAW_MODALITIES } from '../api/raw-header.ts';

const MIN_FRAME_S = 0.02;
const MAX_FRAME_S = 0.05;

/**
 * Splits and joins blocks of any length into frames of 20 to 50 ms, each encoded once for all subscribers. A loss or a
 * new stream ends a frame early, so no frame has a gap inside.
 */
export class RawFramer {
  private parts: RawEvent[] = [];
  private length = 0;

  push(event: RawEvent): Uint8Array[] {
    const frames: Uint8Array[] = [];
    const { info, lostBefore } = event.block;
    const minimum = Math.max(1, Math.ceil(MIN_FRAME_S * info.sampleRateHz));
    const maximum = Math.max(minimum, Math.floor(MAX_FRAME_S * info.sampleRateHz));
    const joins = lostBefore === 0 && this.parts[0]?.block.info === info && this.length + event.block.length <= maximum;
    if (!joins) this.emit(maximum, frames);
    this.parts.push(event);
    this.length += event.block.length;
    if (this.length >= minimum) this.emit(maximum, frames);
    return frames;
  }

  reset(): void {
    this.parts = [];
    this.length = 0;
  }

  private emit(maximum: number, frames: Uint8Array[]): void {
    const { parts, length } = this;
    this.reset();
    const pieces = Math.ceil(length / maximum);
    for (let i = 0; i < pieces; i++) {
      frames.push(encodeFrame(parts, Math.round((i * length) / pieces), Math.round(((i + 1) * length) / pieces)));
    }
  }
}

/** Encodes the samples [from, to) of contiguous blocks as one frame. `addressFrame` sets `sub`, `seq` and `dropped`. */
function encodeFrame(parts: readonly RawEvent[], from: number, to: number): Uint8Array {
  const { block, t, source }: RawEvent = parts[0]!;
  const { info } = block;
  const samples = to - from;
  const bytes = new Uint8Array(RAW_HEADER.byteLength + 4 * info.channels.length * samples);
  const view = new DataView(bytes.buffer);
  view.setUint32(RAW_HEADER.magic, RAW_MAGIC, true);
  view.setFloat64(RAW_HEADER.firstSample, block.firstSample + from, true);
  view.setFloat64(RAW_HEADER.startUs, Math.round(t.start_us + (from * 1e6) / info.sampleRateHz), true);
  view.setFloat64(RAW_HEADER.emitUs, Math.round(parts.at(-1)!.t.emit_us), true);
  view.setFloat32(RAW_HEADER.sampleRateHz, info.sampleRateHz, true);
  view.setFloat32(RAW_HEADER.clockErrUs, t.clock_err_us, true);
  view.setUint32(RAW_HEADER.lostBefore, from === 0 ? block.lostBefore : 0, true);
  view.setUint16(RAW_HEADER.channels, info.channels.length, true);
  view.setUint16(RAW_HEADER.samples, samples, true);
  view.setUint32(RAW_HEADER.flags, (info.simulated ? 1 : 0) | (RAW_MODALITIES.indexOf(source) << 8), true);
  const data = new Float32Array(bytes.buffer, RAW_HEADER.byteLength);
  let start = 0; // index of the part's first sample in the joined samples
  for (const { block: part } of parts) {
    const first = Math.max(from - start, 0);
    const end = Math.min(to - start, part.length);
    for (let c = 0; first < end && c < info.channels.length; c++) {
      data.set(part.data.subarray(c * part.length + first, c * part.length + end), c * samples + start + first - from);
    }
    start += part.length;
  }
  return bytes;
}

/** Copies the frame for one subscription. */
export function addressFrame(frame: Uint8Array, sub: number, seq: number, dropped: number): Uint8Array {
  const copy = new Uint8Array(frame);
  const view = new DataView(copy.buffer);
  view.setUint32(RAW_HEADER.sub, sub, true);
  view.setUint32(RAW_HEADER.seq, seq, true);
  view.setUint32(RAW_HEADER.dropped, dropped, true);
  return copy;
}
