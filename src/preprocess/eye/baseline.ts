/** After this long without a pupil another may sit there, in another light. */
const NEXT_WEARER_S = 30;

/**
 * The pupils' diameter in the light of the room: the mean of the first seconds in which a pupil is seen. Taken off the
 * diameters (subtractive baseline correction; Mathot, Fabius, Van Heusden & Van der Stigchel 2018), it leaves what the
 * session adds to light and to the wearer's own size.
 */
export class PupilBaseline {
  readonly #samples: number;
  readonly #longestAbsence: number;
  /** The last sample with a pupil. */
  #seen = 0;
  readonly #sums: [x: number, y: number] = [0, 0];
  readonly #counts: [x: number, y: number] = [0, 0];

  /** `samples`: seen ones that a pupil's mean is made of; 0: no baseline, nothing is taken off. */
  constructor(samples: number, rateHz: number) {
    this.#samples = samples;
    this.#longestAbsence = NEXT_WEARER_S * rateHz;
  }

  /** The diameters of the pupils X and Y at sample n; NaN: not seen. */
  push(n: number, x: number, y: number): void {
    if (Number.isNaN(x) && Number.isNaN(y)) return;
    if (n - this.#seen > this.#longestAbsence) this.reset();
    this.#seen = n;
    this.#add(0, x);
    this.#add(1, y);
  }

  /** Either pupil has been seen long enough. */
  get isKnown(): boolean {
    return Math.max(...this.#counts) >= this.#samples;
  }

  /** To take off: a pupil that has not been seen long enough has the other one's; 0 while none is known. */
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
