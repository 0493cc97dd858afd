/** Counts what arrives; what it holds leaks at a steady rate, so that a pause forgives and a good message does not. */
export class LeakyBucket {
  readonly #capacity: number;
  readonly #leakPerS: number;
  #held = 0;
  #lastUs = 0;

  constructor(capacity: number, leakPerS: number) {
    this.#capacity = capacity;
    this.#leakPerS = leakPerS;
  }

  /** Returns whether the bucket holds more than its capacity now. */
  add(amount: number, nowUs: number): boolean {
    const leaked = (Math.max(0, nowUs - this.#lastUs) / 1e6) * this.#leakPerS;
    this.#held = Math.max(0, this.#held - leaked) + amount;
    this.#lastUs = nowUs;
    return this.#held > this.#capacity;
  }
}
