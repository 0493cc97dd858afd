/** `golden.json`: a few seconds of raw signal with the features and probabilities that it must give. */
import { z } from 'zod';
import { AffectEdgeError } from '../errors.ts';
import { createPreprocessor, withHop } from '../preprocess/index.ts';
import { windowsOf } from '../preprocess/preprocessor.ts';
import type { Block, StreamInfo } from '../samples.ts';
import type { Manifest, ModelInput } from './manifest.ts';

const answers = {
  /** [windows][features] */
  features: z.array(z.array(z.number())).min(1),
  /** [windows][classes] */
  probabilities: z.array(z.array(z.number())).min(1),
};

/** A signal with the model's montage. */
const countsSchema = z.strictObject({
  schema: z.literal('golden/1'),
  sample_rate_hz: z.number().positive(),
  /** Microvolts per count. */
  scale_uv: z.number().positive(),
  /** int16, little endian, [montage, samples] channel-major. */
  counts_base64: z.base64(),
  ...answers,
});

const size = z.tuple([z.number().positive(), z.number().positive()]);

/** A signal of any stream. */
const samplesSchema = z.strictObject({
  schema: z.literal('golden/2'),
  sample_rate_hz: z.number().positive(),
  channels: z.array(z.strictObject({ label: z.string(), unit: z.string() })).min(1),
  geometry: z.strictObject({ screen_px: size, screen_mm: size, distance_mm: z.number().positive() }).nullable(),
  /** float32, little endian, [channels, samples] channel-major; NaN: no value. */
  samples_base64: z.base64(),
  ...answers,
});

export const goldenSchema = z.discriminatedUnion('schema', [countsSchema, samplesSchema]);
export type Golden = z.infer<typeof goldenSchema>;
type Described = Pick<Manifest, 'id' | 'simulated'> & ModelInput;
type Signal<Whole> = Omit<Whole, keyof typeof answers>;
export type GoldenSignal = Signal<z.infer<typeof countsSchema>> | Signal<z.infer<typeof samplesSchema>>;

/** In the features' unit: nats and eye features of a few units, or a few hundred microvolts in float32. */
const FEATURE_TOLERANCE: Readonly<Record<ModelInput['modality'], number>> = { eeg: 1e-5, eye: 1e-5, eog: 1e-3 };
const PROBABILITY_TOLERANCE = 1e-4;

/** The features that the bundle's preprocessing computes from the golden signal, one row per window. */
export function goldenFeatures(golden: GoldenSignal, manifest: Described): Float32Array[] {
  const block = goldenBlock(golden, manifest);
  // The hop is one window long, so that the rows do not depend on the user's hop.
  const preprocessor = createPreprocessor(withHop(manifest, manifest.preprocess.window_s), block.info);
  return windowsOf([...preprocessor.push(block), ...preprocessor.flush()]).map(({ values }) => values);
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
    compare(`features[${w}]`, values, golden.features[w]!, FEATURE_TOLERANCE[manifest.modality]);
    compare(`probabilities[${w}]`, (await classify(values)).probs, golden.probabilities[w]!, PROBABILITY_TOLERANCE);
  }
}

function goldenBlock(golden: GoldenSignal, manifest: Described): Block {
  const { id, modality, simulated } = manifest;
  const { channels, data, geometry } = golden.schema === 'golden/1' ? countsOf(golden, manifest) : samplesOf(golden);
  const info: StreamInfo = {
    deviceId: `golden of ${id}`,
    modality,
    channels,
    sampleRateHz: golden.sample_rate_hz,
    simulated,
    ...(geometry === null ? {} : { geometry }),
  };
  const length = data.length / channels.length;
  return { info, firstSample: 0, length, data, lostBefore: 0, deviceTimeUs: 0, hostTimeUs: 0, clockErrUs: 0 };
}

type Samples = Pick<StreamInfo, 'channels'> & {
  readonly data: Float32Array;
  readonly geometry: NonNullable<StreamInfo['geometry']> | null;
};

function countsOf(
  { counts_base64, scale_uv }: Extract<GoldenSignal, { schema: 'golden/1' }>,
  input: ModelInput,
): Samples {
  if (input.modality === 'eye') {
    throw mismatch('schema', 'is "golden/1", which is of electrodes; this model is of eye movement');
  }
  const bytes = bytesOf('counts_base64', counts_base64, 2, input.montage.length);
  return {
    channels: input.montage.map((label) => ({ label, unit: 'uV' })),
    data: Float32Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(2 * i) * scale_uv),
    geometry: null,
  };
}

function samplesOf({ channels, geometry, samples_base64 }: Extract<GoldenSignal, { schema: 'golden/2' }>): Samples {
  const bytes = bytesOf('samples_base64', samples_base64, 4, channels.length);
  return {
    channels,
    data: Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i)),
    geometry: geometry && {
      screenPx: geometry.screen_px,
      screenMm: geometry.screen_mm,
      distanceMm: geometry.distance_mm,
    },
  };
}

function bytesOf(field: string, base64: string, bytesPerValue: number, channels: number): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  const samples = bytes.length / bytesPerValue / channels;
  if (Number.isInteger(samples) && samples > 0) return bytes;
  throw mismatch(
    field,
    `has ${bytes.length} bytes, which is no whole number of ${channels}-channel samples of ${bytesPerValue} bytes a value`,
  );
}

function compare(name: string, actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  if (actual.length !== expected.length) {
    throw mismatch(name, `has ${expected.length} values where this machine computes ${actual.length}`);
  }
  for (let i = 0; i < expected.length; i++) {
    // Relative above 1, because a float32 near 1000 has steps of 6e-5. Written so that NaN fails too.
    if (Math.abs(actual[i]! - expected[i]!) <= tolerance * Math.max(1, Math.abs(expected[i]!))) continue;
    throw mismatch(`${name}[${i}]`, `is ${expected[i]}, this machine computes ${actual[i]} (tolerance ${tolerance})`);
  }
}

function mismatch(field: string, problem: string): AffectEdgeError {
  return new AffectEdgeError(
    'MODEL_INVALID',
    `golden.json: ${field} ${problem}; the bundle was made for another preprocessing or its files don't belong together: fetch or build the bundle again`,
  );
}
