/** Amplitude of one generator relative to the person's rest, in dB, a tick at a time: emotion, trial and wandering. */
import { EMOTION_EFFECTS, type Preset, type Region, type Rhythm } from './presets.ts';
import { Random } from './random.ts';
import { TICKS_PER_S } from './sources.ts';
import type { Transition } from './transition.ts';

/** Which generator: the seed names the session. */
interface GeneratorName {
  readonly seed: number;
  readonly rhythm: Rhythm;
  readonly region: Region;
  readonly site: string;
}

export class Level {
  readonly #name: GeneratorName;
  readonly #preset: Preset;
  readonly #transition: Transition;
  readonly #random: Random;
  /** Share of the wandering that is left after a tick. */
  readonly #keep: number;
  #wander: number;
  #index: number;
  #fromDb: number;
  #toDb: number;

  constructor(name: GeneratorName, preset: Preset, transition: Transition) {
    this.#name = name;
    this.#preset = preset;
    this.#transition = transition;
    this.#random = new Random(name.seed, 'wander', name.rhythm, name.site);
    this.#keep = Math.exp(-1 / (preset.wanderS * TICKS_PER_S));
    this.#wander = preset.wanderDb * this.#random.normal();
    this.#index = transition.segment.index;
    this.#toDb = this.#segmentDb();
    this.#fromDb = this.#toDb;
  }

  /** At the transition's tick; to be called once for each. */
  next(): number {
    if (this.#transition.segment.index !== this.#index) {
      this.#index = this.#transition.segment.index;
      this.#fromDb = this.#toDb;
      this.#toDb = this.#segmentDb();
    }
    // An Ornstein-Uhlenbeck process, exact for any step.
    this.#wander =
      this.#keep * this.#wander + this.#preset.wanderDb * Math.sqrt(1 - this.#keep ** 2) * this.#random.normal();
    return this.#fromDb + (this.#toDb - this.#fromDb) * this.#transition.progress + this.#wander;
  }

  /** What the segment adds: its emotion's effect, and what is particular to the trial. */
  #segmentDb(): number {
    const { seed, rhythm, region, site } = this.#name;
    const { index, emotion } = this.#transition.segment;
    const { effectDb, trialDb } = this.#preset;
    const effect = EMOTION_EFFECTS[emotion][rhythm]?.includes(region) ? effectDb : 0;
    const everywhere = new Random(seed, 'trial', index, rhythm).normal();
    const here = new Random(seed, 'trial', index, rhythm, site).normal();
    return effect + trialDb * (everywhere + here);
  }
}
