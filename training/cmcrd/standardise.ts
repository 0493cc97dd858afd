/** Per-feature standardisation, fitted to the training rows only. */
import type { FeatureTable } from '../datasets/table.ts';

export interface Standardisation {
  readonly mean: number[];
  readonly std: number[];
}

/** A feature with a smaller deviation relative to its mean is constant but for rounding, and is not divided by it. */
const CONSTANT = 1e-6;

/** Mean and standard deviation of each feature, rounded to float32 as in the ONNX graph. */
export function fitStandardisation({ values, width }: FeatureTable): Standardisation {
  const rows = values.length / width;
  const mean: number[] = [];
  const std: number[] = [];
  for (let f = 0; f < width; f++) {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += values[r * width + f]!;
    const centre = sum / rows;
    let squares = 0;
    for (let r = 0; r < rows; r++) squares += (values[r * width + f]! - centre) ** 2;
    mean.push(Math.fround(centre));
    const spread = Math.sqrt(squares / rows);
    std.push(spread > CONSTANT * Math.abs(centre) ? Math.fround(spread) : 1);
  }
  return { mean, std };
}

export function standardise(table: FeatureTable, { mean, std }: Standardisation): FeatureTable {
  const { width } = table;
  return { ...table, values: table.values.map((value, i) => (value - mean[i % width]!) / std[i % width]!) };
}
