/** The statistics of a simulated person's gaze from moment to moment, on the EEG's clock and under the same emotions. */

import { Random } from '../../random.ts';
import { type EmotionSchedule, emotionSegments, trialIntensity } from '../emotion.ts';
import { Level } from '../level.ts';
import { PRESETS, type PresetName } from '../presets.ts';
import { LEAD_IN_TICKS, TICKS_PER_S } from '../sources.ts';
import { Transition } from '../transition.ts';
import { GAZE_PRESETS, GAZE_STATISTIC_NAMES, GAZE_STATISTICS, type GazeStatistic } from './statistics.ts';

export interface GazeOptions {
  /** Everything that differs from one session to the next; the EEG's own for a recording of both. */
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

  /** Seconds up to the newest tick's end, at the start 0. */
  get timeS(): number {
    return this.#tick / TICKS_PER_S;
  }

  /** At the newest tick; the same object at every tick. */
  get values(): Readonly<Record<GazeStatistic, number>> {
    return this.#values;
  }

  advance(): void {
    this.#tick++;
    this.#transition.advance();
    for (const { name, rest, level } of this.#levels) this.#values[name] = rest * Math.exp(level.next());
  }
}
