/**
 * What the student is taught on a batch: L_S = CE + 0.1 T^2 KL(teacher || student) + 1 MSE(feature) (Zhang & Lu 2025,
 * in this project's RECONSTRUCTION). T is not known of the paper: 4, as in Hinton et al. 2015 and RepDistiller.
 */
import * as tf from '@tensorflow/tfjs';
import { fitnet } from '../distillers/fitnet.ts';
import { kd } from '../distillers/kd.ts';
import { crossEntropy } from '../tf/cross-entropy.ts';
import type { Answer } from './network/index.ts';

export interface LessonWeights {
  readonly answers: number;
  /** Of the fusion feature; 0 leaves it out. */
  readonly feature: number;
  readonly temperature: number;
}

/** What a network tells of a batch: logits [windows, classes], feature [windows, width]. */
export type Told = { readonly logits: tf.Tensor2D; readonly feature: tf.Tensor2D };

export function toldBy({ logits, feature }: Answer): Told {
  return { logits: logits.value, feature: feature.value };
}

/** The answer's derivative along the direction that its pass followed. */
export function movementOf({ logits, feature }: Answer): Told {
  return { logits: logits.tangent!, feature: feature.tangent! };
}

/** L_S; labels one-hot [windows, classes]. */
export function lessonLoss(student: Told, teacher: Told, labels: tf.Tensor2D, weights: LessonWeights): tf.Scalar {
  const { answers, feature, temperature } = weights;
  const terms: tf.Scalar[] = [
    crossEntropy(student.logits, labels),
    tf.mul(kd(student.logits, teacher.logits, temperature), answers),
  ];
  if (feature > 0) terms.push(tf.mul(fitnet(student.feature, teacher.feature), feature));
  return tf.addN(terms);
}

/**
 * The part of L_S' derivative along a direction of the student's weights that depends on the teacher, whose answers may
 * be differentiated; `movement` is the student's own derivative along that direction. The cross-entropy knows no
 * teacher and is left out, and so is the teacher's own entropy, which the student's weights don't move.
 */
export function lessonSlope(student: Told, movement: Told, teacher: Told, weights: LessonWeights): tf.Scalar {
  const { answers, feature, temperature } = weights;
  const logits = tf.div(student.logits, temperature);
  const moved = tf.div(movement.logits, temperature);
  // d log softmax(z) = dz - sum(softmax(z) dz)
  const dLog = tf.sub(moved, tf.sum(tf.mul(tf.softmax(logits), moved), 1, true));
  const target = tf.softmax(tf.div(teacher.logits, temperature));
  const dDivergence: tf.Scalar = tf.neg(tf.mean(tf.sum(tf.mul(target, dLog), 1)));
  const terms: tf.Scalar[] = [tf.mul(dDivergence, answers * temperature ** 2)];
  if (feature > 0) {
    const difference = tf.sub(student.feature, teacher.feature);
    terms.push(tf.mul<tf.Scalar>(tf.mean(tf.mul(difference, movement.feature)), 2 * feature));
  }
  return tf.addN(terms);
}
