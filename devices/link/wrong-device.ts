import { AffectEdgeError } from '../../src/errors.ts';

/** If nothing is recognised within this time of the first byte, the wrong device is connected. */
const TIMEOUT_US = 3e6;
const KEPT_BYTES = 256;
const SHOWN_BYTES = 16;

/** The words of a protocol's DEVICE_WRONG message. */
export interface WrongDeviceHint {
  /** Name of what the protocol sends, as in "no biosignal frame among them". */
  readonly frameName: string;
  /** A sentence on what else may send such bytes, and what to do. */
  readonly explain: (firstBytes: readonly number[]) => string;
}

/** Watches a link from its opening until the driver recognises something. */
export class WrongDeviceWatch {
  readonly #hint: WrongDeviceHint;
  readonly #firstBytes: number[] = [];
  #firstByteUs: number | undefined;
  #bytes = 0;

  constructor(hint: WrongDeviceHint) {
    this.#hint = hint;
  }

  push(bytes: Uint8Array, arrivalUs: number): void {
    if (bytes.length > 0) this.#firstByteUs ??= arrivalUs;
    this.#bytes += bytes.length;
    this.#firstBytes.push(...bytes.subarray(0, KEPT_BYTES - this.#firstBytes.length));
  }

  /** @throws DEVICE_WRONG 3 s after the first byte. */
  check(nowUs: number): void {
    const waitedUs = nowUs - (this.#firstByteUs ?? nowUs);
    if (waitedUs < TIMEOUT_US) return;
    const { frameName, explain } = this.#hint;
    const hex = this.#firstBytes.slice(0, SHOWN_BYTES).map((byte) => byte.toString(16).padStart(2, '0'));
    throw new AffectEdgeError(
      'DEVICE_WRONG',
      `${this.#bytes} bytes came in ${Math.round(waitedUs / 1e6)} s and no ${frameName} among them; ` +
        `they begin with ${hex.join(' ')}. ${explain(this.#firstBytes)}`,
    );
  }
}
