/** Assembles a paired table from columns: numbers the trials and computes the fingerprint. */
import { createHash } from 'node:crypto';
import { type PairedTable, type TableMeta, tableMetaSchema } from './paired-table.ts';
import type { FeatureTable } from './table.ts';

export interface PairedColumns {
  /** [rows * electrodes * bands] */
  readonly eeg: Float32Array;
  /** [rows * eyeWidth] */
  readonly eye: Float32Array;
  readonly eyeWidth: number;
  /** [rows] each: class index, subject, session, number of the trial within its session from 0. */
  readonly labels: Int32Array;
  readonly subjects: Int32Array;
  readonly sessions: Int32Array;
  readonly sessionTrials: Int32Array;
}

export function pairedTable(meta: TableMeta, columns: PairedColumns): PairedTable {
  const { labels, subjects, sessions, sessionTrials } = columns;
  const trials = numberTrials(columns);
  const modality = (values: Float32Array, width: number): FeatureTable => ({
    classes: meta.classes,
    width,
    values,
    labels,
    subjects,
    trials,
  });
  return {
    meta,
    eeg: modality(columns.eeg, meta.montage.length * meta.bands.length),
    eye: modality(columns.eye, columns.eyeWidth),
    sessions,
    sessionTrials,
    fingerprint: fingerprintOf(meta, columns),
  };
}

/** Trial numbers that are unique over the table, in order of appearance. */
function numberTrials({ subjects, sessions, sessionTrials }: PairedColumns): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(subjects, (subject, row) => {
    const key = `${subject}/${sessions[row]}/${sessionTrials[row]}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

/** Parsing puts the keys of meta.json into the schema's order, so their order in the file does not matter. */
function fingerprintOf(
  meta: TableMeta,
  { eeg, eye, labels, subjects, sessions, sessionTrials }: PairedColumns,
): string {
  const hash = createHash('sha256').update(JSON.stringify(tableMetaSchema.parse(meta)));
  for (const column of [eeg, eye, labels, subjects, sessions, sessionTrials]) hash.update(column);
  return hash.digest('hex');
}
