/** One row of features per window, with all that the decision needs to know about its quality. */

const BAD_CHANNEL_REASONS = ['flat', 'railed', 'line_noise', 'outlier', 'missing'] as const;
/**
 * What is wrong with an electrode: `flat` no contact or shorted, `railed` the amplifier clips, `line_noise` poor contact,
 * `outlier` unlike the other electrodes, `missing` no samples.
 */
export type BadChannelReason = (typeof BAD_CHANNEL_REASONS)[number];

export interface ChannelQuality {
  readonly label: string;
  /** null: good. `missing` means NaN in the input. */
  readonly bad: BadChannelReason | null;
  /** Whether this channel was replaced by spherical-spline interpolation in this window. */
  readonly interpolated: boolean;
  /** Root mean square after the filters, in microvolts. */
  readonly rmsUv: number;
}

export interface SignalQuality {
  readonly modality: 'eeg' | 'eog';
  readonly channels: readonly ChannelQuality[];
}

/** How well the eye tracker saw the eyes in one window. */
export interface EyeQuality {
  readonly modality: 'eye';
  /** False where no eyes were tracked for 2 s or longer and this period reaches into the window. */
  readonly worn: boolean;
  /** Share of the window in which pupil X, and pupil Y, was measured. */
  readonly pupils: readonly [x: number, y: number];
  /** Share of the trailing pupil trace (of the better pupil) that was measured clear of blinks; the spectra rest on it. */
  readonly traced: number;
}

type WindowQuality = SignalQuality | EyeQuality;

export interface FeatureWindow {
  /** Position on the stream's hop grid: the window starts at `index * hop_s` seconds. */
  readonly index: number;
  /** First sample and one past the last, on the DEVICE's sample index (fractional where the rates do not divide). */
  readonly startSample: number;
  readonly endSample: number;
  /** The last device sample that the values depend on, resampler look-ahead included; latency counts from its arrival. */
  readonly neededSample: number;
  /**
   * EEG: [channels * bands], channel-major: `ch * bands + band`. Eye movement: 33 (31) features in the order of
   * EYE_FEATURES. EOG: the window's samples in microvolts, [channels * samples].
   */
  readonly values: Float32Array;
  /** EEG and EOG: share of the window outside of declared gaps and settling. Eye movement: share with a valid gaze. */
  readonly coverage: number;
  /** Device samples lost inside the window, those replaced by interpolation included. */
  readonly lost: number;
  /** True where coverage < 1 only because of the settling after the stream's own start. */
  readonly warmup: boolean;
  readonly quality: WindowQuality;
}
