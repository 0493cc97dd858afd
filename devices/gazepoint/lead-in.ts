import { type DeviceClock, deviceClock } from './device-clock.ts';
import { nominalRate, rateRefusal } from './rate.ts';
import type { PlacedRecord } from './record.ts';

/** What the tracker answered. */
export interface Stated {
  readonly rateHz?: number;
  readonly tickFrequency?: bigint;
}

/** What a second of records tells. */
export interface Sampling {
  readonly rateHz: number;
  readonly clock: DeviceClock;
}

/** A second tells the rate and the clock; one that was disturbed has two more. */
const SECOND_S = 1;
const TRIES = 3;
/** A longer step is a break, and not the tracker's rate. */
const BREAK_S = 0.5;
const LATE_S = 1;
const MOST_RECORDS = 1000;

/** Holds the records of a connection until it is known how the tracker samples, so that none is lost. */
export class LeadIn {
  sampling: Sampling | undefined;
  #records: PlacedRecord[] = [];
  /** Where the present try begins among the records. */
  #from = 0;
  #tries = 0;
  readonly #drop: (record: PlacedRecord) => void;

  /** `drop` is told of the records that repeat another, or lie before a break. */
  constructor(drop: (record: PlacedRecord) => void) {
    this.#drop = drop;
  }

  get records(): readonly PlacedRecord[] {
    return this.#records;
  }

  /** Of the records. */
  get durationS(): number {
    const [first, last] = [this.#records[0], this.#records.at(-1)];
    return first && last ? last.timeS - first.timeS : 0;
  }

  /** No tracker sends so many within the seconds of a lead-in. */
  get isFull(): boolean {
    return this.#records.length >= MOST_RECORDS;
  }

  /** @throws RATE_UNSUPPORTED for three seconds that are at no known rate. */
  push(record: PlacedRecord, stated: Stated): void {
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
    if (!this.sampling) this.#measure(record, stated);
  }

  /** Hands out what was held; the next record begins a new lead-in. */
  release(): PlacedRecord[] {
    const records = this.#records;
    this.#records = [];
    this.#from = this.#tries = 0;
    this.sampling = undefined;
    return records;
  }

  /** What is held belongs to nothing. */
  clear(): void {
    for (const record of this.release()) this.#drop(record);
  }

  #measure(last: PlacedRecord, { rateHz: statedHz, tickFrequency }: Stated): void {
    const first = this.#records[this.#from]!;
    if (last.timeS - first.timeS < SECOND_S && !this.isFull) return;
    const clock = deviceClock(first, last, tickFrequency);
    const measuredHz = ((last.count - first.count) * 1e6) / (clock(last)! - clock(first)!);
    const rateHz = nominalRate(measuredHz, statedHz);
    if (rateHz !== undefined) this.sampling = { rateHz, clock };
    else if (++this.#tries === TRIES || this.isFull) throw rateRefusal(measuredHz, statedHz);
    this.#from = this.#records.length - 1;
  }
}
