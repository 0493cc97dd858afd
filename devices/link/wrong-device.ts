import { AffectEdgeError } from '../../src/errors.ts';

/** Bytes for so long, and nothing known among them: something else is on the port. */
const PATIENCE_US = 3e6;
const KEPT_BYTES = 256;
const SHOWN_BYTES = 16;

/** What a protocol looks for on a port that was just opened. */
export interface Expected {
  /** As in "no biosignal frame among them". */
  readonly piece: string;
  /** A sentence on what bytes that begin like `first` may be instead, and the way out. */
  readonly guess: (first: readonly number[]) => string;
}

/** Watches an opened port until the first thing that is known; what never sends one is named. */
export class StrangerWatch {
  readonly #expected: Expected;
  readonly #first: number[] = [];
  #firstByteUs: number | undefined;
  #bytes = 0;

  constructor(expected: Expected) {
    this.#expected = expected;
  }

  push(bytes: Uint8Array, arrivalUs: number): void {
    if (bytes.length > 0) this.#firstByteUs ??= arrivalUs;
    this.#bytes += bytes.length;
    this.#first.push(...bytes.subarray(0, KEPT_BYTES - this.#first.length));
  }

  /** @throws DEVICE_WRONG once it is time to call what is there a stranger. */
  check(nowUs: number): void {
    const waitedUs = nowUs - (this.#firstByteUs ?? nowUs);
    if (waitedUs < PATIENCE_US) return;
    const { piece, guess } = this.#expected;
    const hex = this.#first.slice(0, SHOWN_BYTES).map((byte) => byte.toString(16).padStart(2, '0'));
    throw new AffectEdgeError(
      'DEVICE_WRONG',
      `${this.#bytes} bytes came in ${Math.round(waitedUs / 1e6)} s and no ${piece} among them; ` +
        `they begin with ${hex.join(' ')}. ${guess(this.#first)}`,
    );
  }
}
