import * as tf from '@tensorflow/tfjs';
import { dots } from '../tf/dots.ts';
import { l2Normalise } from '../tf/l2-normalise.ts';
import { withGradient } from '../tf/layers.ts';
import type { Distiller, DistillerContext } from './distiller.ts';

/** Weight of the loss in the code of CMCRD's authors (Kan et al. 2026). */
const WEIGHT = 10;
const FEATURES = ['hidden', 'embedding'] as const;

type Pool = (x: tf.Tensor2D) => tf.Tensor2D;

/**
 * Neuron selectivity transfer (Huang & Wang 2017) of both features, summed: the batch's samples are the distribution.
 * The kernel compares vectors of one size, so the wider feature is average-pooled to the width of the narrower one, as
 * RepDistiller does with maps of different sizes.
 */
export function createNst(context: DistillerContext): Distiller {
  const pooling: tf.Tensor[] = [];
  const poolOf = (from: number, to: number): Pool => {
    if (from === to) return (x) => x;
    const matrix = tf.keep(poolingMatrix(from, to));
    pooling.push(matrix);
    return pooledBy(matrix);
  };
  const pools = FEATURES.map((feature) => {
    const [student, teacher] = [context.student[feature], context.teacher[feature]];
    const width = Math.min(student, teacher);
    return { feature, student: poolOf(student, width), teacher: poolOf(teacher, width) };
  });
  return {
    parameters: [],
    banks: [],
    loss({ student, teacher }) {
      const terms = pools.map((pool) =>
        nst(oneGroup(pool.student(student[pool.feature])), oneGroup(pool.teacher(teacher[pool.feature]))),
      );
      return tf.mul(tf.addN(terms), WEIGHT);
    },
    dispose: () => tf.dispose(pooling),
  };
}

/**
 * The squared maximum mean discrepancy of two sets of unit vectors under k(a, b) = (a.b)^2, mean over groups.
 * student [g, m, d], teacher [g, n, d] -> scalar. Huang & Wang 2017, "Like what you like: knowledge distill via neuron
 * selectivity transfer". For feature maps a group is a sample and its vectors are the channels; for plain vectors the
 * batch is the one group, and the features are passed as [1, B, d].
 */
export function nst(student: tf.Tensor3D, teacher: tf.Tensor3D): tf.Scalar {
  const s = l2Normalise(student);
  const t = l2Normalise(teacher);
  const kernel = (a: tf.Tensor3D, b: tf.Tensor3D) => tf.mean<tf.Scalar>(tf.square(dots(a, b)));
  return tf.sub(tf.add(kernel(t, t), kernel(s, s)), tf.mul(kernel(s, t), 2));
}

const pooledBy = (matrix: tf.Tensor2D): Pool =>
  withGradient((x: tf.Tensor2D) => ({
    value: tf.matMul(x, matrix) as tf.Tensor2D,
    kept: [],
    gradient: (dy: tf.Tensor2D) => [tf.matMul(dy, tf.transpose(matrix))],
  }));

/** [from, to]: column j averages the inputs floor(j from / to) .. ceil((j + 1) from / to) - 1, as PyTorch's adaptive pooling. */
function poolingMatrix(from: number, to: number): tf.Tensor2D {
  const weights = new Float32Array(from * to);
  for (let j = 0; j < to; j++) {
    const start = Math.floor((j * from) / to);
    const end = Math.ceil(((j + 1) * from) / to);
    for (let i = start; i < end; i++) weights[i * to + j] = 1 / (end - start);
  }
  return tf.tensor2d(weights, [from, to]);
}

/** [B, d] -> [1, B, d] */
function oneGroup(x: tf.Tensor2D): tf.Tensor3D {
  return tf.expandDims(x, 0);
}
