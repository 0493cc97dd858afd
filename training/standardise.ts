/** Per-feature standardisation, learnt from the training rows alone. */
import type { FeatureTable } from './datasets/table.ts';

export interface Standardisation {
  readonly mean: number[];
  readonly std: number[];
}

/** A feature that hardly varies would be blown up to nonsense by a person for whom it does: DE in nats. */
const LEAST_STD = 1e-3;

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
    std.push(Math.fround(Math.max(LEAST_STD, Math.sqrt(squares / rows))));
  }
  return { mean, std };
}

export function standardise(table: FeatureTable, { mean, std }: Standardisation): FeatureTable {
  const { width } = table;
  return { ...table, values: table.values.map((value, i) => (value - mean[i % width]!) / std[i % width]!) };
}
