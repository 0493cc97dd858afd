/** How soon it follows, once settled. */
const TIME_CONSTANT_S = 0.5;
/** Before there is any sample: the median speed of a steady eye on a good tracker, degrees per second. */
const FIRST = 6;

/**
 * A running median of positive numbers, by stochastic approximation (Robbins & Monro 1951) of its logarithm: a number
 * above it moves it up and one below it down, by the same factor, so that saccades don't drag it along. The steps begin
 * large, as 1 / n, so that a noisy tracker is known after some tens of samples.
 */
export class RunningMedian {
  readonly #lastStep: number;
  /** Numbers so far, the median's logarithm, the median. */
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
