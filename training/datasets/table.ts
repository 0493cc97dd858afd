/** Feature rows with labels, subjects and trials, for training, splitting and evaluation. */
export interface FeatureTable {
  readonly classes: readonly string[];
  /** Features per row. */
  readonly width: number;
  /** [rows * width] */
  readonly values: Float32Array;
  /** [rows] class index */
  readonly labels: Int32Array;
  /** [rows] */
  readonly subjects: Int32Array;
  /** [rows] unique over the table: no two subjects share a trial. */
  readonly trials: Int32Array;
}

/** A table without labels, subjects and trials (all 0), for prediction. */
export function tableOf(classes: readonly string[], rows: readonly Float32Array[]): FeatureTable {
  const width = rows[0]?.length ?? 0;
  const values = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) values.set(row, i * width);
  const none = () => new Int32Array(rows.length);
  return { classes, width, values, labels: none(), subjects: none(), trials: none() };
}

export function selectRows(table: FeatureTable, rows: ArrayLike<number>): FeatureTable {
  const { width } = table;
  const values = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    values.set(table.values.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width);
  }
  const pick = (column: Int32Array) => Int32Array.from(rows, (row) => column[row]!);
  return {
    ...table,
    values,
    labels: pick(table.labels),
    subjects: pick(table.subjects),
    trials: pick(table.trials),
  };
}
