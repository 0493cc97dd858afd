import type * as tf from '@tensorflow/tfjs';
import { AffectEdgeError } from '../../src/errors.ts';

/** Throws DATA_INVALID where a batch [B, ·] has too few samples for a loss over relations between them. */
export function requireSamples(loss: string, features: tf.Tensor2D, least: number): void {
  if (features.shape[0] >= least) return;
  throw new AffectEdgeError(
    'DATA_INVALID',
    `${loss} relates samples of a batch and needs at least ${least}, got ${features.shape[0]}; use a larger batch`,
  );
}
