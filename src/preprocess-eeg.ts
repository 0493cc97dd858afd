/**
 * From raw EEG to feature rows: electrodes by label, gaps, 200 Hz, filters, windows, bad channels, reference,
 * differential entropy. A manifest's settings make it; nothing else does.
 */
import { AffectEdgeError } from './errors.ts';
import { canonicalLabel, electrodePosition, pickElectrodes } from './montage.ts';
import type { Preprocessor } from './preprocess.ts';
import type { EegPreprocessConfig } from './preprocess-eeg-config.ts';
import type { StreamInfo } from './samples.ts';
import { Entropy } from './stages/entropy.ts';
import { GRID_HZ } from './stages/grid.ts';
import { Repair } from './stages/repair.ts';
import { type MakeValues, SignalPath } from './stages/signal-path.ts';

/** Share of the device's rate up to which its signal reaches the grid unchanged (for rates up to 200 Hz). */
const PASS_SHARE = 0.4;

/**
 * Throws MONTAGE_MISSING_ELECTRODE for an electrode that the device lacks, RATE_UNSUPPORTED for a rate that can't be
 * resampled or doesn't carry the bands, CONFIG_INVALID for settings that contradict each other.
 */
export function createEegPreprocessor(config: EegPreprocessConfig, info: StreamInfo): Preprocessor {
  checkRate(config, info);
  const own = info.channels.map(({ label }) => label);
  const labels = config.montage ?? own.map(canonicalLabel);
  const size = Math.round(config.window_s * GRID_HZ);
  const passHz = PASS_SHARE * info.sampleRateHz;
  return new SignalPath(
    {
      info,
      picks: config.montage ? pickElectrodes(config.montage, own) : own.map((_, c) => c),
      labels,
      gridHz: GRID_HZ,
      filter: {
        highPassHz: config.high_pass_hz,
        lowPassHz: config.low_pass_hz !== null && config.low_pass_hz <= passHz ? config.low_pass_hz : null,
        notchHz: config.notch_hz,
        bands: config.method === 'filterbank' ? config.bands : [],
      },
      size,
      hop: Math.round(config.hop_s * GRID_HZ),
      passHz,
    },
    entropyOf(config, labels, size),
  );
}

/** Bad channels replaced, the reference, and differential entropy. */
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
