/**
 * From raw EOG to windows of samples, for training and for live serving: hEOG and vEOG by label, gaps, 128 Hz, band-pass,
 * windows. The windows are nearly the raw signal.
 */
import { AffectEdgeError } from '../../errors.ts';
import type { StreamInfo } from '../../samples.ts';
import type { Preprocessor } from '../preprocessor.ts';
import { type MakeValues, SignalPath } from '../signal/signal-path.ts';
import { EOG_CHANNELS, EOG_RATE_HZ, type EogPreprocessConfig } from './config.ts';

const HIGH_PASS_ORDER = 2;
/**
 * A stream starts in the high-pass filter's steady state for its first sample. Where that sample is a step away from the
 * signal's level, exp(-a t) (cos a t - sin a t) of the step is left after t, with a = 2 pi 0.1 / sqrt 2: less than 2 % after
 * 10 s, a few microvolts for a gaze at the screen's edge.
 */
export const EOG_SETTLING_S = 10;
/**
 * Largest plausible amplitude after the high-pass. EOG is 50 to 3500 uV (Barea et al. 2002), for example a gaze sweep over 90
 * degrees at 20 uV per degree with a blink of 1 mV; more comes from the electrode or the amplifier. After EOG_SETTLING_S
 * less than 5 % of the limit is left.
 */
const LIMIT_UV = 4000;
/** Share of the device's rate, and of the grid's rate where that is lower, that the resampler passes unchanged. */
const PASS_SHARE = 0.4;
const GRID_PASS_SHARE = 0.375;

/**
 * A window's `values` are its samples in uV, channel-major [2 * 512] for 4 s. Takes any stream with channels named hEOG and
 * vEOG: an EOG amplifier, or two inputs of an EEG amplifier.
 * Throws MONTAGE_MISSING_ELECTRODE where one is missing, RATE_UNSUPPORTED for a rate that can't be resampled or doesn't
 * carry the band.
 */
export function createEogPreprocessor(config: EogPreprocessConfig, info: StreamInfo): Preprocessor {
  const picks = pickEogChannels(info);
  checkRate(config, info);
  const { sampleRateHz } = info;
  const size = Math.round(config.window_s * EOG_RATE_HZ);
  return new SignalPath(
    {
      modality: 'eog',
      info,
      picks,
      labels: EOG_CHANNELS,
      gridHz: EOG_RATE_HZ,
      filter: {
        highPassHz: config.high_pass_hz,
        highPassOrder: HIGH_PASS_ORDER,
        lowPassHz: config.low_pass_hz,
        notchHz: null,
        bandsHz: [],
      },
      size,
      hop: Math.round(config.hop_s * EOG_RATE_HZ),
      settling: EOG_SETTLING_S * EOG_RATE_HZ,
      limitUv: LIMIT_UV,
      ringing: EOG_SETTLING_S * EOG_RATE_HZ,
      passHz: sampleRateHz > EOG_RATE_HZ ? GRID_PASS_SHARE * EOG_RATE_HZ : PASS_SHARE * sampleRateHz,
    },
    samplesOf(picks.length, size),
  );
}

/** Indices of hEOG and vEOG among the stream's channels; upper and lower case are the same. */
function pickEogChannels({ deviceId, channels }: StreamInfo): number[] {
  const names = channels.map(({ label }) => label.trim().toLowerCase());
  const picks = EOG_CHANNELS.map((label) => names.indexOf(label.toLowerCase()));
  const missing = EOG_CHANNELS.filter((_, i) => picks[i] === -1);
  if (missing.length === 0) return picks;
  throw new AffectEdgeError(
    'MONTAGE_MISSING_ELECTRODE',
    `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing: ${deviceId} has ` +
      `${channels.map(({ label }) => label).join(' ')}. A biosignal device names its EOG channels hEOG and vEOG itself; ` +
      'for the inputs of an OpenBCI Cyton they are named by --montage, as hEOG,vEOG,C3,C4,P7,P8,O1,O2.',
  );
}

function checkRate({ low_pass_hz }: EogPreprocessConfig, { deviceId, sampleRateHz }: StreamInfo): void {
  // At the grid's own rate nothing is resampled, so the whole band is there.
  if (sampleRateHz === EOG_RATE_HZ || PASS_SHARE * sampleRateHz >= low_pass_hz) return;
  throw new AffectEdgeError(
    'RATE_UNSUPPORTED',
    `the signal (${deviceId}) is sampled at ${sampleRateHz} Hz, but EOG up to ${low_pass_hz} Hz needs at least ` +
      `${low_pass_hz / PASS_SHARE} Hz: the device or recording must be sampled faster`,
  );
}

/** The filtered samples; bad channels are not replaced. */
function samplesOf(channels: number, size: number): MakeValues {
  return ({ layers, offset, stride }, bad) => {
    const filtered = layers[1]!;
    const values = new Float32Array(channels * size);
    for (let c = 0; c < channels; c++) {
      const from = c * stride + offset;
      for (let i = 0; i < size; i++) values[c * size + i] = filtered[from + i]!;
    }
    return { values, interpolated: bad.map(() => false) };
  };
}
