/** Makes a bundle's `golden.json`: the training framework's probabilities for a few seconds of raw signal. */
import { isWhole } from '../../src/gaze/geometry.ts';
import { type Golden, type GoldenSignal, goldenFeatures } from '../../src/model/golden.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { SignalGenerator } from '../../src/simulation/generator.ts';

/** Signal after the last window: the EEG's resampler looks ahead, and eye events are detected late. */
const EXTRA_S = 0.5;
/** Number of windows. Eye features over longer spans, and blinks, need several windows to differ. */
const WINDOWS = { eeg: 1, eye: 4, eog: 1 } as const;
const INT16_TOP = 32_767;

export async function makeGolden(
  generator: SignalGenerator,
  manifest: Manifest,
  probabilitiesOf: (rows: readonly Float32Array[]) => Promise<number[][]>,
): Promise<Golden> {
  const { modality, preprocess } = manifest;
  const seconds = WINDOWS[modality] * preprocess.window_s + EXTRA_S;
  const { data } = generator.next(Math.round(seconds * generator.sampleRateHz));
  const signal = modality === 'eye' ? samplesOf(generator, data) : countsOf(generator, data);
  const rows = goldenFeatures(signal, manifest);
  return {
    ...signal,
    features: rows.map((row) => Array.from(row)),
    probabilities: await probabilitiesOf(rows),
  };
}

/** As 16-bit counts, like those of an amplifier's converter, which keeps the file small. */
function countsOf({ sampleRateHz }: SignalGenerator, data: Float32Array): GoldenSignal {
  const scaleUv = Math.fround(data.reduce((top, value) => Math.max(top, Math.abs(value)), 0) / INT16_TOP);
  const counts = Buffer.alloc(2 * data.length);
  for (const [i, value] of data.entries()) counts.writeInt16LE(Math.round((value / scaleUv) * (1 - 1e-6)), 2 * i);
  return {
    schema: 'golden/1',
    sample_rate_hz: sampleRateHz,
    scale_uv: scaleUv,
    counts_base64: counts.toString('base64'),
  };
}

/** As float32, including missing values. */
function samplesOf({ info }: SignalGenerator, data: Float32Array): GoldenSignal {
  const { channels, sampleRateHz, geometry } = info;
  const samples = Buffer.alloc(4 * data.length);
  for (const [i, value] of data.entries()) samples.writeFloatLE(value, 4 * i);
  return {
    schema: 'golden/2',
    sample_rate_hz: sampleRateHz,
    channels: channels.map(({ label, unit }) => ({ label, unit })),
    geometry: isWhole(geometry)
      ? { screen_px: [...geometry.screenPx], screen_mm: [...geometry.screenMm], distance_mm: geometry.distanceMm }
      : null,
    samples_base64: samples.toString('base64'),
  };
}
