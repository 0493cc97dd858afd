import { z } from 'zod';
import { GAZE_ALGORITHMS } from '../../gaze/config.ts';
import { PUPIL_UNITS } from '../../gaze/geometry.ts';
import { EYE_FEATURE_COUNTS, EYE_TRAILING_S } from './features.ts';

/** `causal-30s` is computed here. `seed-trial` names the SEED data sets' own tables, whose features 25 to 33 use the whole trial. */
const EYE_METHODS = ['causal-30s', 'seed-trial'] as const;

/** All settings from raw gaze to feature rows: part of every eye model's manifest. */
export const eyePreprocessConfigSchema = z.strictObject({
  method: z.enum(EYE_METHODS).default('causal-30s'),
  /** `ivt`: by velocity; `idt`: by dispersion. */
  algorithm: z.enum(GAZE_ALGORITHMS).default('ivt'),
  window_s: z.number().min(1).max(EYE_TRAILING_S).default(4),
  hop_s: z.number().min(0.25).max(EYE_TRAILING_S).default(1),
  /** 31: without features 19 and 20, the blink duration. */
  features: z.literal(EYE_FEATURE_COUNTS).default(33),
  /** Unit of features 1 to 4 (5 to 12 are on its logarithm); a tracker with another unit is refused. */
  pupil_unit: z.enum(PUPIL_UNITS).default('mm'),
  /**
   * Features 1 and 2 are relative to the pupil's mean over its first measured seconds of this number, which removes the
   * effect of the room's light and of the wearer's pupil size; absent: the diameter itself.
   */
  pupil_baseline_s: z.number().min(1).max(300).optional(),
});
export type EyePreprocessConfig = z.infer<typeof eyePreprocessConfigSchema>;
