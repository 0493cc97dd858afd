import * as tf from '@tensorflow/tfjs';

/**
 * T^2 KL(softmax(teacher / T) || softmax(student / T)), summed over classes, mean over the batch.
 * Logits [B, c], the teacher's without gradient -> scalar. Hinton et al. 2015, "Distilling the knowledge in a neural
 * network", section 2; T = 4 as in RepDistiller.
 */
export function kd(student: tf.Tensor2D, teacher: tf.Tensor2D, temperature = 4): tf.Scalar {
  const logTarget = tf.logSoftmax(tf.div(teacher, temperature));
  const logStudent = tf.logSoftmax(tf.div(student, temperature));
  const divergence = tf.sum(tf.mul(tf.exp(logTarget), tf.sub(logTarget, logStudent)), 1);
  return tf.mul(tf.mean(divergence), temperature ** 2);
}
