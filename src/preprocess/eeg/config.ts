import { z } from 'zod';

/** Sampling rate of the EEG path after resampling. */
export const EEG_RATE_HZ = 200;
/** Above this the resampler's stop band lets higher frequencies alias. */
const TOP_HZ = 75;

/** [name, low edge Hz (included), high edge Hz (excluded)] */
export const bandSchema = z
  .tuple([
    z.string().min(1),
    z.number().nonnegative(),
    z
      .number()
      .positive()
      .max(TOP_HZ, { error: `the signal path carries up to ${TOP_HZ} Hz: choose a lower edge` }),
  ])
  .refine(([, lo, hi]) => lo < hi, { error: 'the low edge comes first, and below the high one' })
  .readonly();
export type Band = z.infer<typeof bandSchema>;

/** The paper's bands (CMCRD, section III). */
export const PAPER_BANDS: readonly Band[] = [
  ['delta', 1, 3],
  ['theta', 4, 7],
  ['alpha', 8, 13],
  ['beta', 14, 30],
  ['gamma', 31, 50],
];

/** The bands of the SEED data sets' own extractor, for the method `bcmi`. */
export const BCMI_BANDS: readonly Band[] = [
  ['delta', 1, 4],
  ['theta', 4, 8],
  ['alpha', 8, 14],
  ['beta', 14, 31],
  ['gamma', 31, 50],
];

export const DE_METHODS = ['fft', 'filterbank', 'bcmi'] as const;
export type DeMethod = (typeof DE_METHODS)[number];

/** A duration of a whole number of samples at 200 Hz. */
const seconds = (shortest: number) =>
  z
    .number()
    .min(shortest)
    .refine((value) => Math.abs(value * EEG_RATE_HZ - Math.round(value * EEG_RATE_HZ)) < 1e-6, {
      error: 'must be a multiple of 0.005 s, one sample at 200 Hz',
    });

/** All settings from raw EEG to feature rows: part of every EEG manifest. */
export const eegPreprocessConfigSchema = z.strictObject({
  /** Electrodes in feature order; null takes the device's own channels. */
  montage: z.array(z.string().min(1)).min(1).nullable().default(null),
  sample_rate_hz: z.literal(EEG_RATE_HZ).default(EEG_RATE_HZ),
  /** Causal Butterworth, order 4; null leaves it out. */
  high_pass_hz: z.number().positive().lt(100).nullable().default(0.3),
  /** Causal Butterworth, order 4; null leaves it out, and so does a device rate that is too low for it. */
  low_pass_hz: z.number().positive().lt(100).nullable().default(75),
  notch_hz: z
    .union([z.literal(50), z.literal(60)])
    .nullable()
    .default(null),
  reference: z.enum(['none', 'average']).default('none'),
  /** `flag` reports bad channels; `interpolate` also replaces them by spherical splines where the montage allows it. */
  bad_channels: z.enum(['flag', 'interpolate']).default('flag'),
  window_s: seconds(0.25).default(4),
  hop_s: seconds(0.25).default(1),
  method: z.enum(DE_METHODS).default('fft'),
  bands: z
    .array(bandSchema)
    .min(1)
    .readonly()
    .default([...PAPER_BANDS]),
});
export type EegPreprocessConfig = z.infer<typeof eegPreprocessConfigSchema>;
