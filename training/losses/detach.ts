import * as tf from '@tensorflow/tfjs';
import { withGradient } from '../layers.ts';

/** The same values, through which no gradient passes. */
export function detach<T extends tf.Tensor>(x: T): T {
  return blocked(x) as T;
}

const blocked = withGradient((x: tf.Tensor) => ({
  value: x.clone(),
  kept: [],
  gradient: (dy: tf.Tensor) => [tf.zerosLike(dy)],
}));
