/** Per-feature standardisation, learnt from the training rows alone. */
import type { FeatureTable } from '../datasets/table.ts';

export interface Standardisation {
  readonly mean: number[];
  readonly std: number[];
}

/** Relative to a feature's size: what varies less is a constant with rounding, and is not divided by its spread. */
const CONSTANT = 1e-6;

/** Rounded to float32, as the graph holds them. */
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
