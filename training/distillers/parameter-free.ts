import type * as tf from '@tensorflow/tfjs';
import type { DistillBatch, Distiller } from './distiller.ts';

/** A distiller that only compares what student and teacher make of a batch: nothing of its own trains or is kept. */
export function parameterFree(loss: (batch: DistillBatch) => tf.Scalar): Distiller {
  return { parameters: [], banks: [], loss, dispose() {} };
}
