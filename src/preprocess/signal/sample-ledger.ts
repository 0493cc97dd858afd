import { Intervals } from './intervals.ts';

/** What is known against device samples: which were lost, and where a channel had no value, or one that is no signal. */
export class SampleLedger {
  /** Filled by interpolation or declared lost. */
  readonly lost = new Intervals();
  /** One list a channel. */
  readonly missing: readonly Intervals[];
  readonly railed: readonly Intervals[];
  /** Where what is filtered is beyond its limit: grid samples, so the edges may lie between two device samples. */
  readonly beyond: readonly Intervals[];

  constructor(channels: number) {
    this.missing = Array.from({ length: channels }, () => new Intervals());
    this.railed = Array.from({ length: channels }, () => new Intervals());
    this.beyond = Array.from({ length: channels }, () => new Intervals());
  }

  /** No question still to come is about a sample before this one. */
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
