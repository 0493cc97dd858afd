import * as tf from '@tensorflow/tfjs';
import { type Banks, type ContrastBatch, contrast } from '../distillers/contrast/contrast.ts';

/**
 * Contrastive representation distillation: -mean over the batch of l(x^s) + l(x^t) -> scalar; also moves the banks.
 * Tian et al. 2020, on both sides, as in RepDistiller.
 */
export function crd(batch: ContrastBatch, banks: Banks): tf.Scalar {
  const { student, teacher } = contrast(batch, banks);
  return tf.neg(tf.mean(tf.add(student.bound, teacher.bound)));
}
