/** Windows of EEG and eye movement that were recorded together, for teachers and students of the two modalities. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { normaliseLabel } from '../../src/montage.ts';
import { bandSchema, DE_METHODS, eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import { eyePreprocessConfigSchema } from '../../src/preprocess/eye/config.ts';
import type { FeatureTable } from './table.ts';

/** `meta.json` of a feature table's folder. */
const tableMetaFields = z.strictObject({
  schema: z.literal('feature-table/1'),
  /** What the rows were made from, in words. */
  description: z.string().min(1).optional(),
  /** A published data set; its published figures are printed beside ours. */
  dataset: z.enum(['seed', 'seed-iv', 'seed-v']).optional(),
  /** Electrodes in feature order: column = electrode * bands + band. */
  montage: z.array(z.string().min(1)).min(1),
  bands: z.array(bandSchema).min(1),
  /** Method of differential entropy. */
  method: z.enum(DE_METHODS),
  /** Method of the eye features: `causal-30s` as in the live pipeline, `seed-trial` as in the SEED data sets. */
  eye_method: z.enum(['causal-30s', 'seed-trial']).optional(),
  smoothing: z.string().min(1),
  /** False where any feature uses future samples: models of it are refused for live use. */
  causal: z.boolean(),
  simulated: z.boolean(),
  classes: z.array(z.string().min(1)).min(2),
  trials_per_session: z.int().positive(),
  /** Number of first trials of each session that train in the protocol `within`; the others test. */
  within_train_trials: z.int().positive(),
  /** The EEG's preprocessing, as `features` writes it; without it, a student of EEG is exported only on request. */
  preprocess: eegPreprocessConfigSchema.optional(),
  /** The preprocessing of the eye features, as `features` writes it for gaze; the same holds without it. */
  eye_preprocess: eyePreprocessConfigSchema.optional(),
  /** Only for simulated tables. */
  preset: z.string().optional(),
  simulation_version: z.int().optional(),
});
export const tableMetaSchema = tableMetaFields.superRefine((meta, context) => {
  const { montage, classes, bands, method, preprocess, eye_method, eye_preprocess } = meta;
  const twice = (names: readonly string[]) => names.find((name, i) => names.indexOf(name) !== i);
  const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  const electrode = twice(montage.map(normaliseLabel));
  if (electrode !== undefined) refuse('montage', `names ${electrode} twice`);
  const name = twice(classes);
  if (name !== undefined) refuse('classes', `names "${name}" twice`);
  const agree = (key: string, value: unknown, block: string, stated: unknown) => {
    if (!isDeepStrictEqual(value, stated)) refuse(key, `${block} says ${JSON.stringify(stated)}`);
  };
  if (preprocess !== undefined) {
    agree('bands', bands, 'preprocess.bands', preprocess.bands);
    agree('method', method, 'preprocess.method', preprocess.method);
    const stated = preprocess.montage ?? montage;
    agree('montage', montage.map(normaliseLabel), 'preprocess.montage', stated.map(normaliseLabel));
  }
  if (eye_preprocess !== undefined && eye_method !== undefined) {
    agree('eye_method', eye_method, 'eye_preprocess.method', eye_preprocess.method);
  }
  const [window, eyeWindow] = [preprocess?.window_s, eye_preprocess?.window_s];
  if (window !== undefined && eyeWindow !== undefined && window !== eyeWindow) {
    refuse(
      'eye_preprocess.window_s',
      `is ${eyeWindow}, and preprocess.window_s is ${window}: a row is one window of both`,
    );
  }
});
export type TableMeta = z.infer<typeof tableMetaSchema>;

export interface PairedTable {
  readonly meta: TableMeta;
  /** Both have the same windows, row by row, with the same labels, subjects and trials (unique over the table). */
  readonly eeg: FeatureTable;
  readonly eye: FeatureTable;
  /** [rows] */
  readonly sessions: Int32Array;
  /** [rows] the trial's number within its session, from 0. */
  readonly sessionTrials: Int32Array;
  /** SHA-256 over the values, labels and groups. */
  readonly fingerprint: string;
}
