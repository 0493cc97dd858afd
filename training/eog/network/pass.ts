/** How a forward pass is made: which statistics it uses, what is dropped, and what is differentiated. */
import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../src/random.ts';
import type { Dual } from './dual.ts';

export interface Pass {
  /** For batch normalisation: the moving statistics as served, or the batch's own; `batch-followed` updates the moving ones. */
  readonly statistics: 'moving' | 'batch' | 'batch-followed';
  /** Draws the dropout masks, layer by layer; null: no dropout. */
  readonly dropout: Random | null;
  /** Direction of the derivative of all outputs, by the weights' names; null: no derivative. */
  readonly direction: tf.NamedTensorMap | null;
}

/** As served. */
export const SERVING: Pass = { statistics: 'moving', dropout: null, direction: null };

/** Prediction with the batch's statistics: deterministic, and nothing is updated. */
export const BATCH_PREDICTION: Pass = { statistics: 'batch', dropout: null, direction: null };

/** The pass of a training step. */
export function trainingPass(dropout: Random): Pass {
  return { statistics: 'batch-followed', dropout, direction: null };
}

/** The same computation as `trainingPass` without updating statistics, for an inner step that is undone. */
export function innerPass(dropout: Random, direction: tf.NamedTensorMap | null = null): Pass {
  return { statistics: 'batch', dropout, direction };
}

/** The weight with its derivative along the pass's direction. */
export function weightIn<R extends tf.Rank>({ direction }: Pass, variable: tf.Variable<R>): Dual<tf.Tensor<R>> {
  return { value: variable, tangent: (direction?.[variable.name] as tf.Tensor<R> | undefined) ?? null };
}
