import * as tf from '@tensorflow/tfjs';
import { requireSamples } from '../distillers/batch-size.ts';
import { dots } from '../tf/dots.ts';
import { l2Normalise } from '../tf/l2-normalise.ts';

const EPSILON = 1e-7;

/**
 * Probabilistic knowledge transfer: mean over all pairs of S_t ln((S_t + eps) / (S_s + eps)), S = (cosine + 1) / 2 with
 * rows of sum 1. student [B, d], teacher [B, e], B >= 3 -> scalar. Passalis & Tefas 2018, "Learning deep
 * representations with probabilistic knowledge transfer". Throws DATA_INVALID for a smaller batch.
 */
export function pkt(student: tf.Tensor2D, teacher: tf.Tensor2D): tf.Scalar {
  requireSamples('PKT', student, 3);
  const target = affinity(teacher);
  const ratio = tf.div(tf.add(target, EPSILON), tf.add(affinity(student), EPSILON));
  return tf.mean(tf.mul(target, tf.log(ratio)));
}

function affinity(features: tf.Tensor2D): tf.Tensor2D {
  const unit = l2Normalise(features);
  const similarity = tf.div(tf.add(dots(unit, unit), 1), 2);
  return tf.div(similarity, tf.sum(similarity, 1, true));
}
