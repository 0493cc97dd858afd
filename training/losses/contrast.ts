/**
 * What CRD (Tian et al. 2020, "Contrastive representation distillation") and CMCRD (Kan et al. 2026) share. A feature
 * is scored against the other modality's bank, x_k = exp(u . M[j_k] / tau) / Z with j_0 the sample itself and K drawn
 * negatives, and the bound of mutual information is (equations 7-10 of CMCRD)
 *   l(x) = ln(x_0 / (x_0 + b + eps)) + sum_k ln(b / (x_k + b + eps)),  b = K / n.
 * With a_k = ln(x_k / (b + eps)) both terms are softplus, which neither overflows nor cancels.
 */
import * as tf from '@tensorflow/tfjs';
import { withGradient } from '../layers.ts';
import { detach } from './detach.ts';
import type { MemoryBank } from './memory-bank.ts';
import type { Drawn } from './negatives.ts';

export const TEMPERATURE = 0.07;
const EPSILON = 1e-7;

/** One bank for each modality, with the memory of its own features. */
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

/** What one modality's features of a batch get from the other one's bank. */
export interface Contrast {
  /** l(x_i), [B] */
  readonly bound: tf.Tensor1D;
  /** ln((x_i0 + b) / b), [B]: grows as a feature nears its own sample's partner. */
  readonly nearness: tf.Tensor1D;
}

/**
 * Scores a batch against both banks, then moves the banks after it; the first batch also freezes each Z.
 * `weights` [B] scale the scores x.
 */
export function contrast(
  { student, teacher, drawn }: ContrastBatch,
  banks: Banks,
  weights?: tf.Tensor1D,
): { student: Contrast; teacher: Contrast } {
  const logWeights = weights === undefined ? tf.scalar(0) : tf.log(weights);
  const scores = {
    student: contrastWith(banks.teacher, student, drawn, logWeights),
    teacher: contrastWith(banks.student, teacher, drawn, logWeights),
  };
  banks.student.update(drawn.rows, student);
  banks.teacher.update(drawn.rows, teacher);
  return scores;
}

function contrastWith(bank: MemoryBank, features: tf.Tensor2D, drawn: Drawn, logWeights: tf.Tensor): Contrast {
  const query = tf.div<tf.Tensor2D>(features, TEMPERATURE);
  const partners = bank.at(drawn.rows);
  if (bank.logZ === null) bank.freezeZ(logPartition(detach(query), partners, bank.features, drawn));
  const b = drawn.perSample / bank.samples;
  const shift = tf.sub(logWeights, tf.add(bank.logZ!, Math.log(b + EPSILON)));
  const { own, pulled } = logOdds(query, partners, bank.features, drawn.counts, shift);
  const constant = drawn.perSample * Math.log(b / (b + EPSILON));
  return {
    bound: tf.sub(constant, tf.add(tf.softplus(tf.neg(own)), pulled)),
    nearness: tf.softplus(tf.add(own, Math.log((b + EPSILON) / b))),
  };
}

/** ln(n mean exp(query . M[j])) over a batch's own samples and their negatives. */
function logPartition(query: tf.Tensor2D, partners: tf.Tensor2D, bank: tf.Tensor2D, drawn: Drawn): tf.Scalar {
  const [samples, batch] = drawn.counts.shape;
  const negatives = tf.sum(tf.mul(drawn.counts, tf.exp(tf.matMul(bank, tf.transpose(query)))));
  const own = tf.sum(tf.exp(tf.sum(tf.mul(query, partners), 1)));
  return tf.log(tf.mul(tf.add(negatives, own), samples / (batch * (drawn.perSample + 1))));
}

/**
 * own_i = query_i . partner_i + shift_i and pulled_i = sum_j counts_ji softplus(query_i . bank_j + shift_i).
 * query, partners [B, d], bank [n, d], counts [n, B], shift [B] or scalar, without gradient but for `query`.
 */
export function logOdds(
  query: tf.Tensor2D,
  partners: tf.Tensor2D,
  bank: tf.Tensor2D,
  counts: tf.Tensor2D,
  shift: tf.Tensor,
): { own: tf.Tensor1D; pulled: tf.Tensor1D } {
  return {
    own: tf.add(tf.sum(tf.mul(query, partners), 1), shift),
    pulled: pulledBy(bank, counts, shift)(query),
  };
}

/** One product with the whole bank: gathered, the [B, K, d] negatives of K = 24,000 would be 393 MB a step. */
const pulledBy = (bank: tf.Tensor2D, counts: tf.Tensor2D, shift: tf.Tensor) =>
  withGradient((query: tf.Tensor2D) => {
    const odds = tf.add(tf.matMul(bank, tf.transpose(query)), shift);
    const pulls = tf.mul<tf.Tensor2D>(counts, tf.sigmoid(odds));
    return {
      value: tf.sum<tf.Tensor1D>(tf.mul(counts, tf.softplus(odds)), 0),
      kept: [tf.matMul(tf.transpose(pulls), bank)],
      gradient: (dy: tf.Tensor1D, [slope]: tf.Tensor[]) => [tf.mul(slope!, tf.expandDims(dy, 1))],
    };
  });
