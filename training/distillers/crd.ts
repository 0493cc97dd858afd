import * as tf from '@tensorflow/tfjs';
import { type Banks, type ContrastBatch, contrast } from './contrast/contrast.ts';
import { createContrastive } from './contrast/contrastive.ts';
import type { Distiller, DistillerContext } from './distiller.ts';

/** Weight of the loss in the code of CMCRD's authors (Kan et al. 2026). */
const WEIGHT = 0.02;
/** Share of its old value that a bank's row keeps in an update; RepDistiller's default. */
const MOMENTUM = 0.5;

/** Contrastive representation distillation of the last feature (Tian et al. 2020). Throws DATA_INVALID for one class. */
export function createCrd(context: DistillerContext): Distiller {
  return createContrastive(context, MOMENTUM, (contrast, banks) => tf.mul(crd(contrast, banks), WEIGHT));
}

/**
 * -mean over the batch of l(x^s) + l(x^t) -> scalar; also updates the banks. Tian et al. 2020, on both sides, as in
 * RepDistiller.
 */
export function crd(batch: ContrastBatch, banks: Banks): tf.Scalar {
  const { student, teacher } = contrast(batch, banks);
  return tf.neg(tf.mean(tf.add(student.bound, teacher.bound)));
}
