/** Time constant once it has settled. */
const TIME_CONSTANT_S = 0.5;
/** Initial value in degrees per second: the median speed of a steady eye on a good tracker. */
const FIRST = 6;

/**
 * A running median of positive numbers, by stochastic approximation (Robbins & Monro 1951) of its logarithm: a number
 * above the median raises it and one below lowers it by the same factor, so that saccades have little effect. The first
 * steps are large (1 / n), so that it adapts to a noisy tracker within tens of samples.
 */
export class RunningMedian {
  readonly #lastStep: number;
  /** Count of numbers, logarithm of the median, median. */
  readonly #state = Float64Array.of(0, Math.log(FIRST), FIRST);

  constructor(rateHz: number) {
    this.#lastStep = 0.5 / (TIME_CONSTANT_S * rateHz);
  }

  get value(): number {
    return this.#state[2]!;
  }

  push(value: number): void {
    const state = this.#state;
    const step = Math.max(this.#lastStep, 1 / (++state[0]! + 2));
    state[1]! += value > state[2]! ? step : -step;
    state[2] = Math.exp(state[1]!);
  }

  reset(): void {
    this.#state.set([0, Math.log(FIRST), FIRST]);
  }
}
