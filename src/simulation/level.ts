/**
 * A level relative to rest, one tick at a time: the level of each segment, blended from one to the next, plus slow
 * wandering.
 */

import type { Random } from '../random.ts';
import type { EmotionSegment } from './emotion.ts';
import { TICKS_PER_S } from './sources.ts';
import type { Transition } from './transition.ts';

export interface LevelOptions {
  readonly transition: Transition;
  /** Level of a segment: its emotion's effect and the trial's own deviation. */
  readonly segmentLevel: (segment: EmotionSegment) => number;
  /** Slow wandering within a trial: standard deviation and time constant. */
  readonly wanderSd: number;
  readonly wanderS: number;
  /** Random numbers of the wandering. */
  readonly random: Random;
}

export class Level {
  readonly #options: LevelOptions;
  /** Share of the wandering that is left after a tick, and standard deviation of the increment. */
  readonly #keep: number;
  readonly #added: number;
  #wander: number;
  #index: number;
  #from: number;
  #to: number;

  constructor(options: LevelOptions) {
    this.#options = options;
    const { transition, segmentLevel, wanderSd, wanderS, random } = options;
    this.#keep = Math.exp(-1 / (wanderS * TICKS_PER_S));
    this.#added = wanderSd * Math.sqrt(1 - this.#keep ** 2);
    this.#wander = wanderSd * random.normal();
    this.#index = transition.segment.index;
    this.#to = segmentLevel(transition.segment);
    this.#from = this.#to;
  }

  /** The level at the transition's tick; called once for each tick. */
  next(): number {
    const { transition, segmentLevel, random } = this.#options;
    if (transition.segment.index !== this.#index) {
      this.#index = transition.segment.index;
      this.#from = this.#to;
      this.#to = segmentLevel(transition.segment);
    }
    // An Ornstein-Uhlenbeck process, exact for any step.
    this.#wander = this.#keep * this.#wander + this.#added * random.normal();
    return this.#from + (this.#to - this.#from) * transition.progress + this.#wander;
  }
}
