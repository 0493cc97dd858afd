/** Reads and writes feature tables, folders of .npy files and meta.json, and selects the part that a run uses. */
import { existsSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AffectEdgeError, messageOf } from '../../src/errors.ts';
import { type NpyArray, readNpy, writeNpy } from '../../src/formats/arrays/npy.ts';
import { makeFolder, writeFileAtomic } from '../../src/formats/write-file.ts';
import { pickElectrodes } from '../../src/montage.ts';
import type { DeMethod } from '../../src/preprocess/eeg/config.ts';
import { pairedTable } from './assemble.ts';
import { checkColumns, integers, matrix, parseMeta } from './feature-checks.ts';
import type { PairedTable } from './paired-table.ts';

const META = 'meta.json';
const COLUMNS = ['eeg', 'eye', 'label', 'subject', 'session', 'trial'] as const;
type Column = (typeof COLUMNS)[number];

const CONTENT = `a feature table is a folder of ${COLUMNS.map((column) => `${column}.npy`).join(', ')} and ${META}`;

/**
 * Reads `eeg.npy` [n, electrodes * bands], `eye.npy` [n, 33 or 31], `label.npy`, `subject.npy`, `session.npy`,
 * `trial.npy` [n] (any integer or float type; trial: number within its session, from 0) and `meta.json`.
 *
 * @throws FILE_NOT_FOUND where a file is missing, FILE_INVALID where it can't be read, DATA_INVALID where its content
 * differs from the above: the message names the file, the row and the value
 */
export async function readFeatureTable(dir: string): Promise<PairedTable> {
  const metaPath = join(dir, META);
  if (existsSync(join(dir, 'features.npy'))) {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `${dir} holds features of one recording, as "affect-edge features" writes them: ${CONTENT}, put together from such rows ` +
        '(README, "Your own data")',
    );
  }
  const meta = parseMeta((await read(dir, metaPath)).toString('utf8'), metaPath);
  const arrays = {} as Record<Column, NpyArray>;
  for (const column of COLUMNS) {
    const path = pathOf(dir, column);
    arrays[column] = readNpy(await read(dir, path), path);
  }
  const rows = arrays.eeg.shape[0] ?? 0;
  const named = (column: Column) => ({ path: pathOf(dir, column), array: arrays[column], rows });
  const eegWidth = meta.montage.length * meta.bands.length;
  const columns = {
    eeg: matrix(named('eeg'), {
      widths: [eegWidth],
      because: `${META} lists ${meta.montage.length} electrodes x ${meta.bands.length} bands`,
    }),
    eye: matrix(
      named('eye'),
      meta.eye_preprocess === undefined
        ? { widths: [33, 31], because: 'eye features are 33, or 31 without those of blinks' }
        : { widths: [meta.eye_preprocess.features], because: `eye_preprocess.features of ${META} says so` },
    ),
    eyeWidth: arrays.eye.shape[1] ?? 0,
    labels: integers(named('label')),
    subjects: integers(named('subject')),
    sessions: integers(named('session')),
    sessionTrials: integers(named('trial')),
  };
  checkColumns(dir, meta, columns);
  return pairedTable(meta, columns);
}

/** Writes `meta.json` last, so that an incomplete table is never read as a complete one. Throws DISK_FULL, FILE_INVALID. */
export async function writeFeatureTable(dir: string, table: PairedTable): Promise<void> {
  const { eeg, eye, meta } = table;
  const rows = eeg.labels.length;
  const arrays: Record<Column, NpyArray> = {
    eeg: { shape: [rows, eeg.width], data: eeg.values },
    eye: { shape: [rows, eye.width], data: eye.values },
    label: { shape: [rows], data: eeg.labels },
    subject: { shape: [rows], data: eeg.subjects },
    session: { shape: [rows], data: table.sessions },
    trial: { shape: [rows], data: table.sessionTrials },
  };
  await makeFolder(dir);
  await rm(join(dir, META), { force: true });
  for (const column of COLUMNS) await writeFileAtomic(pathOf(dir, column), writeNpy(arrays[column]));
  await writeFileAtomic(join(dir, META), `${JSON.stringify(meta, null, 1)}\n`);
}

/** Whether the folder holds any file of a feature table. */
export function holdsFeatureTable(dir: string): boolean {
  return [...COLUMNS.map((column) => pathOf(dir, column)), join(dir, META)].some((path) => existsSync(path));
}

/** @throws DATA_INVALID where the table's EEG features were made by another method than asked for */
export function requireMethod({ meta }: PairedTable, asked: DeMethod): void {
  if (meta.method === asked) return;
  throw new AffectEdgeError(
    'DATA_INVALID',
    `the table's EEG features were made with the method ${meta.method}, and ${asked} is asked for: their values don't compare; ` +
      `make the table again with ${asked}, or ask for ${meta.method}`,
  );
}

/**
 * The table with the EEG columns of these electrodes (10-20 labels), in this order.
 *
 * @throws MONTAGE_MISSING_ELECTRODE for missing electrodes, DATA_INVALID where its rows depend on electrodes left out
 */
export function selectElectrodes(table: PairedTable, montage: readonly string[]): PairedTable {
  const { meta, eeg, eye, sessions, sessionTrials } = table;
  const picked = pickElectrodes(montage, meta.montage);
  if (meta.preprocess?.reference === 'average' && picked.length < meta.montage.length) {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `the table's EEG is referenced to the mean of its ${meta.montage.length} electrodes, which a device with ${picked.length} ` +
        'of them can not rebuild: make the table with these electrodes, or without a reference',
    );
  }
  const bands = meta.bands.length;
  const columns = picked.flatMap((electrode) => Array.from({ length: bands }, (_, band) => electrode * bands + band));
  const rows = eeg.labels.length;
  const values = new Float32Array(rows * columns.length);
  for (let row = 0; row < rows; row++) {
    for (const [i, column] of columns.entries()) {
      values[row * columns.length + i] = eeg.values[row * eeg.width + column]!;
    }
  }
  const labels = picked.map((electrode) => meta.montage[electrode]!);
  const preprocess = meta.preprocess && { preprocess: { ...meta.preprocess, montage: labels } };
  return pairedTable(
    { ...meta, montage: labels, ...preprocess },
    {
      eeg: values,
      eye: eye.values,
      eyeWidth: eye.width,
      labels: eeg.labels,
      subjects: eeg.subjects,
      sessions,
      sessionTrials,
    },
  );
}

function pathOf(dir: string, column: Column): string {
  return join(dir, `${column}.npy`);
}

async function read(dir: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new AffectEdgeError('FILE_INVALID', `${path} can't be read (${messageOf(cause)}): ${CONTENT}`, { cause });
    }
    const folder = await stat(dir).catch(() => null);
    const missing = folder === null ? `the folder ${dir} does not exist` : `${path} is missing`;
    throw new AffectEdgeError(
      'FILE_NOT_FOUND',
      `${missing}: ${CONTENT}, the last to be written; "affect-edge prepare" makes one of simulated data, in a folder of its own`,
      { cause },
    );
  }
}
