import { z } from 'zod';
import { GAZE_ALGORITHMS } from '../../gaze/config.ts';
import { PUPIL_UNITS } from '../../gaze/geometry.ts';
import { EYE_FEATURE_COUNTS, EYE_TRAILING_S } from './features.ts';

/** `causal-30s` is made here. `seed-trial` names the SEED data sets' own tables, whose features 25 to 33 know the whole trial. */
export const EYE_METHODS = ['causal-30s', 'seed-trial'] as const;

/** All that turns raw gaze into feature rows: part of an eye model's manifest, and what makes the eye preprocessor. */
export const eyePreprocessConfigSchema = z.strictObject({
  method: z.enum(EYE_METHODS).default('causal-30s'),
  /** `ivt`: by velocity; `idt`: by dispersion. */
  algorithm: z.enum(GAZE_ALGORITHMS).default('ivt'),
  window_s: z.number().min(1).max(EYE_TRAILING_S).default(4),
  hop_s: z.number().min(0.25).max(EYE_TRAILING_S).default(1),
  /** 31: without 19 and 20, the blinks' duration. */
  features: z.literal(EYE_FEATURE_COUNTS).default(33),
  /** Of the features 1 to 4 (5 to 12 are its logarithm): a tracker with another unit is refused. */
  pupil_unit: z.enum(PUPIL_UNITS).default('mm'),
  /**
   * The features 1 and 2 are what a pupil has beyond its mean over the first so many seconds in which it is seen, so that
   * the room's light and the wearer's own size fall out; absent: its diameter as it is.
   */
  pupil_baseline_s: z.number().min(1).max(300).optional(),
});
export type EyePreprocessConfig = z.infer<typeof eyePreprocessConfigSchema>;
