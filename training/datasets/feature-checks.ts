/** Checks the files of a feature table; each error names the file, the position and the value. */
import { AffectEdgeError, messageOf } from '../../src/errors.ts';
import type { NpyArray } from '../../src/formats/arrays/npy.ts';
import type { PairedColumns } from './assemble.ts';
import { type TableMeta, tableMetaSchema } from './paired-table.ts';

interface NamedArray {
  readonly path: string;
  readonly array: NpyArray;
  /** Number of rows of the table. */
  readonly rows: number;
}

const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/** Parses meta.json. Throws FILE_INVALID where it is not JSON, DATA_INVALID with every key that is wrong. */
export function parseMeta(text: string, path: string): TableMeta {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AffectEdgeError('FILE_INVALID', `${path} is no JSON (${messageOf(cause)}); write the table again`, {
      cause,
    });
  }
  const parsed = tableMetaSchema.safeParse(json, { reportInput: true });
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path: key, input, message, code }) =>
      code === 'unrecognized_keys'
        ? `${message} (known: ${Object.keys(tableMetaSchema.shape).join(', ')})`
        : `${key.join('.') || 'all of it'} is ${JSON.stringify(input)?.slice(0, 60) ?? 'missing'}: ${message}`,
    );
    throw new AffectEdgeError('DATA_INVALID', `${path}: ${problems.join('; ')}`);
  }
  const { trials_per_session, within_train_trials } = parsed.data;
  if (within_train_trials >= trials_per_session) {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `${path}: within_train_trials is ${within_train_trials} of ${trials_per_session} trials_per_session, which leaves none to test on: lower it`,
    );
  }
  return parsed.data;
}

/** Finite values [rows, one of the widths] as float32. Throws DATA_INVALID. */
export function matrix(
  { path, array: { shape, data }, rows }: NamedArray,
  { widths, because }: { readonly widths: readonly number[]; readonly because: string },
): Float32Array {
  if (shape.length !== 2 || shape[0] !== rows || !widths.includes(shape[1]!)) {
    throw invalid(path, `shape is ${shown(shape)}, expected (${rows}, ${widths.join(' or ')}): ${because}`);
  }
  const values = data instanceof Float32Array ? data : Float32Array.from(data, Number);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const [row, column] = [Math.floor(bad / shape[1]!), bad % shape[1]!];
    throw invalid(
      path,
      `row ${row}, column ${column} is ${data[bad]}, no finite float32 number: leave such windows out`,
    );
  }
  return values;
}

/** 32-bit integers [rows]. Throws DATA_INVALID. */
export function integers({ path, array: { shape, data }, rows }: NamedArray): Int32Array {
  if (shape.length !== 1 || shape[0] !== rows) {
    throw invalid(path, `shape is ${shown(shape)}, expected (${rows},): one number for each row of eeg.npy`);
  }
  return Int32Array.from<number | bigint>(data, (entry, row) => {
    const value = Number(entry);
    if (!Number.isInteger(value) || value < INT32.min || value > INT32.max) {
      throw invalid(path, `row ${row} is ${entry}, expected a whole number of 32 bits`);
    }
    return value;
  });
}

export function checkColumns(
  dir: string,
  { classes, trials_per_session }: TableMeta,
  { labels, subjects, sessions, sessionTrials }: PairedColumns,
): void {
  if (labels.length === 0) throw invalid(dir, 'the table holds no rows; write at least one window of each class');
  const lowest = sessionTrials.reduce((least, trial) => Math.min(least, trial), trials_per_session);
  if (lowest > 0 && lowest < trials_per_session) {
    throw invalid(
      `${dir}/trial.npy`,
      `the lowest trial is ${lowest}: trials count from 0 within each session; subtract ${lowest} from all`,
    );
  }
  const labelOf = new Map<string, number>();
  for (const [row, label] of labels.entries()) {
    if (label < 0 || label >= classes.length) {
      throw invalid(
        `${dir}/label.npy`,
        `row ${row} is ${label}, expected 0 to ${classes.length - 1}: the place of the class in meta.json's classes (${classes.join(', ')})`,
      );
    }
    const trial = sessionTrials[row]!;
    if (trial < 0 || trial >= trials_per_session) {
      throw invalid(
        `${dir}/trial.npy`,
        `row ${row} is ${trial}, expected 0 to ${trials_per_session - 1}: trials count from 0 within each session, and meta.json has trials_per_session ${trials_per_session}`,
      );
    }
    const key = `subject ${subjects[row]}, session ${sessions[row]}, trial ${trial}`;
    const first = labelOf.get(key) ?? label;
    labelOf.set(key, first);
    if (first !== label) {
      throw invalid(
        `${dir}/label.npy`,
        `row ${row} is ${label}, but an earlier row of ${key} is ${first}: a trial has one label; number its parts as trials of their own`,
      );
    }
  }
}

function shown(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

function invalid(path: string, problem: string): AffectEdgeError {
  return new AffectEdgeError('DATA_INVALID', `${path}: ${problem}`);
}
