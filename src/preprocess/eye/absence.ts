/** Periods without eyes that are long enough to start anew: another person may sit down. */

/** Shorter periods are blinks or track losses. */
const ABSENCE_S = 2;

interface Absence {
  readonly from: number;
  readonly to: number;
  /** The tracker worked and saw no eyes; false: its samples were lost. */
  readonly isUnworn: boolean;
}

/** The state before a sample; later samples do not change it. */
export interface Presence {
  /** First sample since the last absence of eyes or samples; the sample asked for itself during an absence. */
  readonly since: number;
  /** First sample since the last absence of eyes. */
  readonly wornSince: number;
}

export class EyeAbsence {
  readonly #shortest: number;
  /** In order of their ends. */
  #absences: Absence[] = [];
  /** The current period without eyes: [start, end) so far; -1: none. */
  #start = -1;
  #end = -1;

  constructor(rateHz: number) {
    this.#shortest = Math.ceil(ABSENCE_S * rateHz - 1e-6);
  }

  /** Received sample n. Lost samples are part of a period without eyes that continues after them. */
  push(n: number, hasEyes: boolean): void {
    if (hasEyes) {
      if (this.#start !== -1) this.#keep({ from: this.#start, to: this.#end, isUnworn: true });
      this.#start = -1;
    } else {
      if (this.#start === -1) this.#start = n;
      this.#end = n + 1;
    }
  }

  /** The samples [from, to) were lost. */
  skip(from: number, to: number): void {
    this.#keep({ from, to, isUnworn: false });
  }

  /** State before sample `at`; `at` never decreases. `first`: the stream's first sample. */
  before(at: number, first: number): Presence {
    let [since, wornSince] = [first, first];
    const open = this.#start === -1 ? [] : [{ from: this.#start, to: this.#end, isUnworn: true }];
    for (const { from, to, isUnworn } of [...this.#absences, ...open]) {
      if (at - from < this.#shortest) continue;
      const end = Math.min(to, at);
      since = Math.max(since, end);
      if (isUnworn) wornSince = Math.max(wornSince, end);
    }
    return { since, wornSince };
  }

  /** Forgets absences that ended at or before `at`. */
  dropBefore(at: number): void {
    if (this.#absences.some(({ to }) => to <= at)) this.#absences = this.#absences.filter(({ to }) => to > at);
  }

  reset(): void {
    this.#absences = [];
    this.#start = this.#end = -1;
  }

  #keep(absence: Absence): void {
    if (absence.to - absence.from >= this.#shortest) this.#absences.push(absence);
  }
}
