/**
 * What CRD (Tian et al. 2020, "Contrastive representation distillation") and CMCRD (Kan et al. 2026) share. A feature
 * is scored against the other modality's bank, x_k = exp(u . M[j_k] / tau) / Z with j_0 the sample itself and K drawn
 * negatives, and the bound of mutual information is (equations 7-10 of CMCRD)
 *   l(x) = ln(x_0 / (x_0 + b + eps)) + sum_k ln(b / (x_k + b + eps)),  b = K / n.
 * With a_k = ln(x_k / (b + eps)) both terms are softplus, which neither overflows nor cancels.
 */
import * as tf from '@tensorflow/tfjs';
import { detached } from '../../tf/detach.ts';
import { withGradient } from '../../tf/layers.ts';
import { softplus } from '../../tf/softplus.ts';
import type { MemoryBank } from './memory-bank.ts';
import type { Drawn } from './negatives.ts';

export const TEMPERATURE = 0.07;
const EPSILON = 1e-7;

/** A memory bank of each modality's features. */
export interface Banks {
  readonly student: MemoryBank;
  readonly teacher: MemoryBank;
}

/** Unit features of a batch, [B, d] each, and the negatives drawn for it. */
export interface ContrastBatch {
  readonly student: tf.Tensor2D;
  readonly teacher: tf.Tensor2D;
  readonly drawn: Drawn;
}

/** Scores of one modality's features of a batch against the other modality's bank. */
interface Contrast {
  /** l(x_i), [B] */
  readonly bound: tf.Tensor1D;
  /** ln((x_i0 + b) / b), [B]: grows with the similarity of a feature and its sample's partner. */
  readonly nearness: tf.Tensor1D;
}

/**
 * Scores a batch against both banks, then updates the banks; the first batch also fixes each Z.
 * `weights` [B] scale the scores x.
 */
export function contrast(
  { student, teacher, drawn }: ContrastBatch,
  banks: Banks,
  weights?: tf.Tensor1D,
): { student: Contrast; teacher: Contrast } {
  const logWeights = weights === undefined ? tf.scalar(0) : tf.log(weights);
  const own = { student: banks.student.at(drawn.rows), teacher: banks.teacher.at(drawn.rows) };
  const scores = {
    student: contrastWith(banks.teacher, own.teacher, student, drawn, logWeights),
    teacher: contrastWith(banks.student, own.student, teacher, drawn, logWeights),
  };
  banks.student.update(drawn.rows, own.student, student);
  banks.teacher.update(drawn.rows, own.teacher, teacher);
  return scores;
}

function contrastWith(
  bank: MemoryBank,
  partners: tf.Tensor2D,
  features: tf.Tensor2D,
  drawn: Drawn,
  logWeights: tf.Tensor,
): Contrast {
  const { counts, perSample } = drawn;
  if (bank.logZ === null) bank.freezeZ(detached(() => logPartition(features, partners, bank.features, drawn))());
  const b = perSample / bank.samples;
  const shift = detached(() => tf.sub(logWeights, tf.add(bank.logZ!, Math.log(b + EPSILON))))();
  const { bound, nearness } = critic(features, TEMPERATURE, {
    partners,
    bank: bank.features,
    counts,
    shift,
    nearnessShift: Math.log((b + EPSILON) / b),
  });
  return { bound: tf.add(bound, perSample * Math.log(b / (b + EPSILON))), nearness };
}

/** ln(n mean exp(feature . M[j] / tau)) over a batch's own samples and their negatives. */
function logPartition(features: tf.Tensor2D, partners: tf.Tensor2D, bank: tf.Tensor2D, drawn: Drawn): tf.Scalar {
  const [samples, batch] = drawn.counts.shape;
  const query = tf.div<tf.Tensor2D>(features, TEMPERATURE);
  const negatives = tf.sum(tf.mul(drawn.counts, tf.exp(tf.matMul(bank, tf.transpose(query)))));
  const own = tf.sum(tf.exp(tf.sum(tf.mul(query, partners), 1)));
  return tf.log(tf.mul(tf.add(negatives, own), samples / (batch * (drawn.perSample + 1))));
}

/** What a batch is scored against, without gradient. */
interface Field {
  /** [B, d], each sample's own entry in the bank. */
  readonly partners: tf.Tensor2D;
  /** [n, d] */
  readonly bank: tf.Tensor2D;
  /** [n, B] */
  readonly counts: tf.Tensor2D;
  /** Added to the log odds, [B] or scalar. */
  readonly shift: tf.Tensor;
  /** Added to the own log odds in `nearness`. */
  readonly nearnessShift: number;
}

/**
 * With the log odds own_i = f_i . partner_i / tau + shift_i and a_ij = f_i . bank_j / tau + shift_i of features f [B, d]:
 *   bound_i = -softplus(-own_i) - sum_j counts_ji softplus(a_ij),  nearness_i = softplus(own_i + nearnessShift).
 */
export function critic(features: tf.Tensor2D, temperature: number, field: Field): Contrast {
  const [bound, nearness] = tf.unstack(scoring(temperature, field)(features)) as [tf.Tensor1D, tf.Tensor1D];
  return { bound, nearness };
}

/** [2, B]: bound and nearness. One operation, so that only tensors of batch size are kept for the gradient. */
const scoring = (temperature: number, { partners, bank, counts, shift, nearnessShift }: Field) =>
  withGradient((features: tf.Tensor2D) => {
    const query = tf.div<tf.Tensor2D>(features, temperature);
    const own = tf.add<tf.Tensor1D>(tf.sum(tf.mul(query, partners), 1), shift);
    const near = tf.add(own, nearnessShift);
    const { pulled, slope } = pull(query, bank, counts, shift);
    return {
      value: tf.stack([tf.neg(tf.add(tf.softplus(tf.neg(own)), pulled)), tf.softplus(near)]) as tf.Tensor2D,
      kept: [partners, slope, tf.stack([tf.sigmoid(tf.neg(own)), tf.sigmoid(near)])],
      gradient: (dy: tf.Tensor2D, kept: tf.Tensor[]) => {
        const [partners, slope, byOwn] = kept as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        const dOwn = tf.sum(tf.mul(dy, byOwn), 0);
        const [dBound] = tf.unstack(dy);
        const dQuery = tf.sub(tf.mul(partners, tf.expandDims(dOwn, 1)), tf.mul(slope, tf.expandDims(dBound!, 1)));
        return [tf.div(dQuery, temperature)];
      },
    };
  });

/**
 * The term of the negatives of each query [B, d], sum_j counts_ji softplus(a_ij) [B], and its gradient by the query
 * [B, d]. Uses products with the whole bank: gathered negatives [B, K, d] would take 393 MB a step for K = 24,000. The
 * bank is the left operand of both products, because WebAssembly repacks the right one.
 */
function pull(query: tf.Tensor2D, bank: tf.Tensor2D, counts: tf.Tensor2D, shift: tf.Tensor) {
  return tf.tidy(() => {
    const odds = tf.tidy(() => tf.add<tf.Tensor2D>(tf.matMul(bank, tf.transpose(query)), shift));
    const shares = tf.sigmoid(odds);
    const slope = tf.tidy(() => tf.transpose(tf.matMul(tf.transpose(bank), tf.mul<tf.Tensor2D>(counts, shares))));
    return { pulled: tf.sum<tf.Tensor1D>(tf.mul(counts, softplus(odds, shares)), 0), slope };
  });
}
