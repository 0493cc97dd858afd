/** `golden.json`: a few seconds of raw signal with the features and probabilities that they must lead to. */
import { z } from 'zod';
import { AffectEdgeError } from '../errors.ts';
import { createPreprocessor } from '../preprocess.ts';
import type { PreprocessConfig } from '../preprocess-config.ts';
import type { Block, StreamInfo } from '../samples.ts';
import type { Manifest } from './manifest.ts';

export const goldenSchema = z.strictObject({
  schema: z.literal('golden/1'),
  sample_rate_hz: z.number().positive(),
  /** Microvolts per count. */
  scale_uv: z.number().positive(),
  /** int16, little endian, [montage, samples] channel-major. */
  counts_base64: z.base64(),
  /** [windows][montage * bands] */
  features: z.array(z.array(z.number())).min(1),
  /** [windows][classes] */
  probabilities: z.array(z.array(z.number())).min(1),
});
export type Golden = z.infer<typeof goldenSchema>;
type Described = Pick<Manifest, 'id' | 'modality' | 'preprocess' | 'simulated'>;
type GoldenSignal = Pick<Golden, 'sample_rate_hz' | 'scale_uv' | 'counts_base64'>;

const FEATURE_TOLERANCE = 1e-5;
const PROBABILITY_TOLERANCE = 1e-4;

/** What the bundle's preprocessing makes of the golden signal, one row of features a window. */
export function goldenFeatures(golden: GoldenSignal, manifest: Described): Float32Array[] {
  const block = goldenBlock(golden, manifest);
  // A hop as long as the window: the rows must not depend on how often a user wants predictions.
  const config: PreprocessConfig = { ...manifest.preprocess, hop_s: manifest.preprocess.window_s };
  const preprocessor = createPreprocessor(config, block.info);
  return [...preprocessor.push(block), ...preprocessor.flush()].map((window) => window.values);
}

/** Runs the golden signal through preprocessing and `classify`; throws MODEL_INVALID where either differs. */
export async function checkGolden(
  golden: Golden,
  manifest: Manifest,
  classify: (values: Float32Array) => Promise<{ probs: number[] }>,
): Promise<void> {
  const rows = goldenFeatures(golden, manifest);
  for (const field of ['features', 'probabilities'] as const) {
    if (golden[field].length === rows.length) continue;
    throw mismatch(field, `has ${golden[field].length} rows, the golden signal holds ${rows.length} windows`);
  }
  for (const [w, values] of rows.entries()) {
    compare(`features[${w}]`, values, golden.features[w]!, FEATURE_TOLERANCE);
    compare(`probabilities[${w}]`, (await classify(values)).probs, golden.probabilities[w]!, PROBABILITY_TOLERANCE);
  }
}

function goldenBlock(golden: GoldenSignal, { id, modality, preprocess, simulated }: Described): Block {
  const labels = preprocess.montage ?? [];
  const bytes = Buffer.from(golden.counts_base64, 'base64');
  const length = bytes.length / 2 / labels.length;
  if (!Number.isInteger(length) || length === 0) {
    throw mismatch(
      'counts_base64',
      `has ${bytes.length} bytes, which is no whole number of ${labels.length}-channel int16 samples`,
    );
  }
  const data = Float32Array.from(
    { length: labels.length * length },
    (_, i) => bytes.readInt16LE(2 * i) * golden.scale_uv,
  );
  const info: StreamInfo = {
    deviceId: `golden of ${id}`,
    modality,
    channels: labels.map((label) => ({ label, unit: 'uV' })),
    sampleRateHz: golden.sample_rate_hz,
    simulated,
  };
  return { info, firstSample: 0, length, data, lostBefore: 0, deviceTimeUs: 0, hostTimeUs: 0, clockErrUs: 0 };
}

function compare(name: string, actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  if (actual.length !== expected.length) {
    throw mismatch(name, `has ${expected.length} values where this machine computes ${actual.length}`);
  }
  for (let i = 0; i < expected.length; i++) {
    // Written so that NaN fails too.
    if (Math.abs(actual[i]! - expected[i]!) <= tolerance) continue;
    throw mismatch(`${name}[${i}]`, `is ${expected[i]}, this machine computes ${actual[i]} (tolerance ${tolerance})`);
  }
}

function mismatch(field: string, problem: string): AffectEdgeError {
  return new AffectEdgeError(
    'MODEL_INVALID',
    `golden.json: ${field} ${problem}; the bundle was made for another preprocessing or its files don't belong together: fetch or build the bundle again`,
  );
}
