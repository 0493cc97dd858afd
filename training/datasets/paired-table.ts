/** Windows of EEG and eye movement that were recorded together: what teachers and students of the two modalities share. */
import { z } from 'zod';
import { normaliseLabel } from '../../src/montage.ts';
import { bandSchema, DE_METHODS, eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import type { FeatureTable } from './table.ts';

/** `meta.json` of a feature table's folder. */
const tableMetaFields = z.strictObject({
  schema: z.literal('feature-table/1'),
  /** What the rows were made from, in words. */
  description: z.string().min(1).optional(),
  /** A published data set, whose published figures are printed beside ours. */
  dataset: z.enum(['seed', 'seed-iv', 'seed-v']).optional(),
  /** Electrodes in feature order: column = electrode * bands + band. */
  montage: z.array(z.string().min(1)).min(1),
  bands: z.array(bandSchema).min(1),
  /** Of differential entropy. */
  method: z.enum(DE_METHODS),
  /** Of the eye features: `causal-30s` as live, `seed-trial` as the SEED data sets ship them. */
  eye_method: z.enum(['causal-30s', 'seed-trial']).optional(),
  smoothing: z.string().min(1),
  /** False where any feature uses the future: its models are refused for live use. */
  causal: z.boolean(),
  simulated: z.boolean(),
  classes: z.array(z.string().min(1)).min(2),
  trials_per_session: z.int().positive(),
  /** The first ones of each session, which train within subjects; the others test. */
  within_train_trials: z.int().positive(),
  /** All of the EEG's preprocessing, where it is known; without, the defaults with these bands and this method. */
  preprocess: eegPreprocessConfigSchema.optional(),
  /** Of simulated tables. */
  preset: z.string().optional(),
  simulation_version: z.int().optional(),
});
export const tableMetaSchema = tableMetaFields.superRefine(({ montage, classes }, context) => {
  const twice = (names: readonly string[]) => names.find((name, i) => names.indexOf(name) !== i);
  const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  const electrode = twice(montage.map(normaliseLabel));
  if (electrode !== undefined) refuse('montage', `names ${electrode} twice`);
  const name = twice(classes);
  if (name !== undefined) refuse('classes', `names "${name}" twice`);
});
export type TableMeta = z.infer<typeof tableMetaSchema>;

export interface PairedTable {
  readonly meta: TableMeta;
  /** Row for row the same windows; both have the same labels, subjects and trials (unique over the table). */
  readonly eeg: FeatureTable;
  readonly eye: FeatureTable;
  /** [rows] */
  readonly sessions: Int32Array;
  /** [rows] the trial's number within its session, from 0. */
  readonly sessionTrials: Int32Array;
  /** SHA-256 over the values, labels and groups: which data it is. */
  readonly fingerprint: string;
}
