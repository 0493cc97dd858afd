/** How far a run is, in shares of its work. */
export interface Shares {
  /** Of the whole run, by now, and before it was taken up again. */
  readonly done: number;
  readonly resumed: number;
  /** Since the last report: work that was done, and that need not be done, as a teacher ended early. */
  readonly advanced: number;
  readonly skipped: number;
}
