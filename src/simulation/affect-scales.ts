/** Maps simulated emotions to low or high valence and arousal, the two scales of DEAP. */

import type { Emotion } from './emotion.ts';

export const AFFECT_SCALES = ['valence', 'arousal'] as const;
export type AffectScale = (typeof AFFECT_SCALES)[number];

/** Levels of either scale, in the order of a model's classes. */
export const LEVELS = ['low', 'high'] as const;

/** Whether an emotion is high on a scale. */
export const HIGH: Readonly<Record<Emotion, Readonly<Record<AffectScale, boolean>>>> = {
  negative: { valence: false, arousal: true },
  neutral: { valence: false, arousal: false },
  positive: { valence: true, arousal: true },
};
