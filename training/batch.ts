import * as tf from '@tensorflow/tfjs';
import type { FeatureTable } from './datasets/table.ts';

/** Labels of the picked rows, one-hot, [rows, classes]. */
export function oneHotOf({ labels, classes }: FeatureTable, rows: Int32Array): tf.Tensor2D {
  const values = new Float32Array(rows.length * classes.length);
  for (const [i, row] of rows.entries()) values[i * classes.length + labels[row]!] = 1;
  return tf.tensor2d(values, [rows.length, classes.length]);
}
