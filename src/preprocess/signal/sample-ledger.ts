import { Intervals } from './intervals.ts';

/** Records which device samples were lost, and where a channel was missing, railed or not physiological. */
export class SampleLedger {
  /** Interpolated or declared lost. */
  readonly lost = new Intervals();
  /** One list per channel. */
  readonly missing: readonly Intervals[];
  readonly railed: readonly Intervals[];
  /** Where the filtered signal exceeds its limit; the edges are grid samples and may be between two device samples. */
  readonly beyond: readonly Intervals[];

  constructor(channels: number) {
    this.missing = Array.from({ length: channels }, () => new Intervals());
    this.railed = Array.from({ length: channels }, () => new Intervals());
    this.beyond = Array.from({ length: channels }, () => new Intervals());
  }

  /** Forgets what ended at or before this sample. */
  dropBefore(sample: number): void {
    for (const intervals of this.#all()) intervals.dropBefore(sample);
  }

  clear(): void {
    for (const intervals of this.#all()) intervals.clear();
  }

  *#all(): Generator<Intervals> {
    yield this.lost;
    yield* this.missing;
    yield* this.railed;
    yield* this.beyond;
  }
}
