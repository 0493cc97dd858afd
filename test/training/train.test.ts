import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/manifest.ts';
import { preprocessConfigSchema } from '../../src/preprocess-config.ts';
import { Random } from '../../src/simulation/random.ts';
import { createDnn } from '../../training/backbones/dnn.ts';
import { startBackend } from '../../training/backend.ts';
import { selectRows } from '../../training/datasets/table.ts';
import { exportOnnx } from '../../training/export-onnx.ts';
import { predictLogits, softmax } from '../../training/predict.ts';
import { fitStandardisation, standardise } from '../../training/standardise.ts';
import { DEFAULT_TRAIN_CONFIG, train } from '../../training/train.ts';
import { blobs } from './support.ts';

const quiet = () => {};
const config = { ...DEFAULT_TRAIN_CONFIG, epochs: 6, warmupEpochs: 1, batch: 16 };

const countParameters = (parameters: readonly tf.Variable[]) => parameters.reduce((sum, { size }) => sum + size, 0);

describe('training', () => {
  beforeAll(async () => {
    await startBackend(['wasm']);
  });

  it('the DNN has as many parameters as the published one', () => {
    expect(countParameters(createDnn({ features: 310 }, 5, new Random(1)).parameters)).toBe(91_013);
    expect(countParameters(createDnn({ features: 33 }, 5, new Random(1)).parameters)).toBe(55_557);
  });

  it('learns what can be learnt, and the same twice', async () => {
    const table = blobs({ rows: 192, width: 12, classes: 3 });
    const validation = blobs({ rows: 96, width: 12, classes: 3, seed: 2 });
    const run = async () => {
      const backbone = createDnn({ features: 12 }, 3, new Random(7));
      const result = await train(backbone, table, validation, config, quiet);
      return { result, logits: await predictLogits(backbone, validation) };
    };
    const first = await run();
    const right = first.logits.filter((row, i) => row.indexOf(Math.max(...row)) === validation.labels[i]).length;
    expect(right / validation.labels.length).toBeGreaterThan(0.9);
    expect(await run()).toEqual(first);
  });

  it('keeps the weights of the epoch that was best on validation', async () => {
    const table = blobs({ rows: 64, width: 12, classes: 3, separation: 0 });
    const validation = blobs({ rows: 96, width: 12, classes: 3, separation: 0, seed: 2 });
    const losses: number[] = [];
    const backbone = createDnn({ features: 12 }, 3, new Random(7));
    const result = await train(backbone, table, validation, { ...config, epochs: 12, learningRate: 1e-2 }, (line) =>
      losses.push(Number(line.split(' ').at(-1))),
    );
    expect(result.validationLoss).toBeCloseTo(Math.min(...losses), 4);
    expect(losses[result.bestEpoch - 1]).toBe(Math.min(...losses));
    const logits = await predictLogits(backbone, validation);
    const loss =
      logits.reduce((sum, row, i) => sum - Math.log(softmax(row)[validation.labels[i]!]!), 0) / logits.length;
    expect(loss).toBeCloseTo(result.validationLoss, 5);
  });

  it.each([
    ['fulfilled', 1e-3],
    ['rejected', 1e30],
  ])('leaves no tensor behind but the weights where it is %s', async (status, learningRate) => {
    const table = blobs({ rows: 32, width: 4, classes: 2 });
    const backbone = createDnn({ features: 4 }, 2, new Random(7));
    const before = tf.memory().numTensors;
    const [result] = await Promise.allSettled([
      train(backbone, table, table, { ...config, epochs: 2, learningRate }, quiet),
    ]);
    expect(result.status).toBe(status);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says that it diverged, and what to do', async () => {
    const table = blobs({ rows: 32, width: 4, classes: 2 });
    const backbone = createDnn({ features: 4 }, 2, new Random(7));
    await expect(train(backbone, table, table, { ...config, learningRate: 1e30 }, quiet)).rejects.toThrow(
      /diverged in epoch \d; lower the learning rate/,
    );
  });

  it('refuses fewer rows than a batch', async () => {
    const table = blobs({ rows: 8, width: 4, classes: 2 });
    const backbone = createDnn({ features: 4 }, 2, new Random(7));
    await expect(train(backbone, table, table, config, quiet)).rejects.toThrow('8 training rows fill no batch of 16');
  });

  it('refuses to choose the epoch by nothing', async () => {
    const table = blobs({ rows: 32, width: 4, classes: 2 });
    const backbone = createDnn({ features: 4 }, 2, new Random(7));
    await expect(train(backbone, table, selectRows(table, []), config, quiet)).rejects.toThrow('no validation rows');
  });

  it('the exported graph gives the logits, probabilities and embedding of training (export law)', async () => {
    const table = blobs({ rows: 96, width: 10, classes: 3 });
    const scale = fitStandardisation(table);
    const backbone = createDnn({ features: 10 }, 3, new Random(7));
    await train(backbone, standardise(table, scale), standardise(table, scale), config, quiet);
    const manifest: Omit<Manifest, 'onnx_sha256' | 'training' | 'ece'> = {
      schema: 'model-bundle/1',
      id: 'law',
      modality: 'eeg',
      montage: ['FP1', 'FP2'],
      preprocess: preprocessConfigSchema.parse({ montage: ['FP1', 'FP2'] }),
      classes: ['a', 'b', 'c'],
      standardisation: scale,
      temperature: 1.7,
      simulated: true,
      causal: true,
    };
    const session = await InferenceSession.create(await exportOnnx(backbone, manifest));
    const outputs = await session.run({ features: new Tensor('float32', table.values, [96, 10]) });
    const rows = (name: string, width: number) => {
      const data = outputs[name]!.data as Float32Array;
      return Array.from({ length: 96 }, (_, r) => Array.from(data.subarray(r * width, (r + 1) * width)));
    };
    const standardised = standardise(table, scale);
    const logits = await predictLogits(backbone, standardised);
    const embedding = backbone.forward(tf.tensor2d(standardised.values, [96, 10]), false).embedding.arraySync();
    expect(furthest(rows('logits', 3), logits)).toBeLessThan(1e-4);
    expect(furthest(rows('embedding', 128), embedding)).toBeLessThan(1e-4);
    const probabilities = logits.map((row) => softmax(row, manifest.temperature));
    expect(furthest(rows('probabilities', 3), probabilities)).toBeLessThan(1e-4);
    await session.release();
  });
});

function furthest(a: readonly number[][], b: readonly number[][]): number {
  return Math.max(...a.flatMap((row, r) => row.map((value, c) => Math.abs(value - b[r]![c]!))));
}
