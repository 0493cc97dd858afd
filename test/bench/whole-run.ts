/** A teacher and a student trained by the product, from a table of random rows to the weights, checkpoints included. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EEG62 } from '../../src/montage.ts';
import { PAPER_BANDS } from '../../src/preprocess/eeg/config.ts';
import { runConfigSchema } from '../../training/cmcrd/config.ts';
import { disposePair, trainPair } from '../../training/cmcrd/train-pair.ts';
import { pairedTable } from '../../training/datasets/assemble.ts';
import { writeCheckpoint } from '../../training/loop/checkpoint.ts';
import { randomTable, type Size } from './student.ts';

export interface Epochs {
  readonly teacher: number;
  readonly student: number;
}

const VALIDATION_ROWS = 240;

/** Nothing ends early, as nothing in random rows is better than the first epoch but by chance. */
export async function runSeconds({ rows, classes, negatives }: Size, epochs: Epochs): Promise<number> {
  const all = { rows: rows + VALIDATION_ROWS, classes, negatives };
  const [eeg, eye] = [randomTable(all, EEG62.length * PAPER_BANDS.length), randomTable(all, 33)];
  const one = new Int32Array(all.rows);
  const table = pairedTable(
    {
      schema: 'feature-table/1',
      montage: [...EEG62],
      bands: [...PAPER_BANDS],
      method: 'fft',
      smoothing: 'none',
      causal: true,
      simulated: true,
      classes: [...eeg.classes],
      trials_per_session: 2,
      within_train_trials: 1,
    },
    {
      eeg: eeg.values,
      eye: eye.values,
      eyeWidth: eye.width,
      labels: eeg.labels,
      subjects: one,
      sessions: one,
      sessionTrials: one,
    },
  );
  const config = runConfigSchema.parse({
    direction: 'eye-to-eeg',
    protocol: 'within',
    distiller: { negatives },
    teacher: { epochs: epochs.teacher, patience: epochs.teacher },
    student: { epochs: epochs.student },
  });
  const numbers = Int32Array.from({ length: all.rows }, (_, row) => row);
  const split = { train: numbers.slice(0, rows), validation: numbers.slice(rows), test: new Int32Array() };
  const folder = await mkdtemp(join(tmpdir(), 'affect-edge-run-'));
  const identity = { config, data: table.fingerprint, backend: '', code_version: '' };
  const start = performance.now();
  const pair = await trainPair(
    { config, table, rows: split, keys: ['bench'] },
    {
      async onEpoch({ epoch }, save) {
        if (epoch === 1) await writeCheckpoint(join(folder, 'checkpoint.bin'), { identity, state: await save() });
      },
    },
  );
  const seconds = (performance.now() - start) / 1000;
  disposePair(pair);
  await rm(folder, { recursive: true });
  return seconds;
}
