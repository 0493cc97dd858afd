/** After this long without a pupil another person may sit there, in another light. */
const NEXT_WEARER_S = 30;

/**
 * The pupils' diameter in the light of the room: the mean of the first seconds in which a pupil is measured. Subtracting it
 * (subtractive baseline correction; Mathot, Fabius, Van Heusden & Van der Stigchel 2018) removes the effect of light and of
 * the wearer's own pupil size.
 */
export class PupilBaseline {
  readonly #samples: number;
  readonly #longestAbsence: number;
  /** The last sample with a pupil. */
  #seen = 0;
  readonly #sums: [x: number, y: number] = [0, 0];
  readonly #counts: [x: number, y: number] = [0, 0];

  /** @param samples number of measured samples in the mean; 0: no baseline is subtracted */
  constructor(samples: number, rateHz: number) {
    this.#samples = samples;
    this.#longestAbsence = NEXT_WEARER_S * rateHz;
  }

  /** Diameters of the pupils X and Y at sample n; NaN: not measured. */
  push(n: number, x: number, y: number): void {
    if (Number.isNaN(x) && Number.isNaN(y)) return;
    if (n - this.#seen > this.#longestAbsence) this.reset();
    this.#seen = n;
    this.#add(0, x);
    this.#add(1, y);
  }

  /** Whether at least one pupil has been measured long enough. */
  get isKnown(): boolean {
    return Math.max(...this.#counts) >= this.#samples;
  }

  /** The baseline of a pupil; the other pupil's where this one has not been measured long enough; 0 while none is known. */
  of(pupil: 0 | 1): number {
    if (this.#samples === 0 || !this.isKnown) return 0;
    const known = this.#counts[pupil] >= this.#samples ? pupil : pupil === 0 ? 1 : 0;
    return this.#sums[known] / this.#counts[known];
  }

  reset(): void {
    this.#sums.fill(0);
    this.#counts.fill(0);
  }

  #add(pupil: 0 | 1, diameter: number): void {
    if (this.#counts[pupil] >= this.#samples || Number.isNaN(diameter)) return;
    this.#sums[pupil] += diameter;
    this.#counts[pupil]++;
  }
}
