import * as tf from '@tensorflow/tfjs';
import { dots } from '../tf/dots.ts';
import { l2Normalise } from '../tf/l2-normalise.ts';
import type { Distiller } from './distiller.ts';
import { parameterFree } from './parameter-free.ts';

/** Weight of the loss in the code of CMCRD's authors (Kan et al. 2026). */
const WEIGHT = 100;

/** Similarity preservation of the intermediate feature f1 (Tung & Mori 2019). */
export function createSp(): Distiller {
  return parameterFree(({ student, teacher }) => tf.mul(sp(student.hidden, teacher.hidden), WEIGHT));
}

/**
 * ||G_t - G_s||_F^2 / B^2, where G = F F' with its rows scaled to length 1.
 * student [B, d], teacher [B, e] -> scalar. Tung & Mori 2019, "Similarity-preserving knowledge distillation".
 */
export function sp(student: tf.Tensor2D, teacher: tf.Tensor2D): tf.Scalar {
  const similarity = (features: tf.Tensor2D) => l2Normalise(dots(features, features));
  return tf.mean(tf.square(tf.sub(similarity(teacher), similarity(student))));
}
