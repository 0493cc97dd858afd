/** Makes a bundle's `golden.json`: what the training framework itself answers to a few seconds of raw signal. */
import { type Golden, goldenFeatures } from '../src/model/golden.ts';
import type { Manifest } from '../src/model/manifest.ts';
import type { SignalGenerator } from '../src/simulation/generator.ts';

/** Half a second more than a window: the resampler looks ahead. */
const EXTRA_S = 0.5;
const INT16_TOP = 32_767;

export async function makeGolden(
  generator: SignalGenerator,
  manifest: Manifest,
  probabilitiesOf: (rows: readonly Float32Array[]) => Promise<number[][]>,
): Promise<Golden> {
  const { data } = generator.next((manifest.preprocess.window_s + EXTRA_S) * generator.sampleRateHz);
  const scaleUv = Math.fround(data.reduce((top, value) => Math.max(top, Math.abs(value)), 0) / INT16_TOP);
  const counts = Buffer.alloc(2 * data.length);
  for (const [i, value] of data.entries()) counts.writeInt16LE(Math.round((value / scaleUv) * (1 - 1e-6)), 2 * i);
  const signal = {
    schema: 'golden/1' as const,
    sample_rate_hz: generator.sampleRateHz,
    scale_uv: scaleUv,
    counts_base64: counts.toString('base64'),
  };
  const rows = goldenFeatures(signal, manifest);
  return {
    ...signal,
    features: rows.map((row) => Array.from(row)),
    probabilities: await probabilitiesOf(rows),
  };
}
