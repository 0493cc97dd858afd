import { AffectEdgeError } from '../../src/errors.ts';

/** Bytes for so long without a single valid frame: something else is on the port. */
const PATIENCE_US = 3e6;
const KEPT_BYTES = 256;
const SHOWN_BYTES = 16;
const CYTON_PACKET_BYTES = 33;

/** Watches an opened port until the first valid frame; what never sends one is named. */
export class StrangerWatch {
  #firstByteUs: number | undefined;
  #bytes = 0;
  readonly #first: number[] = [];

  push(bytes: Uint8Array, arrivalUs: number): void {
    if (bytes.length > 0) this.#firstByteUs ??= arrivalUs;
    this.#bytes += bytes.length;
    if (this.#first.length < KEPT_BYTES) this.#first.push(...bytes.subarray(0, KEPT_BYTES - this.#first.length));
  }

  /** The error to end with, once it is time to call what is there a stranger. */
  verdict(nowUs: number): AffectEdgeError | undefined {
    if (this.#firstByteUs === undefined || nowUs - this.#firstByteUs < PATIENCE_US) return undefined;
    const hex = this.#first
      .slice(0, SHOWN_BYTES)
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(' ');
    return new AffectEdgeError(
      'DEVICE_WRONG',
      `${this.#bytes} bytes came in ${Math.round((nowUs - this.#firstByteUs) / 1e6)} s and no biosignal frame among ` +
        `them; they begin with ${hex}. ${guess(this.#first)}`,
    );
  }
}

function guess(bytes: readonly number[]): string {
  if (looksLikeCyton(bytes)) return 'They look like OpenBCI packets: use --device openbci-cyton.';
  if (bytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127))) {
    return 'They are text: is this the port of another device, or a boot console?';
  }
  return 'Either another device is on this port, or it runs at another --baud.';
}

/** 0xA0, 31 bytes, 0xC0-0xCF, and that again. */
function looksLikeCyton(bytes: readonly number[]): boolean {
  const packetAt = (at: number): boolean => bytes[at] === 0xa0 && (bytes[at + CYTON_PACKET_BYTES - 1]! & 0xf0) === 0xc0;
  return bytes.some((_, at) => packetAt(at) && packetAt(at + CYTON_PACKET_BYTES));
}
