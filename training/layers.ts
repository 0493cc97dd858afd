/**
 * Layers with their gradients by hand: TensorFlow.js' own are many times slower on WebAssembly, whose matrix product
 * is slow with transposed operands and whose small operations cost more in calls than in arithmetic.
 */
import * as tf from '@tensorflow/tfjs';

/** Of PyTorch's BatchNorm1d, which the published networks use. */
const MOMENTUM = 0.1;
export const BATCH_NORM_EPSILON = 1e-5;

/** x [B, in], weight [in, out], bias [out] -> x W + b [B, out] */
export const linear = withGradient((x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D) => ({
  value: tf.add<tf.Tensor2D>(tf.matMul(x, weight), bias),
  kept: [x, weight],
  gradient: (dy: tf.Tensor2D, [x, weight]: tf.Tensor[]) => [
    tf.matMul(dy, tf.transpose(weight as tf.Tensor2D)),
    tf.matMul(tf.transpose(x as tf.Tensor2D), dy),
    tf.sum(dy, 0),
  ],
}));

export interface BatchNorm {
  readonly gamma: tf.Variable<tf.Rank.R1>;
  readonly beta: tf.Variable<tf.Rank.R1>;
  readonly movingMean: tf.Variable<tf.Rank.R1>;
  readonly movingVariance: tf.Variable<tf.Rank.R1>;
}

/** relu(batchNorm(x)) over the batch, x [B, d] with B >= 2 in training; training also moves the statistics. */
export function batchNormRelu(x: tf.Tensor2D, norm: BatchNorm, training: boolean): tf.Tensor2D {
  if (!training) {
    const scale = tf.div(norm.gamma, tf.sqrt(tf.add(norm.movingVariance, BATCH_NORM_EPSILON)));
    return tf.relu(tf.add(tf.mul(tf.sub(x, norm.movingMean), scale), norm.beta));
  }
  return trainingBatchNormRelu(norm)(x, norm.gamma as tf.Tensor1D, norm.beta as tf.Tensor1D);
}

const trainingBatchNormRelu = (norm: BatchNorm) =>
  withGradient((x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D) => {
    const batch = x.shape[0];
    const mean = tf.mean<tf.Tensor1D>(x, 0);
    const centred = tf.sub(x, mean);
    const variance = tf.mean<tf.Tensor1D>(tf.square(centred), 0);
    norm.movingMean.assign(towards(norm.movingMean, mean));
    norm.movingVariance.assign(towards(norm.movingVariance, tf.mul(variance, batch / (batch - 1))));
    const inverseStd = tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON));
    const normalised = tf.mul(centred, inverseStd);
    const value = tf.relu<tf.Tensor2D>(tf.add(tf.mul(normalised, gamma), beta));
    return {
      value,
      kept: [value, normalised, tf.mul(gamma, inverseStd)],
      gradient: (dy: tf.Tensor2D, kept: tf.Tensor[]) => {
        const [value, normalised, scale] = kept as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        const dz = tf.mul(dy, tf.step(value));
        const dBeta = tf.sum(dz, 0);
        const dGamma = tf.sum(tf.mul(dz, normalised), 0);
        const share = tf.div(tf.add(dBeta, tf.mul(normalised, dGamma)), batch);
        return [tf.mul(tf.sub(dz, share), scale), dGamma, dBeta];
      },
    };
  });

function towards(moving: tf.Tensor1D, batch: tf.Tensor1D): tf.Tensor1D {
  return tf.add(tf.mul(moving, 1 - MOMENTUM), tf.mul(batch, MOMENTUM));
}

/** What a layer computes; only `kept` tensors live until `gradient`, which gives one tensor per operand. */
interface Forward<T extends tf.Tensor> {
  readonly value: T;
  readonly kept: tf.Tensor[];
  readonly gradient: (dy: T, kept: tf.Tensor[]) => tf.Tensor[];
}

/** tf.customGrad with types. */
export function withGradient<Operands extends tf.Tensor[], T extends tf.Tensor>(
  forward: (...operands: Operands) => Forward<T>,
): (...operands: Operands) => T {
  const f = tf.customGrad((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const { value, kept, gradient } = forward(...(args.slice(0, -1) as Operands));
    save(kept);
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(dy as T, saved) };
  });
  return (...operands) => f(...operands) as T;
}
