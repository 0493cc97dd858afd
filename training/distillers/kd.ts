import * as tf from '@tensorflow/tfjs';
import type { Distiller } from './distiller.ts';
import { parameterFree } from './parameter-free.ts';

/** Weight of the loss in the code of CMCRD's authors (Kan et al. 2026). */
const WEIGHT = 10;

/** Knowledge distillation of the logits (Hinton et al. 2015). */
export function createKd(): Distiller {
  return parameterFree(({ student, teacher }) => tf.mul(kd(student.logits, teacher.logits), WEIGHT));
}

/**
 * T^2 KL(softmax(teacher / T) || softmax(student / T)), summed over classes, mean over the batch.
 * Logits [B, c] of both -> scalar; no gradient reaches the teacher's. Hinton et al. 2015, "Distilling the knowledge in
 * a neural network", section 2. The default T = 4 is RepDistiller's.
 */
export function kd(student: tf.Tensor2D, teacher: tf.Tensor2D, temperature = 4): tf.Scalar {
  const logTarget = tf.logSoftmax(tf.div(teacher, temperature));
  const logStudent = tf.logSoftmax(tf.div(student, temperature));
  const divergence = tf.sum(tf.mul(tf.exp(logTarget), tf.sub(logTarget, logStudent)), 1);
  return tf.mul(tf.mean(divergence), temperature ** 2);
}
