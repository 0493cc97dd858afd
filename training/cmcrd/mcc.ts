import * as tf from '@tensorflow/tfjs';
import { certaintyWeights } from '../distillers/contrast/certainty-weights.ts';
import { detach } from '../tf/detach.ts';
import { dots } from '../tf/dots.ts';

export interface MccOptions {
  /** Softens the logits; 2.5 in the authors' code. */
  readonly temperature?: number;
  /** Inside the logarithm of the entropy; 1e-5 in the authors' code. */
  readonly epsilon?: number;
  /** Whether gradients also pass through the weights; off, as in the authors' code. */
  readonly weightGradient?: boolean;
}

const SMALLEST_ROW = 1e-12;

/**
 * Minimum class confusion: logits [B, c] -> scalar, the share of the class correlation C = p' W p (rows normalised to
 * sum 1) that lies off its diagonal. CMCRD (Kan et al. 2026), equations 1-5, after Jin et al. 2020, "Minimum class
 * confusion for versatile domain adaptation". The total of W cancels in the normalisation.
 */
export function mcc(logits: tf.Tensor2D, options: MccOptions = {}): tf.Scalar {
  const { temperature = 2.5, epsilon, weightGradient = false } = options;
  const classes = logits.shape[1];
  const p = tf.softmax(tf.div(logits, temperature)) as tf.Tensor2D;
  const weights = certaintyWeights(weightGradient ? p : detach(p), epsilon);
  const byClass = tf.transpose(p) as tf.Tensor2D;
  const correlation = dots(tf.mul<tf.Tensor2D>(byClass, weights), byClass);
  const rows = tf.maximum(tf.sum(correlation, 1, true), SMALLEST_ROW);
  const offDiagonal = tf.sub(1, tf.eye(classes));
  return tf.div<tf.Scalar>(tf.sum(tf.mul(tf.div(correlation, rows), offDiagonal)), classes);
}
