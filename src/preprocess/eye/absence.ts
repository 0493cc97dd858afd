/** Where the eyes were away for so long that what follows is a new beginning. */

/** Shorter is a blink or a track loss. */
export const ABSENCE_S = 2;

interface Absence {
  readonly from: number;
  readonly to: number;
  /** The tracker worked and saw no eyes; else its samples never came. */
  readonly isUnworn: boolean;
}

/** As of a sample: nothing that came behind it changes the answer. */
export interface Presence {
  /** Since when the eyes, or at least the samples, are there; equal to the sample asked for where they aren't. */
  readonly since: number;
  /** Before this sample no eyes were seen for 2 s. */
  readonly wornSince: number;
}

export class EyeAbsence {
  readonly #shortest: number;
  /** In the order of their ends. */
  #absences: Absence[] = [];
  /** The stretch without eyes under way: [start, end) so far; -1: none. */
  #start = -1;
  #end = -1;

  constructor(rateHz: number) {
    this.#shortest = Math.ceil(ABSENCE_S * rateHz - 1e-6);
  }

  /** Sample n, which came. Samples that never came are part of a stretch that goes on behind them. */
  push(n: number, hasEyes: boolean): void {
    if (hasEyes) {
      if (this.#start !== -1) this.#keep({ from: this.#start, to: this.#end, isUnworn: true });
      this.#start = -1;
    } else {
      if (this.#start === -1) this.#start = n;
      this.#end = n + 1;
    }
  }

  /** The samples [from, to) never came. */
  skip(from: number, to: number): void {
    this.#keep({ from, to, isUnworn: false });
  }

  /** Before sample `at`, which no later question precedes. `first`: the stream's first sample. */
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

  /** No question to come reaches back before `at`. */
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
