import * as tf from '@tensorflow/tfjs';
import { detached } from '../tf/detach.ts';
import { certaintyWeights } from './contrast/certainty-weights.ts';
import { type Banks, type ContrastBatch, contrast, TEMPERATURE } from './contrast/contrast.ts';
import { createContrastive } from './contrast/contrastive.ts';
import { gate } from './contrast/gate.ts';
import type { Distiller, DistillerContext } from './distiller.ts';

/** Lambda 2 of CMCRD (Kan et al. 2026). */
const WEIGHT = 0.02;
/** Share of its old value that a bank's row keeps in an update, in the code of CMCRD's authors. */
const MOMENTUM = 0.05;

/**
 * Cross-modal contrastive representation distillation of the last feature (Kan et al. 2026), in the form that the
 * configuration names. With guidance sets a step may leave the projections without a gradient.
 * Throws DATA_INVALID for one class.
 */
export function createCmcrd(context: DistillerContext): Distiller {
  const { form, guidanceSets, certaintyWeights } = context.config;
  const distiller = createContrastive(context, MOMENTUM, (contrast, banks, { student, teacher, labels }) => {
    const guidance = { studentLogits: student.logits, teacherLogits: teacher.logits, labels };
    return tf.mul(cmcrd(contrast, banks, guidance, { form, guidanceSets, certaintyWeights }), WEIGHT);
  });
  return guidanceSets ? { ...distiller, gated: distiller.parameters } : distiller;
}

export interface CmcrdOptions {
  /**
   * - `stable`: samples that the teacher classifies correctly are pulled to their partner, the others are pushed away
   *   from it only; never below 0.
   * - `reference`: what the authors' code computes; it has no lower bound where the teacher is wrong.
   * - `ratio`: a softmax over the guidance sets, after equation 14; 0 where one of them is empty.
   */
  readonly form?: 'stable' | 'reference' | 'ratio';
  /** Gating, and sets by whether the teacher is right (US in Table 7); without: every sample is pulled. */
  readonly guidanceSets?: boolean;
  /** Weights by the teacher's certainty (IEW in Table 7); without: all 1. */
  readonly certaintyWeights?: boolean;
  /** Sum of the weights, used by `reference` only. Default: the batch size; the authors' code always has 32. */
  readonly weightTotal?: number;
}

/** Logits of student and teacher for the batch, and one-hot labels, [B, c] each. */
interface Guidance {
  readonly studentLogits: tf.Tensor2D;
  readonly teacherLogits: tf.Tensor2D;
  readonly labels: tf.Tensor2D;
}

/**
 * The loss of Kan et al. 2026, equations 7-15 -> scalar. It also updates the banks, except in the form `ratio`, which
 * uses none. The weights and sets carry no gradient.
 */
export function cmcrd(batch: ContrastBatch, banks: Banks, guidance: Guidance, options: CmcrdOptions = {}): tf.Scalar {
  const { form = 'stable', guidanceSets = true, weightTotal = batch.student.shape[0] } = options;
  const { studentLogits, teacherLogits, labels } = guidance;
  const gated = guidanceSets
    ? {
        ...batch,
        student: gate(batch.student, learns(studentLogits, teacherLogits, labels)),
        teacher: gate(batch.teacher, learns(teacherLogits, studentLogits, labels)),
      }
    : batch;
  const ones = tf.ones<tf.Rank.R1>([batch.student.shape[0]]);
  const right = guidanceSets ? isRight(teacherLogits, labels) : ones;
  const weights =
    (options.certaintyWeights ?? true) ? certaintyWeights(tf.softmax(teacherLogits) as tf.Tensor2D) : ones;
  switch (form) {
    case 'stable':
      return stable(gated, banks, right, weights);
    case 'reference':
      return reference(gated, banks, right, tf.mul(weights, weightTotal / batch.student.shape[0]));
    case 'ratio':
      return ratio(gated, right, weights);
  }
}

type Side = 'student' | 'teacher';
const SIDES: readonly Side[] = ['student', 'teacher'];

/** [sum_P W (-l(x)) + sum_N W ln((x_0 + b) / b)] / sum W, on both sides */
function stable(batch: ContrastBatch, banks: Banks, right: tf.Tensor1D, weights: tf.Tensor1D): tf.Scalar {
  const scores = contrast(batch, banks);
  const terms = SIDES.map((side) => {
    const { bound, nearness } = scores[side];
    return tf.sub<tf.Tensor1D>(tf.mul(tf.sub(1, right), nearness), tf.mul(right, bound));
  });
  return tf.div(tf.sum(tf.mul(tf.addN(terms), weights)), tf.sum(weights));
}

/** -mean sigma [l(W x^s) + l(W x^t)], sigma = 1 where the teacher is right and -1 where it is wrong */
function reference(batch: ContrastBatch, banks: Banks, right: tf.Tensor1D, weights: tf.Tensor1D): tf.Scalar {
  const { student, teacher } = contrast(batch, banks, weights);
  const sign = tf.sub(tf.mul(right, 2), 1);
  return tf.neg(tf.mean(tf.mul(sign, tf.add(student.bound, teacher.bound))));
}

/** -ln[sum_P W e^(s/tau) / sum W e^(s/tau)], s = u . v */
function ratio({ student, teacher }: ContrastBatch, right: tf.Tensor1D, weights: tf.Tensor1D): tf.Scalar {
  const similarity = tf.sum(tf.mul(student, teacher), 1);
  const mass = tf.mul(weights, tf.exp(tf.div(similarity, TEMPERATURE)));
  const wrong = tf.sub(1, right);
  const both = tf.mul(tf.max(right), tf.max(wrong));
  const good = tf.add(tf.sum(tf.mul(mass, right)), tf.sub(1, both));
  return tf.mul(both, tf.log1p(tf.div(tf.sum(tf.mul(mass, wrong)), good)));
}

const correct = (logits: tf.Tensor2D, labels: tf.Tensor2D) =>
  tf.equal(tf.argMax(logits, 1), tf.argMax(labels, 1)).toFloat() as tf.Tensor1D;

/** [B], 1 where the largest logit is that of the label. */
const isRight = detached(correct);

/**
 * [B], 1 where a side gets a gradient. A side that alone is right has nothing to learn from the other: 0. If neither
 * side is right on any sample of the batch, all are 0.
 */
const learns = detached((own: tf.Tensor2D, other: tf.Tensor2D, labels: tf.Tensor2D) => {
  const ownRight = correct(own, labels);
  const otherRight = correct(other, labels);
  const anyRight = tf.max(tf.maximum(ownRight, otherRight));
  return tf.mul<tf.Tensor1D>(anyRight, tf.sub(1, tf.mul(ownRight, tf.sub(1, otherRight))));
});
