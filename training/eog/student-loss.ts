/**
 * The student's loss on a batch: L_S = CE + 0.1 T^2 KL(teacher || student) + 1 MSE(feature) (Zhang & Lu 2025, in this
 * project's RECONSTRUCTION). The paper's T is not known: 4, as in Hinton et al. 2015 and RepDistiller.
 */
import * as tf from '@tensorflow/tfjs';
import { fitnet } from '../distillers/fitnet.ts';
import { kd } from '../distillers/kd.ts';
import { crossEntropy } from '../tf/cross-entropy.ts';
import type { Answer } from './network/index.ts';

export interface DistillationWeights {
  /** Of the divergence between the predictions. */
  readonly answers: number;
  /** Of the squared error between the fusion features; 0 leaves it out. */
  readonly feature: number;
  readonly temperature: number;
}

/** A network's outputs for a batch: logits [windows, classes], feature [windows, width]. */
export type Outputs = { readonly logits: tf.Tensor2D; readonly feature: tf.Tensor2D };

export function valuesOf({ logits, feature }: Answer): Outputs {
  return { logits: logits.value, feature: feature.value };
}

/** Derivatives of the outputs along the direction of their pass. */
export function tangentsOf({ logits, feature }: Answer): Outputs {
  return { logits: logits.tangent!, feature: feature.tangent! };
}

/** L_S -> scalar; labels one-hot [windows, classes]. */
export function studentLoss(
  student: Outputs,
  teacher: Outputs,
  labels: tf.Tensor2D,
  weights: DistillationWeights,
): tf.Scalar {
  const { answers, feature, temperature } = weights;
  const terms: tf.Scalar[] = [
    crossEntropy(student.logits, labels),
    tf.mul(kd(student.logits, teacher.logits, temperature), answers),
  ];
  if (feature > 0) terms.push(tf.mul(fitnet(student.feature, teacher.feature), feature));
  return tf.addN(terms);
}

/**
 * The part of L_S' derivative along a direction of the student's weights that depends on the teacher, differentiable
 * with respect to the teacher's outputs. `tangents` are the derivatives of the student's outputs along that direction.
 * The cross-entropy does not depend on the teacher and is left out; so is the teacher's entropy, which does not depend
 * on the student's weights.
 */
export function studentLossSlope(
  student: Outputs,
  tangents: Outputs,
  teacher: Outputs,
  weights: DistillationWeights,
): tf.Scalar {
  const { answers, feature, temperature } = weights;
  const logits = tf.div(student.logits, temperature);
  const dLogits = tf.div(tangents.logits, temperature);
  // d log softmax(z) = dz - sum(softmax(z) dz)
  const dLog = tf.sub(dLogits, tf.sum(tf.mul(tf.softmax(logits), dLogits), 1, true));
  const target = tf.softmax(tf.div(teacher.logits, temperature));
  const dDivergence: tf.Scalar = tf.neg(tf.mean(tf.sum(tf.mul(target, dLog), 1)));
  const terms: tf.Scalar[] = [tf.mul(dDivergence, answers * temperature ** 2)];
  if (feature > 0) {
    const difference = tf.sub(student.feature, teacher.feature);
    terms.push(tf.mul<tf.Scalar>(tf.mean(tf.mul(difference, tangents.feature)), 2 * feature));
  }
  return tf.addN(terms);
}
