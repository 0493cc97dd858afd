/** What of a simulated emotion DEAP's two scales would ask. */
import type { Emotion } from '../../src/simulation/emotion.ts';
import type { Target } from './config.ts';

/** Of either target, in the order of the classes. */
export const LEVELS = ['low', 'high'] as const;

/** Each emotion is a place on both scales. */
export const HIGH: Readonly<Record<Emotion, Readonly<Record<Target, boolean>>>> = {
  negative: { valence: false, arousal: true },
  neutral: { valence: false, arousal: false },
  positive: { valence: true, arousal: true },
};
