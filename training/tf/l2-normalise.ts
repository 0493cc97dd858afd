import * as tf from '@tensorflow/tfjs';
import { withGradient } from './layers.ts';

const TINY = 1e-12;

/** Vectors along the last axis scaled to unit length; a zero vector stays zero and has no gradient. */
export function l2Normalise<T extends tf.Tensor>(x: T): T {
  return normalise(x) as T;
}

const normalise = withGradient((x: tf.Tensor) => {
  const norm = tf.sqrt(tf.sum(tf.square(x), -1, true));
  const inverse = tf.div(tf.step(norm), tf.maximum(norm, TINY));
  const value = tf.mul(x, inverse);
  return {
    value,
    kept: [value, inverse],
    gradient: (dy: tf.Tensor, kept: tf.Tensor[]) => {
      const [value, inverse] = kept as [tf.Tensor, tf.Tensor];
      const along = tf.mul(value, tf.sum(tf.mul(dy, value), -1, true));
      return [tf.mul(tf.sub(dy, along), inverse)];
    },
  };
});
