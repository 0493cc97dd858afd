/** What preprocessing hands on: one row of features per window, with everything that a decision needs to doubt it. */

export const BAD_CHANNEL_REASONS = ['flat', 'railed', 'line_noise', 'outlier', 'missing'] as const;
export type BadChannelReason = (typeof BAD_CHANNEL_REASONS)[number];

export interface ChannelQuality {
  readonly label: string;
  /** null: good. `missing` means NaN in the input. */
  readonly bad: BadChannelReason | null;
  /** True where the window holds an interpolation by spherical splines in place of this channel. */
  readonly interpolated: boolean;
  /** Root mean square after the filters, in microvolts. */
  readonly rmsUv: number;
}

export interface EyeQuality {
  /** False where the eyes were away for 2 s or longer and this reaches into the window: not a blink, not a short loss. */
  readonly worn: boolean;
  /** Share of the window in which the pupil X was seen, and Y. */
  readonly pupils: readonly [x: number, y: number];
  /** Share of the trailing pupil trace, of the better pupil, that was measured clear of blinks: the spectra stand on it. */
  readonly traced: number;
}

export interface FeatureWindow {
  /** Place on the stream's hop grid: the window starts at `index * hop_s` seconds. */
  readonly index: number;
  /** First sample and one past the last, on the DEVICE's sample index (fractional where the rates do not divide). */
  readonly startSample: number;
  readonly endSample: number;
  /** The last device sample the window's values depend on (resampler look-ahead included): latency counts from its arrival. */
  readonly neededSample: number;
  /**
   * EEG: [channels * bands], channel-major: `ch * bands + band`. Eyes: the 33 (31) in the order of EYE_FEATURES. EOG: the
   * window's samples in uV, [channels * samples].
   */
  readonly values: Float32Array;
  /** Share of the window that is neither inside a declared gap nor inside a settling time; of the eyes, with a valid gaze. */
  readonly coverage: number;
  /** Device samples lost inside the window, those filled by interpolation included. */
  readonly lost: number;
  /** True where coverage < 1 only because of the settling after the stream's own start. */
  readonly warmup: boolean;
  /** Empty for eye movement. */
  readonly channels: readonly ChannelQuality[];
  /** Null for every other signal. */
  readonly eyes: EyeQuality | null;
}
