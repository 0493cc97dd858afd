import * as tf from '@tensorflow/tfjs';
import { dots } from '../tf/dots.ts';
import { l2Normalise } from '../tf/l2-normalise.ts';
import { requireSamples } from './batch-size.ts';
import type { Distiller } from './distiller.ts';
import { parameterFree } from './parameter-free.ts';

/** Weight of the loss in the code of CMCRD's authors (Kan et al. 2026). */
const WEIGHT = 1000;
const EPSILON = 1e-7;

/**
 * Probabilistic knowledge transfer of the last feature (Passalis & Tefas 2018). Its loss throws DATA_INVALID for a
 * batch of fewer than 3 rows.
 */
export function createPkt(): Distiller {
  return parameterFree(({ student, teacher }) => tf.mul(pkt(student.embedding, teacher.embedding), WEIGHT));
}

/**
 * Mean over all pairs of S_t ln((S_t + eps) / (S_s + eps)), where S = (cosine + 1) / 2 with rows that sum to 1.
 * student [B, d], teacher [B, e], B >= 3 -> scalar. Passalis & Tefas 2018, "Learning deep representations with
 * probabilistic knowledge transfer". Throws DATA_INVALID for a smaller batch.
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
