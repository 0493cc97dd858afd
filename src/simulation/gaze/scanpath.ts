/** Fixations, saccades and blinks of a simulated person in order, as an event detector would report them. */

import { Random } from '../../random.ts';
import type { GazeState } from './state.ts';
import {
  BLINK_CV,
  DISPERSION_CV,
  FIXATION_CV,
  SACCADE_CV,
  SACCADE_DURATION_CV,
  SHORTEST_FIXATION_MS,
  saccadeMs,
  VERTICAL_DISPERSION,
} from './statistics.ts';

interface Timed {
  readonly startS: number;
  readonly endS: number;
}
export type GazeEvent =
  | (Timed & { readonly kind: 'fixation'; readonly dispersionDeg: readonly [x: number, y: number] })
  | (Timed & { readonly kind: 'saccade'; readonly amplitudeDeg: number })
  | (Timed & { readonly kind: 'blink' });

export class Scanpath {
  readonly #random: Random;
  /** Start of the next event, and whether it is a saccade: a saccade follows a fixation that no blink ended. */
  #atS = 0;
  #moves = false;
  /** Progress to the next blink of a Poisson process; above 0 a blink is due. */
  #due = 0;

  constructor(seed: number) {
    this.#random = new Random(seed, 'scanpath');
    this.#due = Math.log(1 - this.#random.uniform());
  }

  /** Events that start before the state's time, drawn with its statistics; called at every tick. */
  advance(state: GazeState): GazeEvent[] {
    const events: GazeEvent[] = [];
    while (this.#atS < state.timeS) events.push(this.#next(state));
    return events;
  }

  #next({ values }: GazeState): GazeEvent {
    const startS = this.#atS;
    const lasting = (ms: number): Timed => {
      this.#atS = startS + ms / 1000;
      this.#due += ((this.#atS - startS) * values.blinksPerMin) / 60;
      return { startS, endS: this.#atS };
    };
    // A blink waits for the end of the current fixation, and another fixation follows it.
    if (this.#due > 0 && this.#moves) {
      const blink = lasting(this.#around(values.blinkMs, BLINK_CV));
      this.#due = Math.log(1 - this.#random.uniform());
      this.#moves = false;
      return { kind: 'blink', ...blink };
    }
    const moves = this.#moves;
    this.#moves = !moves;
    if (moves) {
      const amplitudeDeg = this.#around(values.saccadeDeg, SACCADE_CV);
      const ms = this.#around(saccadeMs(amplitudeDeg) * values.saccadeSlowing, SACCADE_DURATION_CV);
      return { kind: 'saccade', amplitudeDeg, ...lasting(ms) };
    }
    const dispersionDeg = [
      this.#around(values.dispersionDeg, DISPERSION_CV),
      this.#around(values.dispersionDeg * VERTICAL_DISPERSION, DISPERSION_CV),
    ] as const;
    const ms = Math.max(SHORTEST_FIXATION_MS, this.#around(values.fixationMs, FIXATION_CV));
    return { kind: 'fixation', dispersionDeg, ...lasting(ms) };
  }

  /** Log-normal random number with the given mean and coefficient of variation. */
  #around(mean: number, cv: number): number {
    const variance = Math.log(1 + cv ** 2);
    return mean * Math.exp(Math.sqrt(variance) * this.#random.normal() - variance / 2);
  }
}
