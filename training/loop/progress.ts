/** How far a run is, in shares of its work. */
export interface Shares {
  /** Share of the whole run that is done now, and that was done when the run was resumed. */
  readonly done: number;
  readonly resumed: number;
  /** Shares since the last report: work done, and work skipped because an earlier network stopped early. */
  readonly advanced: number;
  readonly skipped: number;
}

/** Adds up work over the folds of a run, in any unit that all of them share. */
export class ProgressMeter<Fold extends { readonly total: number }> {
  /** Work of all folds before each one. */
  readonly #before: readonly number[];
  readonly #total: number;
  readonly #resumed: number;
  #reported: number;

  /** `folds` with their work: the first `finished` ones are done, and `begun` gives what is done of the next one. */
  constructor(folds: readonly Fold[], finished: number, begun: (fold: Fold) => number) {
    let total = 0;
    this.#before = folds.map((fold) => {
      const before = total;
      total += fold.total;
      return before;
    });
    this.#total = total;
    const next = folds[finished];
    this.#resumed = next === undefined ? total : this.#before[finished]! + begun(next);
    this.#reported = this.#resumed;
  }

  /** After `within` of a fold's work. Reports follow each other by `unit`, unless work between them was skipped. */
  at(fold: number, within: number, unit: number): Shares {
    const done = this.#before[fold]! + within;
    const advanced = Math.min(done - this.#reported, unit);
    const skipped = done - this.#reported - advanced;
    this.#reported = done;
    const share = (value: number) => value / this.#total;
    return { done: share(done), resumed: share(this.#resumed), advanced: share(advanced), skipped: share(skipped) };
  }
}
