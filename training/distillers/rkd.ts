import * as tf from '@tensorflow/tfjs';
import { dots } from '../tf/dots.ts';
import { l2Normalise } from '../tf/l2-normalise.ts';
import { withGradient } from '../tf/layers.ts';
import { requireSamples } from './batch-size.ts';
import type { Distiller } from './distiller.ts';
import { parameterFree } from './parameter-free.ts';

const DISTANCE_WEIGHT = 25;
const ANGLE_WEIGHT = 50;
const TINY = 1e-12;

/**
 * Relational knowledge distillation of the last feature (Park et al. 2019), with weight 1 beside the cross-entropy, as
 * in the code of CMCRD's authors (Kan et al. 2026). Its loss throws DATA_INVALID for a batch of fewer than 3 rows.
 */
export function createRkd(): Distiller {
  return parameterFree(({ student, teacher }) => rkd(student.embedding, teacher.embedding));
}

/**
 * 25 smoothL1 of the pair distances over their mean + 50 smoothL1 of the cosines of triplet angles.
 * student [B, d], teacher [B, e] without gradient, B >= 3 -> scalar. Park et al. 2019, "Relational knowledge
 * distillation". Samples that coincide have distance 0, no angle and no gradient.
 * Throws DATA_INVALID for a smaller batch.
 */
export function rkd(student: tf.Tensor2D, teacher: tf.Tensor2D): tf.Scalar {
  requireSamples('RKD', student, 3);
  const s = relations(student);
  const t = relations(teacher);
  const distance = tf.mean(smoothL1(tf.sub(s.distances, t.distances)));
  const angle = tf.mean(smoothL1(tf.sub(s.cosines, t.cosines)));
  return tf.add(tf.mul(distance, DISTANCE_WEIGHT), tf.mul(angle, ANGLE_WEIGHT));
}

/** Distances [B, B] over the mean of those above 0; cosines [B, B, B] at the first sample between the other two. */
function relations(features: tf.Tensor2D) {
  const differences = tf.sub<tf.Tensor3D>(tf.expandDims(features, 0), tf.expandDims(features, 1));
  const directions = l2Normalise(differences);
  // |e| = e.e/|e| has, unlike a square root, a gradient at 0.
  const lengths = tf.sum(tf.mul(directions, differences), 2);
  const apart = tf.maximum(tf.sum(tf.step(lengths)), 1);
  const mean = tf.maximum(tf.div(tf.sum(lengths), apart), TINY);
  return { distances: tf.div(lengths, mean), cosines: dots(directions, directions) };
}

/** x^2 / 2 for |x| <= 1, |x| - 1/2 beyond. */
const smoothL1 = withGradient((x: tf.Tensor) => {
  const clipped = tf.clipByValue(x, -1, 1);
  return {
    value: tf.mul(clipped, tf.sub(x, tf.div(clipped, 2))),
    kept: [clipped],
    gradient: (dy: tf.Tensor, [clipped]: tf.Tensor[]) => [tf.mul(dy, clipped!)],
  };
});
