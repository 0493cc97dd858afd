/** Windows on the stream's hop grid at the tracker's own rate: window k starts `k * hop_s` after sample 0. */

/** In samples; absorbs rounding in positions. */
const TOLERANCE = 1e-6;

export interface EyeSpan {
  readonly index: number;
  /** Fractional where the rate does not divide. */
  readonly startSample: number;
  readonly endSample: number;
  /** Its whole samples: [from, to). */
  readonly from: number;
  readonly to: number;
}

export class EyeWindowGrid {
  readonly #rateHz: number;
  readonly #windowS: number;
  readonly #hopS: number;
  #next: EyeSpan;

  constructor(rateHz: number, windowS: number, hopS: number) {
    this.#rateHz = rateHz;
    this.#windowS = windowS;
    this.#hopS = hopS;
    this.#next = this.#at(0);
  }

  /** The longest window, in samples. */
  get size(): number {
    return Math.ceil(this.#windowS * this.#rateHz) + 1;
  }

  /** The next window to make. */
  get next(): EyeSpan {
    return this.#next;
  }

  advance(): void {
    this.#next = this.#at(this.#next.index + 1);
  }

  /** Skips the windows that end before sample n. */
  skipTo(n: number): void {
    const index = Math.floor((n / this.#rateHz - this.#windowS) / this.#hopS);
    if (index > this.#next.index) this.#next = this.#at(index);
    while (this.#next.to <= n) this.advance();
  }

  reset(): void {
    this.#next = this.#at(0);
  }

  #at(index: number): EyeSpan {
    const startSample = index * this.#hopS * this.#rateHz;
    const endSample = (index * this.#hopS + this.#windowS) * this.#rateHz;
    const sampleFrom = (place: number) => Math.ceil(place - TOLERANCE);
    return { index, startSample, endSample, from: sampleFrom(startSample), to: sampleFrom(endSample) };
  }
}
