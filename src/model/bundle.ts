/** Loads a model bundle and refuses every inconsistency that could make a wrong prediction look right. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { z } from 'zod';
import type { ModelDescription } from '../api/events.ts';
import { AffectEdgeError, isAffectEdgeError, messageOf } from '../errors.ts';
import type { Preprocessor } from '../preprocess/preprocessor.ts';
import type { StreamInfo } from '../samples.ts';
import { modelPreprocessor } from './feed.ts';
import { checkGolden, goldenSchema } from './golden.ts';
import { featureCount, featureMeans, featureSource, type Manifest, manifestSchema, namedFeatures } from './manifest.ts';
import { checkOnnx, INPUT, OUTPUTS } from './onnx-check.ts';
import { decodeOnnx } from './onnx-proto.ts';

/** Advice for a damaged bundle. */
const AGAIN = 'fetch or build the bundle again';
const LONGEST_SHOWN = 80;

interface Classification {
  readonly label: string;
  readonly labelIndex: number;
  /** softmax(logits / temperature), as the graph computes it. */
  readonly probs: number[];
  readonly logits: number[];
  /** The last feature vector before the classifier. */
  readonly embedding: Float32Array;
}

export interface ModelBundle {
  readonly manifest: Manifest;
  readonly description: ModelDescription;
  /**
   * The preprocessor that feeds this model. Throws MODEL_MISMATCH, MONTAGE_MISSING_ELECTRODE, RATE_UNSUPPORTED or
   * CONFIG_INVALID where the device can't feed it.
   * @param hopS overrides the manifest's hop
   */
  createPreprocessor(info: StreamInfo, hopS?: number): Preprocessor;
  /** One row of features. Throws MODEL_MISMATCH on a wrong length, DATA_INVALID on NaN features. */
  classify(values: Float32Array): Promise<Classification>;
  /**
   * For each feature: the probability of `label` minus its probability with this feature at its training mean (occlusion;
   * Zeiler & Fergus 2014). Takes one run with one row per feature.
   */
  influence(values: Float32Array, label: string): Promise<number[]>;
  close(): Promise<void>;
}

/**
 * Throws MODEL_INVALID or MODEL_MISMATCH; each message names the file, the field, the value and the way out.
 * @param live refuse a model whose features use the future, which no live stream has
 */
export async function loadBundle(dir: string, { live = true } = {}): Promise<ModelBundle> {
  try {
    return await load(dir, live);
  } catch (error) {
    if (!isAffectEdgeError(error)) throw error;
    throw new AffectEdgeError(error.code, `model bundle ${dir}: ${error.message}`, { cause: error });
  }
}

async function load(dir: string, live: boolean): Promise<ModelBundle> {
  const manifest = parseBundleJson('manifest.json', await read(dir, 'manifest.json'), manifestSchema);
  if (live && !manifest.causal) {
    throw new AffectEdgeError(
      'MODEL_MISMATCH',
      'manifest.json: causal is false: the model was trained on features that use the future, which no live stream has; train it on causal features',
    );
  }
  const onnx = await read(dir, 'model.onnx');
  const sha256 = createHash('sha256').update(onnx).digest('hex');
  if (sha256 !== manifest.onnx_sha256) {
    throw new AffectEdgeError(
      'MODEL_INVALID',
      `manifest.json: onnx_sha256 is ${manifest.onnx_sha256}, model.onnx has ${sha256}; one of them was changed or cut: ${AGAIN}`,
    );
  }
  const golden = parseBundleJson('golden.json', await read(dir, 'golden.json'), goldenSchema);
  checkOnnx(decodeNamed(onnx), manifest);
  const bundle = new OnnxBundle(manifest, await createSession(onnx));
  try {
    await bundle.warmUp();
    await checkGolden(golden, manifest, (values) => bundle.classify(values));
  } catch (error) {
    await bundle.close();
    throw error;
  }
  return bundle;
}

class OnnxBundle implements ModelBundle {
  readonly manifest: Manifest;
  readonly description: ModelDescription;
  readonly #session: InferenceSession;
  readonly #features: number;

  constructor(manifest: Manifest, session: InferenceSession) {
    this.manifest = manifest;
    this.#session = session;
    this.#features = featureCount(manifest);
    this.description = {
      id: manifest.id,
      sha256: manifest.onnx_sha256,
      modality: manifest.modality,
      labels: manifest.classes,
      montage: manifest.modality === 'eye' ? [] : manifest.montage,
      bands: manifest.modality === 'eeg' ? manifest.preprocess.bands : [],
      features: namedFeatures(manifest),
      window_ms: manifest.preprocess.window_s * 1000,
      hop_ms: manifest.preprocess.hop_s * 1000,
      simulated: manifest.simulated,
    };
  }

  /** The first run allocates memory; later runs take microseconds. */
  async warmUp(): Promise<void> {
    await this.classify(featureMeans(this.manifest));
  }

  createPreprocessor(info: StreamInfo, hopS?: number): Preprocessor {
    return modelPreprocessor(this.manifest, info, hopS);
  }

  async classify(values: Float32Array): Promise<Classification> {
    const { id, classes } = this.manifest;
    if (values.length !== this.#features) {
      throw new AffectEdgeError(
        'MODEL_MISMATCH',
        `model ${id} takes ${this.#features} features (${featureSource(this.manifest)}), got ${values.length}; preprocess with the manifest's own settings`,
      );
    }
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new AffectEdgeError(
        'DATA_INVALID',
        `model ${id}: feature ${bad} is ${values[bad]}; a window with missing values must abstain, not be classified`,
      );
    }
    const outputs = await run(this.#session, id, new Tensor('float32', values, [1, values.length]));
    const [logits, probs, embedding] = OUTPUTS.map((name) => finiteValues(outputs[name], name));
    const labelIndex = probs!.indexOf(Math.max(...probs!));
    return {
      label: classes[labelIndex]!,
      labelIndex,
      probs: Array.from(probs!),
      logits: Array.from(logits!),
      embedding: embedding!,
    };
  }

  async influence(values: Float32Array, label: string): Promise<number[]> {
    const { id, classes } = this.manifest;
    const width = values.length;
    // Row i has the mean instead of feature i; the last row is the window itself.
    const rows = new Float32Array((width + 1) * width);
    for (let row = 0; row <= width; row++) rows.set(values, row * width);
    featureMeans(this.manifest).forEach((mean, i) => {
      rows[i * width + i] = mean;
    });
    const outputs = await run(this.#session, id, new Tensor('float32', rows, [width + 1, width]));
    const probs = finiteValues(outputs['probabilities'], 'probabilities');
    const ofLabel = (row: number) => probs[row * classes.length + classes.indexOf(label)]!;
    return Array.from({ length: width }, (_, i) => ofLabel(width) - ofLabel(i));
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

async function run(
  session: InferenceSession,
  id: string,
  features: Tensor,
): Promise<InferenceSession.OnnxValueMapType> {
  try {
    return await session.run({ [INPUT]: features });
  } catch (cause) {
    throw new AffectEdgeError('MODEL_INVALID', `model ${id}: onnxruntime failed to run it: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** The values of an output. */
function finiteValues(value: unknown, name: string): Float32Array {
  const row = value instanceof Tensor ? value.data : null;
  if (!(row instanceof Float32Array)) {
    throw new AffectEdgeError(
      'MODEL_INVALID',
      `model.onnx: output "${name}" is no float32 tensor; export the model again`,
    );
  }
  const bad = row.findIndex((entry) => !Number.isFinite(entry));
  if (bad < 0) return row;
  throw new AffectEdgeError(
    'MODEL_INVALID',
    `model.onnx: output "${name}"[${bad}] is ${row[bad]}; its weights are broken: train or fetch the model again`,
  );
}

async function createSession(onnx: Uint8Array): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(onnx, {
      // One row of features takes microseconds; threads would only cost time.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
  } catch (cause) {
    throw new AffectEdgeError('MODEL_INVALID', `model.onnx: onnxruntime refuses it: ${messageOf(cause)}; ${AGAIN}`, {
      cause,
    });
  }
}

function decodeNamed(onnx: Uint8Array): ReturnType<typeof decodeOnnx> {
  try {
    return decodeOnnx(onnx);
  } catch (cause) {
    throw new AffectEdgeError('MODEL_INVALID', `model.onnx: ${messageOf(cause)}; ${AGAIN}`, {
      cause,
    });
  }
}

async function read(dir: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(dir, name));
  } catch (cause) {
    throw new AffectEdgeError(
      'MODEL_INVALID',
      `${name} can't be read (${messageOf(cause)}); a bundle is a folder with manifest.json, model.onnx and golden.json`,
      { cause },
    );
  }
}

/** Throws MODEL_INVALID naming the fields. */
export function parseBundleJson<T>(name: string, bytes: Buffer, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new AffectEdgeError('MODEL_INVALID', `${name} is no JSON: ${messageOf(cause)}; ${AGAIN}`, { cause });
  }
  const result = schema.safeParse(json, { reportInput: true });
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, input, message }) => `${path.join('.') || 'the file'}${shown(input)}: ${message}`,
  );
  throw new AffectEdgeError('MODEL_INVALID', `${name}: ${problems.join('; ')}; ${AGAIN}`);
}

/** The value itself, where it is short enough to show. */
function shown(value: unknown): string {
  const text = typeof value === 'object' ? undefined : JSON.stringify(value);
  return text === undefined || text.length > LONGEST_SHOWN ? '' : ` is ${text}`;
}
