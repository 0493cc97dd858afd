import { Intervals } from './intervals.ts';

/** What is known against device samples: which were lost, and where a channel had no value or stood at its rail. */
export class SampleLedger {
  /** Filled by interpolation or declared lost. */
  readonly lost = new Intervals();
  /** One list a channel. */
  readonly missing: readonly Intervals[];
  readonly railed: readonly Intervals[];

  constructor(channels: number) {
    this.missing = Array.from({ length: channels }, () => new Intervals());
    this.railed = Array.from({ length: channels }, () => new Intervals());
  }

  /** No window still to come begins before `sample`. */
  dropBefore(sample: number): void {
    this.lost.dropBefore(sample);
    for (const intervals of this.missing) intervals.dropBefore(sample);
    for (const intervals of this.railed) intervals.dropBefore(sample);
  }

  clear(): void {
    this.lost.clear();
    for (const intervals of this.missing) intervals.clear();
    for (const intervals of this.railed) intervals.clear();
  }
}
