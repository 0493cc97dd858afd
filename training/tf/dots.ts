import * as tf from '@tensorflow/tfjs';
import { withGradient } from './layers.ts';

/** Inner products of all rows, a b': [.., m, d] and [.., n, d] -> [.., m, n], rank 2 or 3. */
export function dots<T extends tf.Tensor2D | tf.Tensor3D>(a: T, b: T): T {
  return products(a, b) as T;
}

const products = withGradient((a: tf.Tensor, b: tf.Tensor) => ({
  value: tf.matMul(a, transposed(b)),
  kept: [a, b],
  gradient: (dy: tf.Tensor, [a, b]: tf.Tensor[]) => [tf.matMul(dy, b!), tf.matMul(transposed(dy), a!)],
}));

function transposed(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, x.rank === 2 ? [1, 0] : [0, 2, 1]);
}
