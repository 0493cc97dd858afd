import { AffectEdgeError } from '../../src/errors.ts';
import { SYNC_0, SYNC_1 } from '../biosignal/frame.ts';

/** Bytes for so long, and among them no packet and no reply: something else is on the port. */
const PATIENCE_US = 3e6;
const KEPT_BYTES = 256;
const SHOWN_BYTES = 16;

/** Watches an opened port until the first packet or reply. */
export class StrangerWatch {
  #firstByteUs: number | undefined;
  readonly #first: number[] = [];

  /** @throws DEVICE_WRONG once it is time to call what is there a stranger. */
  push(bytes: Uint8Array, arrivalUs: number): void {
    this.#first.push(...bytes.subarray(0, KEPT_BYTES - this.#first.length));
    this.#firstByteUs ??= arrivalUs;
    const waitedUs = arrivalUs - this.#firstByteUs;
    if (waitedUs < PATIENCE_US) return;
    const hex = this.#first.slice(0, SHOWN_BYTES).map((byte) => byte.toString(16).padStart(2, '0'));
    throw new AffectEdgeError(
      'DEVICE_WRONG',
      `bytes came for ${Math.round(waitedUs / 1e6)} s and no OpenBCI packet among them; they begin with ${hex.join(' ')}. ${guess(this.#first)}`,
    );
  }
}

function guess(bytes: readonly number[]): string {
  if (bytes.some((byte, i) => byte === SYNC_0 && bytes[i + 1] === SYNC_1)) {
    return 'They look like biosignal frames: use --device biosignal.';
  }
  return 'Either another device is on this port, or it runs at another --baud (a Cyton dongle has 115200).';
}
