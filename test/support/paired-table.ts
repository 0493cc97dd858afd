/** A small paired table: both modalities separate the classes, the eye features better than the EEG. */
import { eegPreprocessConfigSchema, PAPER_BANDS } from '../../src/preprocess/eeg/config.ts';
import { eyePreprocessConfigSchema } from '../../src/preprocess/eye/config.ts';
import { Random } from '../../src/random.ts';
import { runConfigSchema } from '../../training/cmcrd/config.ts';
import { pairedTable } from '../../training/datasets/assemble.ts';
import type { PairedTable, TableMeta } from '../../training/datasets/paired-table.ts';

const MONTAGE = ['FP1', 'FP2', 'T7', 'T8'];
const EYE_WIDTH = 33;

export interface PairedBlobs {
  readonly subjects?: number;
  readonly sessions?: number;
  readonly trials?: number;
  readonly windows?: number;
  readonly classes?: number;
  readonly meta?: Partial<TableMeta>;
}

/** The trials have the classes in turn; two thirds of a session's trials train. */
export function pairedBlobs(options: PairedBlobs = {}): PairedTable {
  const { subjects = 3, sessions = 1, trials = 6, windows = 10, classes = 2, meta } = options;
  const random = new Random('paired');
  const rows = Array.from({ length: subjects * sessions * trials * windows }, (_, i) => {
    const trial = Math.floor(i / windows) % trials;
    const session = Math.floor(i / windows / trials) % sessions;
    return { subject: Math.floor(i / windows / trials / sessions), session, trial, label: trial % classes };
  });
  const features = (width: number, separation: number) =>
    Float32Array.from({ length: rows.length * width }, (_, i) => {
      const { label } = rows[Math.floor(i / width)]!;
      return random.normal() + (i % width === label ? separation : 0);
    });
  const column = (pick: (row: (typeof rows)[number]) => number) => Int32Array.from(rows, pick);
  const stated = { montage: MONTAGE, bands: [...PAPER_BANDS], method: 'fft' as const, ...meta };
  return pairedTable(
    {
      schema: 'feature-table/1',
      montage: MONTAGE,
      bands: [...PAPER_BANDS],
      method: 'fft',
      preprocess: eegPreprocessConfigSchema.parse({
        montage: stated.montage,
        bands: stated.bands,
        method: stated.method,
      }),
      eye_preprocess: eyePreprocessConfigSchema.parse({ method: meta?.eye_method }),
      smoothing: 'none',
      causal: true,
      simulated: true,
      classes: Array.from({ length: classes }, (_, c) => `class${c}`),
      trials_per_session: trials,
      within_train_trials: Math.round((2 * trials) / 3),
      ...meta,
    },
    {
      eeg: features(MONTAGE.length * PAPER_BANDS.length, 3),
      eye: features(EYE_WIDTH, 6),
      eyeWidth: EYE_WIDTH,
      labels: column(({ label }) => label),
      subjects: column(({ subject }) => subject),
      sessions: column(({ session }) => session),
      sessionTrials: column(({ trial }) => trial),
    },
  );
}

/** Trains in a second or two. */
export const QUICK = runConfigSchema.parse({
  direction: 'eye-to-eeg',
  protocol: 'within',
  seeds: [1, 2],
  teacher: { batch: 4, epochs: 3, learningRate: 0.05 },
  student: { batch: 4, epochs: 3, warmupEpochs: 1, learningRate: 1e-2 },
});
