/**
 * The pupils' diameter in the light of the room: the mean of the first seconds in which a pupil is seen. Taken off the
 * diameters (subtractive baseline correction; Mathot, Fabius, Van Heusden & Van der Stigchel 2018), it leaves what the
 * session adds to light and to the wearer's own size.
 */
export class PupilBaseline {
  readonly #samples: number;
  readonly #sums: [x: number, y: number] = [0, 0];
  readonly #counts: [x: number, y: number] = [0, 0];

  /** `samples`: seen ones that a pupil's mean is made of; 0: no baseline, nothing is taken off. */
  constructor(samples: number) {
    this.#samples = samples;
  }

  /** The diameters of the pupils X and Y at the next sample; NaN: not seen. */
  push(x: number, y: number): void {
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
