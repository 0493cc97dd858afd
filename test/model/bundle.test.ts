import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAffectEdgeError } from '../../src/errors.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { decodeOnnx, encodeOnnx, type OnnxModel } from '../../src/model/onnx-proto.ts';
import type { StreamInfo } from '../../src/samples.ts';
import { type BundleFiles, createBundleFiles, writeBundle } from '../support/bundle.ts';
import { describeWithData, testData } from '../support/data.ts';

let files: BundleFiles;
const folders: string[] = [];

beforeAll(async () => {
  files = await createBundleFiles();
});

afterEach(async () => {
  for (const dir of folders.splice(0)) await rm(dir, { recursive: true });
});

async function written(changes: Partial<BundleFiles> = {}): Promise<string> {
  const dir = await writeBundle({ ...files, ...changes });
  folders.push(dir);
  return dir;
}

/** The message that loading fails with. */
async function refusal(dir: string): Promise<string> {
  try {
    await (await loadBundle(dir)).close();
  } catch (error) {
    if (isAffectEdgeError(error, 'MODEL_INVALID') || isAffectEdgeError(error, 'MODEL_MISMATCH')) return error.message;
    throw error;
  }
  throw new Error(`the bundle in ${dir} was not refused`);
}

async function refusalOf(changes: Partial<BundleFiles>): Promise<string> {
  return refusal(await written(changes));
}

function changedOnnx(change: (model: OnnxModel) => void): Uint8Array {
  const model = decodeOnnx(files.onnx);
  change(model);
  return encodeOnnx(model);
}

describe('loadBundle', () => {
  it('classifies with the probabilities of training at the temperature, logits and embedding', async () => {
    const bundle = await loadBundle(await written());
    const features = Float32Array.from(files.golden.features[0]!);
    const { label, labelIndex, probs, logits, embedding } = await bundle.classify(features);
    expect(probs).toHaveLength(3);
    for (const [i, p] of files.golden.probabilities[0]!.entries()) expect(probs[i]).toBeCloseTo(p, 5);
    const exponentials = logits.map((logit) => Math.exp(logit / files.manifest.temperature));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    for (const [i, e] of exponentials.entries()) expect(probs[i]).toBeCloseTo(e / sum, 5);
    expect(probs[labelIndex]).toBe(Math.max(...probs));
    expect(label).toBe(files.manifest.classes[labelIndex]);
    expect(embedding).toHaveLength(128);
    await bundle.close();
  });

  it('has a description', async () => {
    const bundle = await loadBundle(await written());
    expect(bundle.description).toMatchObject({
      id: 'tiny',
      sha256: files.manifest.onnx_sha256,
      labels: ['negative', 'neutral', 'positive'],
      montage: ['FP1', 'O2'],
      window_ms: 4000,
      hop_ms: 1000,
      simulated: true,
    });
    await bundle.close();
  });

  it.each(['manifest.json', 'model.onnx', 'golden.json'])('refuses a bundle without %s', async (name) => {
    const dir = await written();
    await rm(join(dir, name));
    expect(await refusal(dir)).toContain(`${name} can't be read`);
  });

  it.each(['manifest.json', 'golden.json'])('refuses a truncated %s', async (name) => {
    const dir = await written();
    await truncate(join(dir, name), 50);
    expect(await refusal(dir)).toContain(`${name} is no JSON`);
  });

  it('names the wrong field of the manifest', async () => {
    const spoilt = async (changes: object) => {
      const dir = await written();
      const path = join(dir, 'manifest.json');
      await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...changes }));
      return refusal(dir);
    };
    expect(await spoilt({ colour: 'red' })).toContain('"colour"');
    expect(await spoilt({ temperature: -1 })).toMatch(/temperature is -1: .*; fetch or build the bundle again$/);
    expect(await spoilt({ preprocess: { ...files.manifest.preprocess, hop_s: 'often' } })).toContain(
      'preprocess.hop_s is "often":',
    );
    expect(await spoilt({ montage: ['FP1', 'O1'] })).toContain('preprocess.montage: must be the same list as montage');
    expect(await spoilt({ standardisation: { mean: [1], std: [1] } })).toContain(
      'standardisation.mean: has 1 values, montage x bands needs 10',
    );
    expect(await spoilt({ onnx_sha256: '0'.repeat(64) })).toContain(`onnx_sha256 is ${'0'.repeat(64)}, model.onnx has`);
  });

  it('refuses a model that was trained on features that are not causal', async () => {
    expect(await refusalOf({ manifest: { ...files.manifest, causal: false } })).toContain('causal is false');
  });

  it('refuses bytes that are not ONNX', async () => {
    expect(await refusalOf({ onnx: files.onnx.subarray(0, 10_000) })).toContain('model.onnx');
    expect(await refusalOf({ onnx: new Uint8Array(0) })).toContain('model.onnx');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (onnx) => {
        expect(await refusalOf({ onnx })).toContain('model.onnx');
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a graph that onnxruntime refuses', async () => {
    const onnx = changedOnnx(({ graph }) => {
      graph.node[0]!.op_type = 'NoSuchOperator';
    });
    expect(await refusalOf({ onnx })).toContain('onnxruntime refuses it');
  });

  it('refuses wrong inputs and outputs', async () => {
    const renamed = changedOnnx(({ graph }) => {
      graph.input![0]!.name = 'x';
    });
    expect(await refusalOf({ onnx: renamed })).toContain('its inputs are "x", expected "features"');
    const typed = changedOnnx(({ graph }) => {
      graph.input![0]!.type!.tensor_type!.elem_type = 11;
    });
    expect(await refusalOf({ onnx: typed })).toContain('input "features" has element type 11, expected 1 (float32)');
    const shaped = changedOnnx(({ graph }) => {
      graph.input![0]!.type!.tensor_type!.shape!.dim![1]!.dim_value = 33;
    });
    expect(await refusalOf({ onnx: shaped })).toContain(
      'input "features" has shape [batch, 33], expected [batch, 10 (montage x bands)]',
    );
    const fewer = changedOnnx(({ graph }) => {
      graph.output!.pop();
    });
    expect(await refusalOf({ onnx: fewer })).toContain('expected "logits", "probabilities", "embedding"');
  });

  it('refuses weights in another file', async () => {
    const onnx = changedOnnx(({ graph }) => {
      graph.initializer![0]!.data_location = 1;
    });
    expect(await refusalOf({ onnx })).toContain('its weights "mean" lie in another file');
  });

  it('refuses a manifest that contradicts the metadata in the model', async () => {
    const classes = ['positive', 'neutral', 'negative'];
    expect(await refusalOf({ manifest: { ...files.manifest, classes } })).toContain(
      'its metadata says classes = ["negative","neutral","positive"], manifest.json says ["positive","neutral","negative"]',
    );
    const bare = changedOnnx((model) => {
      model.metadata_props = [];
    });
    expect(await refusalOf({ onnx: bare })).toContain('its metadata says schema = nothing');
  });

  it('refuses a model with an output of NaN', async () => {
    const onnx = changedOnnx(({ graph }) => {
      const bias = graph.initializer!.find(({ name }) => name === 'logits.bias')!;
      bias.raw_data = new Uint8Array(new Float32Array(3).fill(Number.NaN).buffer);
    });
    expect(await refusalOf({ onnx })).toContain('output "logits"[0] is NaN');
  });

  it('refuses a model whose outputs differ from its golden file', async () => {
    const { golden } = files;
    const features = [golden.features[0]!.with(3, golden.features[0]![3]! + 1e-4)];
    expect(await refusalOf({ golden: { ...golden, features } })).toContain('golden.json: features[0][3] is');
    const probabilities = [golden.probabilities[0]!.with(0, 0.99)];
    expect(await refusalOf({ golden: { ...golden, probabilities } })).toContain('golden.json: probabilities[0][0] is');
    const twice = [...golden.features, ...golden.features];
    expect(await refusalOf({ golden: { ...golden, features: twice } })).toContain('features has 2 rows');
    const counts_base64 = Buffer.alloc(6).toString('base64');
    expect(await refusalOf({ golden: { ...golden, counts_base64 } })).toContain('counts_base64 has 6 bytes');
    const otherWeights = changedOnnx(({ graph }) => {
      const bias = graph.initializer!.find(({ name }) => name === 'logits.bias')!;
      bias.raw_data = new Uint8Array(new Float32Array([3, 0, 0]).buffer);
    });
    expect(await refusalOf({ onnx: otherWeights })).toContain('probabilities[0][0] is');
  });

  it('refuses a damaged model or answers as the intact one', async () => {
    const clean = await loadBundle(await written());
    const features = Float32Array.from(files.golden.features[0]!);
    const { probs } = await clean.classify(features);
    await clean.close();
    await fc.assert(
      fc.asyncProperty(fc.nat(files.onnx.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const onnx = Uint8Array.from(files.onnx);
        onnx[at]! ^= flip;
        const dir = await written({ onnx });
        const bundle = await loadBundle(dir).catch((error: unknown) => {
          expect(isAffectEdgeError(error)).toBe(true);
          return null;
        });
        // As the hash matches, a small change of a weight can pass, but it must not change the golden outputs.
        const served = await bundle?.classify(features);
        for (const [i, p] of served?.probs.entries() ?? []) expect(Math.abs(p - probs[i]!)).toBeLessThan(2e-4);
        await bundle?.close();
      }),
      { numRuns: 40 },
    );
  });
});

describe('classify', () => {
  it('refuses rows of another length and missing values', async () => {
    const bundle = await loadBundle(await written());
    await expect(bundle.classify(new Float32Array(9))).rejects.toThrow('takes 10 features (montage x bands), got 9');
    await expect(bundle.classify(new Float32Array(10).fill(Number.NaN))).rejects.toThrow('feature 0 is NaN');
    await bundle.close();
  });
});

describe('createPreprocessor', () => {
  const info: StreamInfo = {
    deviceId: 'amp',
    modality: 'eeg',
    channels: ['O2', 'Cz', 'Fp1'].map((label) => ({ label, unit: 'uV' })),
    sampleRateHz: 250,
    simulated: true,
  };

  it('accepts a device that has the electrodes, in any order and case', async () => {
    const bundle = await loadBundle(await written());
    expect(() => bundle.createPreprocessor(info)).not.toThrow();
    expect(() => bundle.createPreprocessor({ ...info, sampleRateHz: 125 })).not.toThrow();
    await bundle.close();
  });

  it('names what does not fit', async () => {
    const bundle = await loadBundle(await written());
    expect(() => bundle.createPreprocessor({ ...info, modality: 'eye' })).toThrow(
      'modality is "eeg", amp delivers "eye"',
    );
    expect(() => bundle.createPreprocessor({ ...info, channels: info.channels.slice(1) })).toThrow(
      '1 of 2 electrodes are missing: O2',
    );
    expect(() => bundle.createPreprocessor({ ...info, sampleRateHz: 100 })).toThrow('need at least 125 Hz');
    await bundle.close();
  });
});

describeWithData('onnx-models', 'valid ONNX models of other kinds', () => {
  it('are all refused by their inputs', async () => {
    const dir = testData('onnx-models', 'valid');
    const names = readdirSync(dir);
    expect(names).toHaveLength(27);
    for (const name of names) {
      const message = await refusalOf({ onnx: readFileSync(join(dir, name)) });
      expect(message, name).toMatch(/model\.onnx: its inputs are .*, expected "features"; export the model/);
    }
  });
});

describe('influence', () => {
  it('is the change in the label’s probability when a feature replaces its training mean', async () => {
    const bundle = await loadBundle(await written());
    const features = Float32Array.from(files.golden.features[0]!);
    const { label, labelIndex, probs } = await bundle.classify(features);
    const influence = await bundle.influence(features, label);
    for (const [i, value] of influence.entries()) {
      const without = Float32Array.from(features);
      without[i] = files.manifest.standardisation.mean[i]!;
      expect(value).toBeCloseTo(probs[labelIndex]! - (await bundle.classify(without)).probs[labelIndex]!, 5);
    }
    expect(Math.max(...influence.map(Math.abs))).toBeGreaterThan(1e-3);
    await bundle.close();
  });
});
