import * as tf from '@tensorflow/tfjs';
import { withGradient } from '../../tf/layers.ts';

/** x [B, d]; gradients pass through the rows where `open` [B] is 1, and not where it is 0. */
export const gate = withGradient((x: tf.Tensor2D, open: tf.Tensor1D) => ({
  value: x.clone(),
  kept: [open],
  gradient: (dy: tf.Tensor2D, [open]: tf.Tensor[]) => [tf.mul(dy, tf.expandDims(open!, 1)), tf.zerosLike(open!)],
}));
