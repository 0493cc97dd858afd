import { z } from 'zod';

/** The electro-oculogram's two bipolar channels, in feature order. */
export const EOG_CHANNELS = ['hEOG', 'vEOG'] as const;
/** Sampling rate of the EOG path after resampling. */
export const EOG_RATE_HZ = 128;

/** A duration of a whole number of samples at 128 Hz. */
const seconds = (shortest: number, longest: number) =>
  z
    .number()
    .min(shortest)
    .max(longest)
    .refine((value) => Number.isInteger(value * EOG_RATE_HZ), {
      error: 'must be a multiple of 1/128 s, one sample at 128 Hz',
    });

/** All settings from raw EOG to windows of samples: part of every EOG manifest. The channels are EOG_CHANNELS. */
export const eogPreprocessConfigSchema = z.strictObject({
  sample_rate_hz: z.literal(EOG_RATE_HZ).default(EOG_RATE_HZ),
  /** Causal Butterworth of order 2; order 4 would ring twice as long after every start. */
  high_pass_hz: z.literal(0.1).default(0.1),
  /** Causal Butterworth, order 4. */
  low_pass_hz: z.literal(45).default(45),
  window_s: seconds(0.5, 30).default(4),
  hop_s: seconds(0.25, 30).default(1),
});
export type EogPreprocessConfig = z.infer<typeof eogPreprocessConfigSchema>;

/** Number of samples in a window, all channels together. */
export function eogWidth({ sample_rate_hz, window_s }: EogPreprocessConfig): number {
  return EOG_CHANNELS.length * Math.round(window_s * sample_rate_hz);
}
