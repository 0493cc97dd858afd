import * as tf from '@tensorflow/tfjs';
import { dots } from '../tf/dots.ts';
import { l2Normalise } from '../tf/l2-normalise.ts';

/**
 * Neuron selectivity transfer: the squared maximum mean discrepancy of two sets of unit vectors under k(a, b) =
 * (a.b)^2, mean over groups. student [g, m, d], teacher [g, n, d] -> scalar. Huang & Wang 2017, "Like what you like".
 * Of feature maps, a group is a sample and its vectors are the channels; of plain vectors, the
 * batch is the one group and the samples are the distribution: pass [1, B, d].
 */
export function nst(student: tf.Tensor3D, teacher: tf.Tensor3D): tf.Scalar {
  const s = l2Normalise(student);
  const t = l2Normalise(teacher);
  const kernel = (a: tf.Tensor3D, b: tf.Tensor3D) => tf.mean<tf.Scalar>(tf.square(dots(a, b)));
  return tf.sub(tf.add(kernel(t, t), kernel(s, s)), tf.mul(kernel(s, t), 2));
}
