/**
 * Detects left and right eyes that were exchanged, for example by wiring: both eyes look at the same point, so a left gaze
 * that lies far right of the right one most of the time is reported. The data is not changed.
 */

/** More than a calibration error. */
const CROSSED_DEG = 2;

export class EyeOrder {
  #pairs = 0;
  #crossed = 0;

  /** Number of samples in which both eyes had a gaze. */
  get pairs(): number {
    return this.#pairs;
  }

  /** Horizontal gaze of both eyes in degrees; NaN: missing. */
  push(leftXDeg: number, rightXDeg: number): void {
    const apart = leftXDeg - rightXDeg;
    if (Number.isNaN(apart)) return;
    this.#pairs++;
    if (apart > CROSSED_DEG) this.#crossed++;
  }

  reset(): void {
    this.#pairs = this.#crossed = 0;
  }

  /** Undefined where the order is plausible. */
  get warning(): string | undefined {
    if (2 * this.#crossed <= this.#pairs) return undefined;
    return `the left eye's gaze lies more than ${CROSSED_DEG} degrees right of the right eye's: ${SWAPPED}`;
  }
}

export const SWAPPED = 'left and right may be exchanged; events use their mean, but pupils would be mixed up';
