import * as tf from '@tensorflow/tfjs';

const EPSILON = 1e-5;

/**
 * Weights of samples by the certainty of their prediction, of mean 1: (1 + exp(-H_i)) over its mean, with the entropy
 * H_i = -sum_j p_ij ln(p_ij + epsilon). probabilities [B, c] -> [B].
 * CMCRD (Kan et al. 2026), equations 3 and 4; the total is the size of the batch.
 */
export function certaintyWeights(probabilities: tf.Tensor2D, epsilon = EPSILON): tf.Tensor1D {
  const logs = tf.log(tf.add(probabilities, epsilon));
  const certainty = tf.add(tf.exp(tf.sum(tf.mul(probabilities, logs), 1)), 1);
  return tf.div<tf.Tensor1D>(certainty, tf.mean(certainty));
}
