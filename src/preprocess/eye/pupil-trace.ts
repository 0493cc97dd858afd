/** One pupil's diameter at 10 Hz for its spectrum, with missing values interpolated. */

export const PUPIL_HZ = 10;
/** In samples; absorbs rounding in positions. */
const TOLERANCE = 1e-6;

/**
 * Value j is the mean of the samples n with j <= 10 n / rate < j + 1. This boxcar works at every rate, needs no look-ahead
 * and skips missing samples. It attenuates 1 Hz by 0.15 dB (0.017 nat), and what aliases to below 1 Hz by at least 19 dB.
 * Samples within 50 ms of a loss are skipped, because the lid covers part of the pupil there.
 */
export class PupilTrace {
  readonly #perSample: number;
  readonly #margin: number;
  readonly #mask: number;
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  /** Values below this index have been started. */
  #opened = 0;
  /** Samples that wait until no loss can follow within the margin: [settled, next), in a ring. */
  readonly #waiting: Float64Array;
  #settled = 0;
  #next = 0;
  #lastLost = Number.NEGATIVE_INFINITY;

  /** @param length longest trace in values; @param marginSamples samples skipped on each side of a loss */
  constructor(rateHz: number, length: number, marginSamples: number) {
    this.#perSample = PUPIL_HZ / rateHz;
    this.#margin = marginSamples;
    // Values after the trace's end already arrive when it is read.
    const capacity = 2 ** Math.ceil(Math.log2(length + PUPIL_HZ));
    this.#mask = capacity - 1;
    this.#sums = new Float64Array(capacity);
    this.#counts = new Float64Array(capacity);
    this.#waiting = new Float64Array(marginSamples + 1);
  }

  /** Received sample n; NaN: no pupil. */
  push(n: number, diameter: number): void {
    if (n > this.#next) this.skip(n);
    if (Number.isNaN(diameter)) this.#lastLost = n;
    this.#waiting[n % this.#waiting.length] = diameter;
    this.#next = n + 1;
    if (this.#next - this.#settled > this.#margin) this.#settle();
  }

  /** Samples before n that were not pushed were lost by the device; they are not a loss of the pupil. */
  skip(n: number): void {
    this.close();
    this.#settled = this.#next = n;
  }

  /** The end of the input: waiting samples are used as they are. */
  close(): void {
    while (this.#settled < this.#next) this.#settle();
  }

  /**
   * Fills `out` with the last values (at most `out.length`) of whole tenths of a second within the samples [from, to).
   * Missing values are interpolated linearly; at the ends the nearest value is repeated.
   * @returns the number of values, 0 where all are missing, and how many of them were measured
   */
  read(from: number, to: number, out: Float64Array): { readonly length: number; readonly measured: number } {
    const end = Math.floor((to + TOLERANCE) * this.#perSample);
    const start = Math.max(end - out.length, Math.ceil((from - TOLERANCE) * this.#perSample));
    let before = -1;
    let measured = 0;
    for (let j = start; j < end; j++) {
      const count = j < this.#opened ? this.#counts[j & this.#mask]! : 0;
      if (count === 0) continue;
      measured++;
      const [at, value] = [j - start, this.#sums[j & this.#mask]! / count];
      out[at] = value;
      if (before === -1) out.fill(value, 0, at);
      else for (let i = before + 1; i < at; i++) out[i] = value + ((out[before]! - value) * (at - i)) / (at - before);
      before = at;
    }
    if (before === -1) return { length: 0, measured };
    out.fill(out[before]!, before, end - start);
    return { length: end - start, measured };
  }

  reset(): void {
    this.#sums.fill(0);
    this.#counts.fill(0);
    this.#opened = this.#settled = this.#next = 0;
    this.#lastLost = Number.NEGATIVE_INFINITY;
  }

  #settle(): void {
    const n = this.#settled++;
    const diameter = this.#waiting[n % this.#waiting.length]!;
    // The last loss so far is at most a margin after n.
    if (Number.isNaN(diameter) || Math.abs(n - this.#lastLost) <= this.#margin) return;
    const j = Math.floor((n + TOLERANCE) * this.#perSample);
    this.#open(j);
    this.#sums[j & this.#mask]! += diameter;
    this.#counts[j & this.#mask]!++;
  }

  #open(j: number): void {
    for (let i = Math.max(this.#opened, j - this.#mask); i <= j; i++) {
      this.#sums[i & this.#mask] = 0;
      this.#counts[i & this.#mask] = 0;
    }
    this.#opened = Math.max(this.#opened, j + 1);
  }
}
