/** Normalisation layers over dual numbers; dropout beside them. */
import * as tf from '@tensorflow/tfjs';
import { BATCH_NORM_EPSILON, type BatchNorm, towards } from '../../tf/layers.ts';
import { constant, type Dual, linearly, plus, pointwise, times } from './dual.ts';
import { type Pass, weightIn } from './pass.ts';

/** As in Keras' transformer block. */
export const LAYER_NORM_EPSILON = 1e-6;

export interface LayerNorm {
  readonly gamma: tf.Variable<tf.Rank.R1>;
  readonly beta: tf.Variable<tf.Rank.R1>;
}

export function createLayerNorm(width: number): LayerNorm {
  return tf.tidy(() => ({
    gamma: tf.variable(tf.ones<tf.Rank.R1>([width])),
    beta: tf.variable(tf.zeros<tf.Rank.R1>([width])),
  }));
}

/** Over each row of x [rows, d] (Ba, Kiros & Hinton 2016). */
export function layerNorm(x: Dual, { gamma, beta }: LayerNorm, pass: Pass): Dual {
  const centred = plus(
    x,
    linearly(x, (x) => tf.neg(tf.mean(x, 1, true))),
  );
  const variance = linearly(times(centred, centred), (square) => tf.mean<tf.Tensor2D>(square, 1, true));
  const normalised = times(centred, inverseRoot(variance, LAYER_NORM_EPSILON));
  return plus(times(normalised, weightIn(pass, gamma)), weightIn(pass, beta));
}

/** Batch normalisation as y = x scale + shift. */
interface Affinity {
  readonly scale: Dual<tf.Tensor1D>;
  readonly shift: Dual<tf.Tensor1D>;
}

/**
 * `batch` returns mean and biased variance of the batch's `rows` rows; a `batch-followed` pass updates the moving
 * statistics with them.
 */
export function batchNormAffinity(
  norm: BatchNorm,
  pass: Pass,
  rows: number,
  batch: () => { readonly mean: Dual<tf.Tensor1D>; readonly variance: Dual<tf.Tensor1D> },
): Affinity {
  const { mean, variance } =
    pass.statistics === 'moving'
      ? { mean: constant<tf.Tensor1D>(norm.movingMean), variance: constant<tf.Tensor1D>(norm.movingVariance) }
      : batch();
  if (pass.statistics === 'batch-followed') {
    norm.movingMean.assign(towards(norm.movingMean, mean.value));
    norm.movingVariance.assign(towards(norm.movingVariance, tf.mul(variance.value, rows / (rows - 1))));
  }
  const scale = times(inverseRoot(variance, BATCH_NORM_EPSILON), weightIn(pass, norm.gamma));
  const shift = plus(weightIn(pass, norm.beta), linearly(times(mean, scale), tf.neg<tf.Tensor1D>));
  return { scale, shift };
}

/** Over the rows of x [rows, d] (Ioffe & Szegedy 2015). */
export function batchNorm(x: Dual, norm: BatchNorm, pass: Pass): Dual {
  const { scale, shift } = batchNormAffinity(norm, pass, x.value.shape[0], () => {
    const mean = linearly(x, (x) => tf.mean<tf.Tensor1D>(x, 0));
    const centred = plus(
      x,
      linearly(mean, (mean) => tf.neg(mean)),
    );
    return { mean, variance: linearly(times(centred, centred), (square) => tf.mean<tf.Tensor1D>(square, 0)) };
  });
  return plus(times(x, scale), shift);
}

/** Inverted dropout (Srivastava et al. 2014): kept values are scaled up, so serving needs no scaling. */
export function dropout(x: Dual, rate: number, { dropout: random }: Pass): Dual {
  if (random === null || rate === 0) return x;
  const kept = 1 / (1 - rate);
  const mask = Float32Array.from({ length: x.value.size }, () => (random.uniform() < rate ? 0 : kept));
  return times(x, constant(tf.tensor2d(mask, x.value.shape)));
}

function inverseRoot<T extends tf.Tensor>(x: Dual<T>, epsilon: number): Dual<T> {
  return pointwise(
    x,
    (x) => tf.rsqrt(tf.add<T>(x, epsilon)),
    (_, y) => tf.mul(-0.5, tf.mul(y, tf.square(y))),
  );
}
