import * as tf from '@tensorflow/tfjs';
import { dots } from '../tf/dots.ts';
import { l2Normalise } from '../tf/l2-normalise.ts';

/**
 * Similarity preservation: ||G_t - G_s||_F^2 / B^2, G = F F' with its rows scaled to length 1. student [B, d], teacher [B, e] -> scalar.
 * Tung & Mori 2019, "Similarity-preserving knowledge distillation".
 */
export function sp(student: tf.Tensor2D, teacher: tf.Tensor2D): tf.Scalar {
  const similarity = (features: tf.Tensor2D) => l2Normalise(dots(features, features));
  return tf.mean(tf.square(tf.sub(similarity(teacher), similarity(student))));
}
