/** Exports a trained student of either system: temperature, metrics, manifest, files and card. */
import { createHash } from 'node:crypto';
import type { Essentials, Manifest, Metrics } from '../../src/model/manifest.ts';
import { calibrate } from '../evaluation/calibrate.ts';
import { evaluate } from '../evaluation/metrics.ts';
import { type CardContent, type LiveFigures, writeCard } from './card.ts';
import { modelIdOf, sealBundle } from './seal.ts';

/** What an export needs besides the student and its data. */
export interface BundleTask {
  /** The last part of the path becomes the model's id. */
  readonly folder: string;
  /** The seed that trained the student. */
  readonly seed: number;
  /** How the rows were split, in words. */
  readonly split: string;
  readonly backend: string;
  readonly codeVersion: string;
  /** Tries the sealed bundle on live signal, for its card. */
  tryLive?(): Promise<readonly LiveFigures[]>;
}

/** How the demo bundles are built. */
export interface DemoBuild extends Pick<BundleTask, 'backend' | 'codeVersion'> {
  log(line: string): void;
}

/** What a manifest says of the model itself. */
export type ModelDescription = Essentials & Pick<Manifest, 'standardisation'>;

/** A trained student. `Rows` are its inputs, `Labelled` rows have labels. */
export interface Student<Rows, Labelled extends Rows, Description extends ModelDescription> {
  /** [rows][classes], as served but for the temperature. */
  logitsOf(rows: Rows): Promise<number[][]>;
  labelsOf(rows: Labelled): ArrayLike<number>;
  /** Makes rows of plain features, [features] each. */
  rowsOf(features: readonly Float32Array[]): Rows;
  /** Rows that chose the epoch; they choose the temperature too. */
  readonly validation: Labelled;
  /** Rows that chose nothing; or, where all rows trained this student, metrics of its folds' students. */
  readonly test: { readonly rows: Labelled } | { readonly folds: Metrics };
  describe(id: string, temperature: number): Description;
  writeOnnx(description: Description): Promise<Uint8Array>;
  readonly data: Pick<Manifest['training'], 'data' | 'preset' | 'simulation_version'>;
  /** All settings of the training but the seed. */
  readonly recipe: object;
  /** Counted from 1. */
  readonly bestEpoch: number;
  readonly card: Omit<CardContent, 'live'>;
}

/** Throws DISK_FULL, FILE_INVALID, and MODEL_INVALID where the export law does not hold. */
export async function exportStudent<Rows, Labelled extends Rows, Description extends ModelDescription>(
  { folder, seed, split, backend, codeVersion, tryLive }: BundleTask,
  student: Student<Rows, Labelled, Description>,
): Promise<Manifest> {
  const { validation, test, data, recipe, bestEpoch } = student;
  const { temperature, probabilities } = await calibrate<Rows>(
    (rows) => student.logitsOf(rows),
    validation,
    student.labelsOf(validation),
  );
  const metricsOf = async (rows: Labelled) => evaluate(await probabilities(rows), student.labelsOf(rows));
  const validated = await metricsOf(validation);
  const tested = 'folds' in test ? test : { test: await metricsOf(test.rows) };
  const description = student.describe(modelIdOf(folder), temperature);
  const onnx = await student.writeOnnx(description);
  const manifest: Manifest = {
    ...description,
    ece: validated.ece,
    onnx_sha256: createHash('sha256').update(onnx).digest('hex'),
    training: {
      data: data.data,
      protocol: `${JSON.stringify(recipe)}; epoch ${bestEpoch} chosen by validation cross-entropy; ${split}`,
      seeds: [seed],
      code_version: codeVersion,
      backend,
      metrics: { validation: validated, ...tested },
      preset: data.preset,
      simulation_version: data.simulation_version,
    },
  };
  await sealBundle({
    folder,
    manifest,
    onnx,
    probabilitiesOf: (features) => probabilities(student.rowsOf(features)),
    card: async () => writeCard(manifest, { ...student.card, live: (await tryLive?.()) ?? [] }),
  });
  return manifest;
}
