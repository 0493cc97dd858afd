/** How a network is run through once: what is random, which statistics hold, what is differentiated. */
import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../src/random.ts';
import type { Dual } from './dual.ts';

export interface Pass {
  /** Of batch normalisation: the moving ones as served, or the batch's own, which the moving ones may follow. */
  readonly statistics: 'moving' | 'batch' | 'batch-followed';
  /** Draws the dropout masks, layer by layer; null: nothing is dropped. */
  readonly dropout: Random | null;
  /** By the weights' names: the direction along which all outputs are differentiated; null: none. */
  readonly direction: tf.NamedTensorMap | null;
}

/** As served. */
export const SERVING: Pass = { statistics: 'moving', dropout: null, direction: null };

/** A question whose answer others learn from: the batch's statistics, no chance, and nothing is left behind. */
export const ASKING: Pass = { statistics: 'batch', dropout: null, direction: null };

/** A step that stays. */
export function learning(dropout: Random): Pass {
  return { statistics: 'batch-followed', dropout, direction: null };
}

/** The same computation as `learning`, of a step that is taken back. */
export function rehearsing(dropout: Random, direction: tf.NamedTensorMap | null = null): Pass {
  return { statistics: 'batch', dropout, direction };
}

export function weightIn<R extends tf.Rank>({ direction }: Pass, variable: tf.Variable<R>): Dual<tf.Tensor<R>> {
  return { value: variable, tangent: (direction?.[variable.name] as tf.Tensor<R> | undefined) ?? null };
}
