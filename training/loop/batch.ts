/** From rows outside TensorFlow.js to the tensors of one step: an upload of a batch costs less than a tf.gather. */
import * as tf from '@tensorflow/tfjs';
import type { FeatureTable } from '../datasets/table.ts';

/** A feature table, or what a backbone makes of it. */
export interface Vectors {
  readonly width: number;
  /** [rows * width] */
  readonly values: Float32Array;
}

/** The rows `picked` [B], in that order -> [B, width]. */
export function batchOf({ width, values }: Vectors, picked: Int32Array): tf.Tensor2D {
  const batch = new Float32Array(picked.length * width);
  for (const [i, row] of picked.entries()) batch.set(values.subarray(row * width, (row + 1) * width), i * width);
  return tf.tensor2d(batch, [picked.length, width]);
}

/** Labels of the rows `picked` [B], one-hot -> [B, classes]. */
export function oneHotOf({ labels, classes }: FeatureTable, picked: Int32Array): tf.Tensor2D {
  const values = new Float32Array(picked.length * classes.length);
  for (const [i, row] of picked.entries()) values[i * classes.length + labels[row]!] = 1;
  return tf.tensor2d(values, [picked.length, classes.length]);
}
