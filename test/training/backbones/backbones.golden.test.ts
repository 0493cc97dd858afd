import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.ts';
import type { Activations, Backbone, RowLayout } from '../../../training/backbones/backbone.ts';
import { scaledLaplacian } from '../../../training/backbones/dgcnn.ts';
import { type BackboneName, createBackbone } from '../../../training/backbones/index.ts';
import { startBackend } from '../../../training/tf/backend.ts';
import { hashed, inputs, setWeights } from '../../support/backbones.ts';

type Outputs = Record<keyof Activations, number[][]>;
interface Golden {
  training: Outputs;
  /** Per parameter of its entries 0, n / 3 and n - 2, for the loss sum(logits * hashed(99)). */
  gradients: number[][];
}
interface DgcnnGolden extends Golden {
  scaledLaplacian: number[][];
  serving: Outputs;
}
const golden: { dnn: Golden; dgcnn: DgcnnGolden; dgcnnEye: DgcnnGolden; bihdm: Golden; bihdmEye: Golden } = JSON.parse(
  readFileSync(new URL('../../golden/backbones.json', import.meta.url), 'utf8'),
);

const ELECTRODES5: RowLayout = { montage: ['FP1', 'CZ', 'O2', 'T7', 'POZ'], bands: 2 };
const ELECTRODES10: RowLayout = {
  montage: ['CZ', 'FP2', 'F7', 'O2', 'Fp1', 'F8', 'P3', 'O1', 'C3', 'C4'],
  bands: 2,
};

function expectNear(actual: tf.Tensor, expected: number[][], what: string): void {
  expect(actual.shape, what).toEqual([expected.length, expected[0]!.length]);
  expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0], what).toBeLessThan(5e-5);
}

function expectOutputs(actual: Activations, expected: Outputs): void {
  for (const key of ['hidden', 'embedding', 'logits'] as const) expectNear(actual[key], expected[key], key);
}

describe('the backbones compute what the papers say (NumPy, float64)', () => {
  let create: (name: BackboneName, layout: RowLayout) => Promise<Backbone>;

  beforeAll(async () => {
    await startBackend(['wasm']);
    create = async (name, layout) => {
      const backbone = await createBackbone(name, layout, 3, new Random(1));
      setWeights(backbone);
      return backbone;
    };
  });

  it.each<[string, BackboneName, RowLayout, width: number, Golden]>([
    ['DNN', 'dnn', { features: 7 }, 7, golden.dnn],
    ['DGCNN', 'dgcnn', ELECTRODES5, 10, golden.dgcnn],
    ['DGCNN of eye movement: every feature is a node', 'dgcnn', { features: 6 }, 6, golden.dgcnnEye],
    ['BiHDM with vertical streams, over mirrored pairs alone', 'bihdm', ELECTRODES10, 20, golden.bihdm],
    ['BiHDM of eye movement: one node', 'bihdm', { features: 7 }, 7, golden.bihdmEye],
  ])('%s: outputs and gradients in training', async (_, name, layout, width, { training, gradients }) => {
    const backbone = await create(name, layout);
    const x = inputs(3, width);
    expectOutputs(backbone.forward(x, true), training);
    const loss = () => tf.sum(tf.mul(backbone.forward(x, true).logits, hashed(99, [3, 3]))) as tf.Scalar;
    const { grads } = tf.variableGrads(loss, [...backbone.parameters]);
    expect(gradients).toHaveLength(backbone.parameters.length);
    for (const [k, { name: variable, size }] of backbone.parameters.entries()) {
      const gradient = grads[variable]!.dataSync();
      for (const [i, entry] of [0, Math.floor(size / 3), Math.max(size - 2, 0)].entries()) {
        const expected = gradients[k]![i]!;
        const error = Math.abs(gradient[entry]! - expected);
        expect(error, `parameter ${k}, entry ${entry}: ${gradient[entry]} for ${expected}`).toBeLessThan(
          1e-4 + 1e-3 * Math.abs(expected),
        );
      }
    }
  });

  it('DGCNN with its moving statistics, as it is served', async () => {
    const [eeg, eye] = [await create('dgcnn', ELECTRODES5), await create('dgcnn', { features: 6 })];
    expectOutputs(eeg.forward(inputs(3, 10), false), golden.dgcnn.serving);
    expectOutputs(eye.forward(inputs(3, 6), false), golden.dgcnnEye.serving);
  });

  it("DGCNN's scaled Laplacian", () => {
    for (const { scaledLaplacian: expected } of [golden.dgcnn, golden.dgcnnEye]) {
      const nodes = expected.length;
      expectNear(scaledLaplacian(hashed(3, [nodes, nodes]) as tf.Tensor2D), expected, `${nodes} nodes`);
    }
  });
});
