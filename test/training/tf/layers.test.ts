import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.ts';
import { startBackend } from '../../../training/tf/backend.ts';
import { BATCH_NORM_EPSILON, type BatchNorm, batchNormRelu, linear } from '../../../training/tf/layers.ts';

const random = new Random('layers');
const normal = (shape: number[]) =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  );

const createNorm = (width: number): BatchNorm => ({
  gamma: tf.variable(normal([width]) as tf.Tensor1D),
  beta: tf.variable(normal([width]) as tf.Tensor1D),
  movingMean: tf.variable(tf.zeros<tf.Rank.R1>([width]), false),
  movingVariance: tf.variable(tf.ones<tf.Rank.R1>([width]), false),
});

/** Gradients of sum(f * weights) with respect to every operand. */
function gradients(f: (...operands: tf.Tensor[]) => tf.Tensor, weights: tf.Tensor, operands: tf.Tensor[]): number[][] {
  const of = tf.grads((...xs) => tf.sum(tf.mul(f(...xs), weights)));
  return of(operands).map((gradient) => Array.from(gradient.dataSync()));
}

function expectClose(actual: number[][], expected: number[][]): void {
  for (const [k, row] of expected.entries()) {
    for (const [i, value] of row.entries()) expect(actual[k]![i]!).toBeCloseTo(value, 4);
  }
}

describe('layers', () => {
  beforeAll(async () => {
    await startBackend(['wasm']);
  });

  it('linear has the gradients that automatic differentiation finds', () => {
    const operands = [normal([6, 5]), normal([5, 4]), normal([4])];
    const weights = normal([6, 4]);
    const ours = gradients(
      (x, w, b) => linear(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D),
      weights,
      operands,
    );
    const theirs = gradients((x, w, b) => tf.add(tf.matMul(x!, w!), b!), weights, operands);
    expectClose(ours, theirs);
  });

  it('batch normalisation has the gradients that automatic differentiation finds', () => {
    const norm = createNorm(5);
    const x = normal([8, 5]);
    const weights = normal([8, 5]);
    const loss = (output: tf.Tensor) => tf.sum(tf.mul(output, weights)) as tf.Scalar;
    const automatic = () => {
      const { mean, variance } = tf.moments(x, 0);
      const normalised = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON)));
      return loss(tf.relu(tf.add(tf.mul(normalised, norm.gamma), norm.beta)));
    };
    const ours = tf.variableGrads(() => loss(batchNormRelu(x as tf.Tensor2D, norm, true)), [norm.gamma, norm.beta]);
    const theirs = tf.variableGrads(automatic, [norm.gamma, norm.beta]);
    for (const { name } of [norm.gamma, norm.beta]) {
      expectClose([Array.from(ours.grads[name]!.dataSync())], [Array.from(theirs.grads[name]!.dataSync())]);
    }
    const dx = gradients((x) => batchNormRelu(x as tf.Tensor2D, norm, true), weights, [x]);
    const dxAutomatic = gradients(
      (x) => {
        const { mean, variance } = tf.moments(x!, 0);
        const normalised = tf.mul(tf.sub(x!, mean), tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON)));
        return tf.relu(tf.add(tf.mul(normalised, norm.gamma), norm.beta));
      },
      weights,
      [x],
    );
    expectClose(dx, dxAutomatic);
  });

  it("moves the statistics as PyTorch does: a tenth of the way, to the batch's unbiased variance", () => {
    const norm = createNorm(1);
    batchNormRelu(tf.tensor2d([1, 2, 3, 6], [4, 1]), norm, true);
    expect(norm.movingMean.dataSync()[0]).toBeCloseTo(0.3, 6);
    expect(norm.movingVariance.dataSync()[0]).toBeCloseTo(0.9 + 0.1 * (14 / 3), 6);
  });
});
