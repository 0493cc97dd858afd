import type * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import type { Random } from '../../src/random.ts';
import type { Activations } from '../backbones/backbone.ts';
import type { MemoryBank } from './contrast/memory-bank.ts';

const WHOLE = { error: 'give a whole number above 0' };

/** What student and teacher make of one batch of training rows. */
export interface DistillBatch {
  /** [B], each row's place in the training set. */
  readonly rows: Int32Array;
  /** One-hot, [B, classes]. */
  readonly labels: tf.Tensor2D;
  readonly student: Activations;
  /** Without gradient: the teacher is frozen and answers as it is served. */
  readonly teacher: Activations;
  /** Of this step alone, so that a step is the same wherever a run is taken up again. */
  readonly random: Random;
}

/** Widths of the vectors that are compared. */
export interface Widths {
  readonly hidden: number;
  readonly embedding: number;
}

/** What a run may set of its distiller; each distiller reads the options that it has. */
export const distillerOptionsSchema = z.strictObject({
  /** Of CMCRD's loss. */
  form: z.enum(['stable', 'reference', 'ratio']).default('stable'),
  /** CMCRD's gating and sets by what the teacher has right (US in Table 7). */
  guidanceSets: z.boolean().default(true),
  /** CMCRD's weights by the teacher's certainty (IEW in Table 7). */
  certaintyWeights: z.boolean().default(true),
  /** K of CMCRD and CRD; null: three quarters of the training rows, as the paper has within subjects. */
  negatives: z.int(WHOLE).positive(WHOLE).nullable().default(null),
});
export type DistillerOptions = z.infer<typeof distillerOptionsSchema>;

/** All that a distiller is made from. */
export interface DistillerContext {
  readonly student: Widths;
  readonly teacher: Widths;
  /** Class of every training row, [n]. */
  readonly labels: Int32Array;
  readonly config: DistillerOptions;
  readonly random: Random;
}

/** How a student learns from a teacher: a loss beside the student's cross-entropy. */
export interface Distiller {
  /** What trains with the student: projections, regressors. */
  readonly parameters: readonly tf.Variable[];
  /** Of these parameters, those that a step may leave without any gradient, and which then don't move. */
  readonly gated?: readonly tf.Variable[];
  /** What moves without gradient. */
  readonly banks: readonly MemoryBank[];
  /** Weighted, to be added to the cross-entropy; called once a step, as it may move the banks. */
  loss(batch: DistillBatch): tf.Scalar;
  dispose(): void;
}
