/** Small tables whose classes differ in known features, for tests of training. */

import { Random } from '../../src/random.ts';
import type { FeatureTable } from '../../training/datasets/table.ts';

/** Class c lies `separation` away from the others along feature c; 4 rows a trial, 4 trials a subject. */
export function blobs(options: {
  rows: number;
  width: number;
  classes: number;
  separation?: number;
  seed?: number;
}): FeatureTable {
  const { rows, width, classes, separation = 4, seed = 1 } = options;
  const random = new Random(seed, 'blobs');
  const values = Float32Array.from({ length: rows * width }, () => random.normal());
  const labels = Int32Array.from({ length: rows }, (_, i) => Math.floor(i / 4) % classes);
  for (const [i, label] of labels.entries()) values[i * width + label]! += separation;
  return {
    classes: Array.from({ length: classes }, (_, c) => `class${c}`),
    width,
    values,
    labels,
    subjects: Int32Array.from({ length: rows }, (_, i) => Math.floor(i / 16)),
    trials: Int32Array.from({ length: rows }, (_, i) => Math.floor(i / 4)),
  };
}
