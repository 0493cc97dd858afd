import { type DeviceClock, deviceClock } from './device-clock.ts';
import { clearRate, measuredRate } from './rate.ts';
import type { PlacedRecord } from './record.ts';

/** Properties that the tracker reported. */
export interface Reported {
  readonly rateHz?: number;
  readonly tickFrequency?: bigint;
}

/** How the tracker samples, as measured from a second of records. */
export interface Sampling {
  readonly rateHz: number;
  readonly clock: DeviceClock;
}

/** Rate and clock are measured over a second; if it shows no known rate, two more follow, and then all are measured. */
const SECOND_S = 1;
const MAX_TRIES = 3;
/** A longer step between records is a break in the stream. */
const BREAK_S = 0.5;
const LATE_S = 1;
const MAX_RECORDS = 1000;

/** Holds the first records of a connection until the tracker's rate and clock are known, so that none is lost. */
export class LeadIn {
  sampling: Sampling | undefined;
  #records: PlacedRecord[] = [];
  /** Index of the record that the current measurement starts at. */
  #from = 0;
  #tries = 0;
  readonly #drop: (record: PlacedRecord) => void;

  /** @param drop called with each record that repeats another, or comes before a break. */
  constructor(drop: (record: PlacedRecord) => void) {
    this.#drop = drop;
  }

  get records(): readonly PlacedRecord[] {
    return this.#records;
  }

  /** Time from the first to the last record. */
  get durationS(): number {
    const [first, last] = [this.#records[0], this.#records.at(-1)];
    return first && last ? last.timeS - first.timeS : 0;
  }

  /** A tracker does not send this many records during a lead-in. */
  get isFull(): boolean {
    return this.#records.length >= MAX_RECORDS;
  }

  /** @throws RATE_UNSUPPORTED after three seconds at an unknown rate. */
  push(record: PlacedRecord, reported: Reported): void {
    const last = this.#records.at(-1);
    if (last) {
      const stepS = record.timeS - last.timeS;
      const isAhead = record.count > last.count;
      if (!isAhead && stepS <= 0 && stepS >= -LATE_S) {
        this.#drop(record);
        return;
      }
      if (!isAhead || stepS < 0 || stepS > BREAK_S) this.clear();
    }
    this.#records.push(record);
    if (!this.sampling) this.#measure(record, reported);
  }

  /** Returns the held records; the next record begins a new lead-in. */
  release(): PlacedRecord[] {
    const records = this.#records;
    this.#records = [];
    this.#from = this.#tries = 0;
    this.sampling = undefined;
    return records;
  }

  /** Drops the held records. */
  clear(): void {
    for (const record of this.release()) this.#drop(record);
  }

  #measure(last: PlacedRecord, { rateHz: reportedHz, tickFrequency }: Reported): void {
    const first = this.#records[this.#from]!;
    if (last.timeS - first.timeS < SECOND_S && !this.isFull) return;
    const clock = deviceClock(first, last, tickFrequency);
    const rateSince = (since: PlacedRecord) => ((last.count - since.count) * 1e6) / (clock(last)! - clock(since)!);
    const rateHz = clearRate(rateSince(first), reportedHz);
    const isLastTry = ++this.#tries === MAX_TRIES || this.isFull;
    if (rateHz !== undefined) this.sampling = { rateHz, clock };
    else if (isLastTry) this.sampling = { rateHz: measuredRate(rateSince(this.#records[0]!), reportedHz), clock };
    this.#from = this.#records.length - 1;
  }
}
