import * as tf from '@tensorflow/tfjs';

/** Mean over the batch of -ln softmax(z)_y. logits [B, c], one-hot labels [B, c] -> scalar. */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), labels), 1)));
}
