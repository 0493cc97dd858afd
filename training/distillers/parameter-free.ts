import type * as tf from '@tensorflow/tfjs';
import type { DistillBatch, Distiller } from './distiller.ts';

/** A distiller that only compares the activations of student and teacher, without parameters or state. */
export function parameterFree(loss: (batch: DistillBatch) => tf.Scalar): Distiller {
  return { parameters: [], banks: [], loss, dispose() {} };
}
