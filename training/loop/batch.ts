/** Makes a step's tensors from rows outside TensorFlow.js: uploading a batch is faster than tf.gather. */
import * as tf from '@tensorflow/tfjs';
import type { FeatureTable } from '../datasets/table.ts';

/** Features of a table, or a backbone's activations for it. */
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
