import { crc16 } from './crc16.ts';
import { CRC_BYTES, CRC_FROM, HEADER_BYTES, PAYLOAD_BOUNDS, SYNC_0, SYNC_1 } from './frame.ts';

/** Called in the order of the wire; every byte goes to exactly one of the two methods. */
export interface FrameSink {
  /** A frame with a matching CRC; its payload is bytes[from, to), valid until the next `push`. */
  frame(type: number, bytes: Uint8Array, from: number, to: number): void;
  /** bytes[from, to) are not part of a valid frame. */
  discarded(bytes: Uint8Array, from: number, to: number): void;
}

const MIN_PAYLOAD = new Int32Array(256).fill(1);
/** 0 for unknown types, so that no length is valid. */
const MAX_PAYLOAD = new Int32Array(256);
for (const [type, [min, max]] of PAYLOAD_BOUNDS) {
  MIN_PAYLOAD[type] = min;
  MAX_PAYLOAD[type] = max;
}

/**
 * Finds frames in a byte stream. After a bad CRC or an invalid header exactly one byte is discarded and the search
 * goes on from the next, so a false header may delay intact frames within the length it claims, but never removes one.
 */
export class FrameDecoder {
  #buffer = new Uint8Array(16384);
  #start = 0;
  #end = 0;

  /** Bytes of an incomplete frame. */
  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  push(bytes: Uint8Array, sink: FrameSink): void {
    this.#append(bytes);
    this.#scan(sink, false);
  }

  /** The stream has ended: discards an incomplete frame, and finds intact frames within the length it claims. */
  end(sink: FrameSink): void {
    this.#scan(sink, true);
  }

  #append(bytes: Uint8Array): void {
    const pending = this.pendingBytes;
    if (this.#end + bytes.length > this.#buffer.length) {
      const target =
        pending + bytes.length > this.#buffer.length ? new Uint8Array(2 * (pending + bytes.length)) : this.#buffer;
      target.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = target;
      this.#start = 0;
      this.#end = pending;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #scan(sink: FrameSink, final: boolean): void {
    const buffer = this.#buffer;
    const end = this.#end;
    let at = this.#start;
    let noise = at;
    while (at < end) {
      const size = frameSizeAt(buffer, at, end);
      if (size > end - at && !final) break;
      if (size === 0 || size > end - at || !crcMatches(buffer, at, size)) {
        at++;
        continue;
      }
      if (noise < at) sink.discarded(buffer, noise, at);
      sink.frame(buffer[at + 2]!, buffer, at + HEADER_BYTES, at + size - CRC_BYTES);
      at += size;
      noise = at;
    }
    if (noise < at) sink.discarded(buffer, noise, at);
    this.#start = at;
    if (at === end) {
      this.#start = 0;
      this.#end = 0;
    }
  }
}

/** Size of the frame that may start at `at`: 0 where none can, infinite while its header is incomplete. */
function frameSizeAt(bytes: Uint8Array, at: number, end: number): number {
  const available = end - at;
  if (bytes[at] !== SYNC_0 || (available > 1 && bytes[at + 1] !== SYNC_1)) return 0;
  if (available > 2 && MAX_PAYLOAD[bytes[at + 2]!] === 0) return 0;
  if (available < HEADER_BYTES) return Number.POSITIVE_INFINITY;
  const type = bytes[at + 2]!;
  const length = bytes[at + 3]! | (bytes[at + 4]! << 8);
  if (length < MIN_PAYLOAD[type]! || length > MAX_PAYLOAD[type]!) return 0;
  return HEADER_BYTES + length + CRC_BYTES;
}

function crcMatches(bytes: Uint8Array, at: number, size: number): boolean {
  const crcAt = at + size - CRC_BYTES;
  return crc16(bytes, at + CRC_FROM, crcAt) === (bytes[crcAt]! | (bytes[crcAt + 1]! << 8));
}
