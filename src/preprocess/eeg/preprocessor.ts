/**
 * From raw EEG to feature rows: electrodes by label, gaps, 200 Hz, filters, windows, bad channels, reference,
 * differential entropy. All settings come from the manifest.
 */
import { AffectEdgeError } from '../../errors.ts';
import { canonicalLabel, electrodePosition, pickElectrodes } from '../../montage.ts';
import type { StreamInfo } from '../../samples.ts';
import type { Preprocessor } from '../preprocessor.ts';
import { type MakeValues, SignalPath } from '../signal/signal-path.ts';
import { EEG_RATE_HZ, type EegPreprocessConfig } from './config.ts';
import { Entropy } from './entropy.ts';
import { Repair } from './repair.ts';

/** Share of the device's rate that the resampler passes unchanged (for rates up to 200 Hz). */
const PASS_SHARE = 0.4;
/** The filters ring for this long after a start. */
const SETTLING_S = 2;
/**
 * Largest plausible amplitude after the high-pass. Blinks and jaw muscles stay below 1 mV, and mains of `loudUv` below a peak
 * of 1.41 mV; more comes from the electrode or the amplifier.
 */
const LIMIT_UV = 1500;
/**
 * A high-pass at 0.3 Hz leaves less than 1.5 % of a disturbance after this time: of LIMIT_UV 20 uV, at frequencies below
 * every band. A lower cut-off takes longer in proportion; a higher one rings nearer to the bands and gets the same time.
 * (The settling after a start is shorter, because the step there is no larger than the signal itself.)
 */
const RINGING_S = 7;
const RINGING_PERIODS = RINGING_S * 0.3;

/**
 * Throws MONTAGE_MISSING_ELECTRODE for an electrode that the device lacks, RATE_UNSUPPORTED for a rate that can't be
 * resampled or doesn't carry the bands, CONFIG_INVALID for settings that contradict each other.
 */
export function createEegPreprocessor(config: EegPreprocessConfig, info: StreamInfo): Preprocessor {
  checkRate(config, info);
  const own = info.channels.map(({ label }) => label);
  const labels = config.montage ?? own.map(canonicalLabel);
  const size = Math.round(config.window_s * EEG_RATE_HZ);
  const passHz = PASS_SHARE * info.sampleRateHz;
  return new SignalPath(
    {
      modality: 'eeg',
      info,
      picks: config.montage ? pickElectrodes(config.montage, own) : own.map((_, c) => c),
      labels,
      gridHz: EEG_RATE_HZ,
      filter: {
        highPassHz: config.high_pass_hz,
        lowPassHz: config.low_pass_hz !== null && config.low_pass_hz <= passHz ? config.low_pass_hz : null,
        notchHz: config.notch_hz,
        bandsHz: config.method === 'filterbank' ? config.bands.map(([, lo, hi]) => [lo, hi]) : [],
      },
      size,
      hop: Math.round(config.hop_s * EEG_RATE_HZ),
      settling: SETTLING_S * EEG_RATE_HZ,
      limitUv: LIMIT_UV,
      ringing: Math.round(ringingS(config) * EEG_RATE_HZ),
      passHz,
    },
    entropyOf(config, labels, size),
  );
}

/** Replaces bad channels, re-references, and computes differential entropy. */
function entropyOf(config: EegPreprocessConfig, labels: readonly string[], size: number): MakeValues {
  const channels = labels.length;
  const repair = new Repair({
    channels,
    size,
    positions: config.bad_channels === 'interpolate' ? labels.map(electrodePosition) : null,
    averageReference: config.reference === 'average',
  });
  const entropy = new Entropy({ channels, size, method: config.method, bands: config.bands });
  return ({ layers, offset, stride }, bad) => {
    const interpolated = repair.replaceable(bad);
    const signals = config.method === 'filterbank' ? layers.slice(2) : [layers[1]!];
    return {
      values: entropy.compute(
        signals.map((data) => ({ data, offset, stride })),
        (signal) => repair.apply(signal, bad, interpolated),
      ),
      interpolated,
    };
  };
}

function ringingS({ high_pass_hz }: EegPreprocessConfig): number {
  return high_pass_hz === null ? RINGING_S : Math.max(RINGING_S, RINGING_PERIODS / high_pass_hz);
}

function checkRate(config: EegPreprocessConfig, info: StreamInfo): void {
  const topHz = Math.max(...config.bands.map(([, , hi]) => hi));
  if (info.sampleRateHz * PASS_SHARE < topHz) {
    throw new AffectEdgeError(
      'RATE_UNSUPPORTED',
      `the signal (${info.deviceId}) is sampled at ${info.sampleRateHz} Hz, but bands up to ${topHz} Hz need at least ` +
        `${topHz / PASS_SHARE} Hz: the device or recording must be sampled faster, or the model have lower bands`,
    );
  }
}
