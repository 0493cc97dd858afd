/** Gaze statistics of a simulated person over time, with the EEG's ticks and emotions. */

import { Random } from '../../random.ts';
import { type EmotionSchedule, emotionSegments, trialIntensity } from '../emotion.ts';
import { Level } from '../level.ts';
import { PRESETS, type PresetName } from '../presets.ts';
import { LEAD_IN_TICKS, TICKS_PER_S } from '../sources.ts';
import { Transition } from '../transition.ts';
import { GAZE_PRESETS, GAZE_STATISTIC_NAMES, GAZE_STATISTICS, type GazeStatistic } from './statistics.ts';

export interface GazeOptions {
  /** Sets everything that differs between recordings; the EEG's seed where both are recorded together. */
  readonly seed: number;
  /** The person. */
  readonly subject: number;
  readonly preset: PresetName;
  readonly schedule: EmotionSchedule;
}

export class GazeState {
  readonly #transition: Transition;
  readonly #levels: readonly { readonly name: GazeStatistic; readonly rest: number; readonly level: Level }[];
  readonly #values = {} as Record<GazeStatistic, number>;
  #tick = -LEAD_IN_TICKS;

  constructor({ seed, subject, preset, schedule }: GazeOptions) {
    const { effect, subject: subjectSd, trial, wander, wanderS } = GAZE_PRESETS[preset];
    const { intensitySd } = PRESETS[preset];
    const transition = new Transition(emotionSegments(seed, schedule));
    this.#transition = transition;
    this.#levels = GAZE_STATISTIC_NAMES.map((name) => {
      const { rest, spread, effects } = GAZE_STATISTICS[name];
      const person = subjectSd * new Random('subject', subject, 'gaze', name).normal();
      const level = new Level({
        transition,
        segmentLevel: ({ index, emotion }) =>
          spread *
          (effect * effects[emotion] * trialIntensity(seed, index, intensitySd) +
            trial * new Random(seed, 'trial', index, 'gaze', name).normal()),
        wanderSd: spread * wander,
        wanderS,
        random: new Random(seed, 'wander', 'gaze', name),
      });
      return { name, rest: rest * Math.exp(spread * person), level };
    });
    while (this.#tick < 0) this.advance();
  }

  /** End of the newest tick in seconds; 0 at the start. */
  get timeS(): number {
    return this.#tick / TICKS_PER_S;
  }

  /** Values at the newest tick; always the same object. */
  get values(): Readonly<Record<GazeStatistic, number>> {
    return this.#values;
  }

  advance(): void {
    this.#tick++;
    this.#transition.advance();
    for (const { name, rest, level } of this.#levels) this.#values[name] = rest * Math.exp(level.next());
  }
}
