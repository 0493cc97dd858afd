/**
 * Left and right exchanged, by mistake of wiring: both eyes look at the same point, so a left gaze that lies far right of
 * the right one for most of the time is told, and not undone.
 */

/** Beyond what a calibration is off by. */
const CROSSED_DEG = 2;

export class EyeOrder {
  #pairs = 0;
  #crossed = 0;

  /** Samples in which both eyes were seen. */
  get pairs(): number {
    return this.#pairs;
  }

  /** Both gazes along x in degrees; NaN: not seen. */
  push(left: number, right: number): void {
    const apart = left - right;
    if (Number.isNaN(apart)) return;
    this.#pairs++;
    if (apart > CROSSED_DEG) this.#crossed++;
  }

  reset(): void {
    this.#pairs = this.#crossed = 0;
  }

  /** What to tell the user, if there is something. */
  get doubt(): string | undefined {
    if (2 * this.#crossed <= this.#pairs) return undefined;
    return `the left eye's gaze lies more than ${CROSSED_DEG} degrees right of the right eye's: ${SWAPPED}`;
  }
}

export const SWAPPED = 'left and right may be exchanged; events use their mean, but pupils would be mixed up';
