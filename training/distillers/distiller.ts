import type * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import type { Random } from '../../src/random.ts';
import type { Activations } from '../backbones/backbone.ts';
import type { MemoryBank } from './contrast/memory-bank.ts';

const WHOLE = { error: 'give a whole number above 0' };

/** The activations of student and teacher for one batch of training rows. */
export interface DistillBatch {
  /** [B], each row's index in the training set. */
  readonly rows: Int32Array;
  /** One-hot, [B, classes]. */
  readonly labels: tf.Tensor2D;
  readonly student: Activations;
  /** Without gradient: the teacher is frozen and in its serving pass. */
  readonly teacher: Activations;
  /** Random numbers of this step only, so that a resumed run makes the same steps. */
  readonly random: Random;
}

/** Widths of the features that are compared. */
export interface Widths {
  readonly hidden: number;
  readonly embedding: number;
}

/** Options of distillers; `traitsOf` lists those that each one reads. */
export const distillerOptionsSchema = z.strictObject({
  /** Form of CMCRD's loss. */
  form: z.enum(['stable', 'reference', 'ratio']).default('stable'),
  /** CMCRD's gating, and sets by whether the teacher is right (US in Table 7). */
  guidanceSets: z.boolean().default(true),
  /** CMCRD's weights by the teacher's certainty (IEW in Table 7). */
  certaintyWeights: z.boolean().default(true),
  /** Negatives per sample, K, of CMCRD and CRD; null: three quarters of the training rows, as in the paper within subjects. */
  negatives: z.int(WHOLE).positive(WHOLE).nullable().default(null),
});
export type DistillerOptions = z.infer<typeof distillerOptionsSchema>;

/** What a distiller is created from. */
export interface DistillerContext {
  readonly student: Widths;
  readonly teacher: Widths;
  /** Class of every training row, [n]. */
  readonly labels: Int32Array;
  readonly config: DistillerOptions;
  readonly random: Random;
}

/** How a student learns from a teacher: a loss that is added to the student's cross-entropy. */
export interface Distiller {
  /** Parameters that train with the student: projections, regressors. */
  readonly parameters: readonly tf.Variable[];
  /** Those of the parameters that may have no gradient in a step; they are then not updated. */
  readonly gated?: readonly tf.Variable[];
  /** State that a step updates without a gradient. */
  readonly banks: readonly MemoryBank[];
  /** Weighted loss, to be added to the cross-entropy. Called once a step, because it may update the banks. */
  loss(batch: DistillBatch): tf.Scalar;
  dispose(): void;
}
