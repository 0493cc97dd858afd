/** A within-subject run as in the paper: 1,200 windows, teacher and student, to the end. */
import { EEG62 } from '../../src/montage.ts';
import { PAPER_BANDS } from '../../src/preprocess-config.ts';
import { runConfigSchema } from '../../training/config.ts';
import { pairedTable } from '../../training/datasets/assemble.ts';
import { disposePair, trainPair } from '../../training/train-pair.ts';
import { randomTable, type Size } from './student.ts';

const VALIDATION_ROWS = 240;

/** Seconds. */
export async function withinSubjectSeconds({ rows, classes, negatives }: Size): Promise<number> {
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
    teacher: { patience: 50 },
  });
  const numbers = Int32Array.from({ length: all.rows }, (_, row) => row);
  const split = { train: numbers.slice(0, rows), validation: numbers.slice(rows), test: new Int32Array() };
  const start = performance.now();
  disposePair(await trainPair({ config, table, rows: split, keys: ['bench'] }));
  return (performance.now() - start) / 1000;
}
