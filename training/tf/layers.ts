/**
 * Layers with hand-written gradients. TensorFlow.js' own gradients are many times slower on WebAssembly: its matrix
 * product is slow with transposed operands, and for small operations the calls cost more than the arithmetic.
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
    // dy W', with the smaller matrix transposed and on the right, because WebAssembly repacks the right operand.
    tf.transpose(tf.matMul(weight as tf.Tensor2D, tf.transpose(dy))),
    tf.matMul(tf.transpose(x as tf.Tensor2D), dy),
    tf.sum(dy, 0),
  ],
}));

/** a [m, k], b [k, n] -> a b [m, n] */
export const product = withGradient((a: tf.Tensor2D, b: tf.Tensor2D) => ({
  value: tf.matMul(a, b) as tf.Tensor2D,
  kept: [a, b],
  gradient: (dy: tf.Tensor2D, [a, b]: tf.Tensor[]) => [
    tf.matMul(dy, tf.transpose(b as tf.Tensor2D)),
    tf.matMul(tf.transpose(a as tf.Tensor2D), dy),
  ],
}));

/**
 * All states h_n = tanh(x_n U + h_(n-1) V + b) of a vanilla recurrent network, with h_0 = 0.
 * x [steps * B, in], U [in, d], V [d, d], b [d] -> [steps * B, d], step by step.
 */
export function recurrent(
  x: tf.Tensor2D,
  inputWeight: tf.Tensor2D,
  stateWeight: tf.Tensor2D,
  bias: tf.Tensor1D,
  steps: number,
): tf.Tensor2D {
  return recurrentOver(steps)(x, inputWeight, stateWeight, bias);
}

const recurrentOver = (steps: number) =>
  withGradient((x: tf.Tensor2D, inputWeight: tf.Tensor2D, stateWeight: tf.Tensor2D, bias: tf.Tensor1D) => {
    const driven = stepsOf(tf.add(tf.matMul(x, inputWeight), bias), steps);
    const states: tf.Tensor2D[] = [];
    for (const input of driven) {
      const before = states.at(-1);
      states.push(tf.tanh(before === undefined ? input : tf.add(input, tf.matMul(before, stateWeight))));
    }
    return {
      value: tf.concat(states),
      kept: [x, inputWeight, stateWeight, ...states],
      gradient: (dy: tf.Tensor2D, kept: tf.Tensor[]) => {
        const [x, inputWeight, stateWeight, ...states] = kept as [
          tf.Tensor2D,
          tf.Tensor2D,
          tf.Tensor2D,
          ...tf.Tensor2D[],
        ];
        const dStates = stepsOf(dy, steps);
        const back = tf.transpose(stateWeight);
        const dDriven: tf.Tensor2D[] = [];
        for (let n = steps - 1; n >= 0; n--) {
          const after = dDriven[0];
          const dState = after === undefined ? dStates[n]! : tf.add(dStates[n]!, tf.matMul(after, back));
          dDriven.unshift(tf.mul(dState, tf.sub(1, tf.square(states[n]!))));
        }
        const d = tf.concat(dDriven);
        const dStateWeight =
          steps === 1
            ? tf.zerosLike(stateWeight)
            : tf.matMul(tf.transpose(tf.concat(states.slice(0, -1))), tf.concat(dDriven.slice(1)));
        return [tf.matMul(d, tf.transpose(inputWeight)), tf.matMul(tf.transpose(x), d), dStateWeight, tf.sum(d, 0)];
      },
    };
  });

/**
 * [steps * B, d] -> [B, d] for each step. Uses products with one-hot rows, because on WebAssembly every tf.slice first
 * copies its whole input.
 */
export function stepsOf(x: tf.Tensor2D, steps: number): tf.Tensor2D[] {
  const [rows, width] = x.shape;
  const flat = tf.reshape<tf.Rank.R2>(x, [steps, (rows / steps) * width]);
  return Array.from({ length: steps }, (_, step) => {
    const oneHot = tf.tensor2d(
      Float32Array.from({ length: steps }, (_, n) => Number(n === step)),
      [1, steps],
    );
    return tf.reshape<tf.Rank.R2>(tf.matMul(oneHot, flat), [rows / steps, width]);
  });
}

export interface BatchNorm {
  readonly gamma: tf.Variable<tf.Rank.R1>;
  readonly beta: tf.Variable<tf.Rank.R1>;
  readonly movingMean: tf.Variable<tf.Rank.R1>;
  readonly movingVariance: tf.Variable<tf.Rank.R1>;
}

/** relu(batchNorm(x)) over the batch, x [B, d] with B >= 2 in training; training also updates the moving statistics. */
export function batchNormRelu(x: tf.Tensor2D, norm: BatchNorm, training: boolean): tf.Tensor2D {
  if (!training) return tf.relu(servingBatchNorm(x, norm));
  return trainingBatchNormRelu(norm)(x, norm.gamma as tf.Tensor1D, norm.beta as tf.Tensor1D);
}

/** batchNorm(x) over the rows, x [rows, d], for a first layer: its input needs no gradient. */
export function batchNorm(x: tf.Tensor2D, norm: BatchNorm, training: boolean): tf.Tensor2D {
  if (!training) return servingBatchNorm(x, norm);
  return tf.add(tf.mul(normalise(x, norm).normalised, norm.gamma), norm.beta);
}

function servingBatchNorm(x: tf.Tensor2D, norm: BatchNorm): tf.Tensor2D {
  const scale = tf.div(norm.gamma, tf.sqrt(tf.add(norm.movingVariance, BATCH_NORM_EPSILON)));
  return tf.add(tf.mul(tf.sub(x, norm.movingMean), scale), norm.beta);
}

/** Normalises by the batch's statistics, and updates the moving ones. */
function normalise(x: tf.Tensor2D, norm: BatchNorm): { normalised: tf.Tensor2D; inverseStd: tf.Tensor1D } {
  const batch = x.shape[0];
  const mean = tf.mean<tf.Tensor1D>(x, 0);
  const centred = tf.sub<tf.Tensor2D>(x, mean);
  const variance = tf.mean<tf.Tensor1D>(tf.square(centred), 0);
  norm.movingMean.assign(towards(norm.movingMean, mean));
  norm.movingVariance.assign(towards(norm.movingVariance, tf.mul(variance, batch / (batch - 1))));
  const inverseStd = tf.rsqrt(tf.add<tf.Tensor1D>(variance, BATCH_NORM_EPSILON));
  return { normalised: tf.mul(centred, inverseStd), inverseStd };
}

const trainingBatchNormRelu = (norm: BatchNorm) =>
  withGradient((x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D) => {
    const batch = x.shape[0];
    const { normalised, inverseStd } = normalise(x, norm);
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

/** A moving statistic, updated with the batch's. */
export function towards(moving: tf.Tensor1D, batch: tf.Tensor1D): tf.Tensor1D {
  return tf.add(tf.mul(moving, 1 - MOMENTUM), tf.mul(batch, MOMENTUM));
}

/** What a layer computes. Only `kept` tensors live until `gradient`, which returns one tensor per operand. */
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
