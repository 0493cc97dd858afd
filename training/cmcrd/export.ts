/** Seals a trained student as a model bundle, which the live pipeline loads with nothing else. */
import { createHash } from 'node:crypto';
import { AffectEdgeError } from '../../src/errors.ts';
import type { Manifest, Metrics, ModelInput } from '../../src/model/manifest.ts';
import { type EegPreprocessConfig, eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import { eyePreprocessConfigSchema } from '../../src/preprocess/eye/config.ts';
import { positionOf } from '../../src/simulation/eeg/scalp.ts';
import type { PairedTable, TableMeta } from '../datasets/paired-table.ts';
import { type FeatureTable, selectRows, tableOf } from '../datasets/table.ts';
import { traitsOf } from '../distillers/index.ts';
import { fitTemperature } from '../evaluation/calibrate.ts';
import { evaluate } from '../evaluation/metrics.ts';
import { type LiveFigures, SIGNAL, writeCard } from '../export/card.ts';
import { checkBundleFolder, modelIdOf, sealBundle } from '../export/seal.ts';
import type { RunConfig } from './config.ts';
import { exportOnnx } from './onnx.ts';
import { logitsOf, modalityOf, probabilitiesOf, type Trained } from './train-pair.ts';

export interface ExportTask {
  /** Its last part becomes the model's id. */
  readonly folder: string;
  readonly student: Trained;
  readonly config: RunConfig;
  readonly table: PairedTable;
  /** Rows that chose the epoch and choose the temperature. */
  readonly validation: Int32Array;
  /** Rows that chose nothing; or, where all rows of the table trained this model, what its folds' models answered. */
  readonly test: Int32Array | Metrics;
  /** Of those that trained it. */
  readonly seed: number;
  /** How the rows were split, in words. */
  readonly split: string;
  readonly backend: string;
  readonly codeVersion: string;
  /** Tries the sealed bundle on live signal, for its card. */
  tryLive?(): Promise<readonly LiveFigures[]>;
}

/** Before hours of training: throws CONFIG_INVALID, DATA_INVALID or MONTAGE_MISSING_ELECTRODE for what could not be exported. */
export function checkExport(folder: string, { direction, distiller, teacher }: RunConfig, meta: TableMeta): void {
  const refuse = (what: string) => new AffectEdgeError('CONFIG_INVALID', `--export ${folder}: ${what}`);
  if (traitsOf(distiller.name).averagesPredictions) {
    throw refuse(
      `${distiller.name} needs both modalities at once, so there is no student to export; choose a distiller`,
    );
  }
  if (teacher.mccSource === 'target') {
    throw refuse(
      'a transductive run adapts to the rows it is tested on, and a served model has none; leave out --mcc-source',
    );
  }
  checkBundleFolder(folder);
  if (modalityOf('student', direction) === 'eeg') checkPlaces(meta.montage);
  else checkEyeMethod(meta);
  if (meta.smoothing !== 'none') {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `the table is smoothed (${meta.smoothing}), as the live pipeline does not smooth; export needs a table with smoothing "none"`,
    );
  }
}

/** Live, eye features are made by one method. */
function checkEyeMethod({ eye_method, causal }: TableMeta): void {
  if (eye_method === 'causal-30s' && causal) return;
  const found = eye_method === 'causal-30s' ? 'causal: false' : `eye_method ${JSON.stringify(eye_method ?? null)}`;
  throw new AffectEdgeError(
    'DATA_INVALID',
    `the table says ${found}, and no live stream has eye features that know the whole trial, or the future: ` +
      'export a student of eye movement from a table of eye_method "causal-30s" and causal: true',
  );
}

/** The golden numbers' signal is simulated at the electrodes' places. */
function checkPlaces(montage: readonly string[]): void {
  for (const label of montage) {
    try {
      positionOf(label);
    } catch (cause) {
      throw new AffectEdgeError(
        'MONTAGE_MISSING_ELECTRODE',
        `--export: the table's electrode "${label}" has no known place on the head, which a bundle's check signal needs: name electrodes by their 10-20 labels in meta.json`,
        { cause },
      );
    }
  }
}

/** What `checkExport` lets pass. Throws DISK_FULL, FILE_INVALID, and MODEL_INVALID where the export law does not hold. */
export async function exportBundle(task: ExportTask): Promise<Manifest> {
  const { folder, student, config, table, validation, test } = task;
  const { backbone, standardisation, fit } = student;
  const { meta } = table;
  const modality = modalityOf('student', config.direction);
  const features = table[modality];
  const held = selectRows(features, validation);
  const temperature = fitTemperature(await logitsOf(student, held), held.labels);
  const probabilities = (rows: FeatureTable) => probabilitiesOf(student, rows, temperature);
  const figures = async (rows: Int32Array): Promise<Metrics> => {
    const chosen = selectRows(features, rows);
    return evaluate(await probabilities(chosen), chosen.labels);
  };
  const tested = test instanceof Int32Array ? { test: await figures(test) } : { folds: test };
  const metrics = { validation: await figures(validation), ...tested };

  const description = {
    schema: 'model-bundle/1' as const,
    id: modelIdOf(folder),
    ...inputOf(modality, meta, features.width),
    classes: meta.classes,
    standardisation,
    temperature,
    simulated: meta.simulated,
    causal: meta.causal,
  };
  const onnx = await exportOnnx(backbone, description);
  const { seeds: _, ...recipe } = config;
  const manifest: Manifest = {
    ...description,
    ece: metrics.validation.ece,
    onnx_sha256: createHash('sha256').update(onnx).digest('hex'),
    training: {
      data: meta.description ?? `feature table ${table.fingerprint}, ${table.eeg.labels.length} rows`,
      protocol: `${JSON.stringify(recipe)}; epoch ${fit.bestEpoch} chosen by validation cross-entropy; ${task.split}`,
      seeds: [task.seed],
      code_version: task.codeVersion,
      backend: task.backend,
      metrics,
      preset: meta.preset ?? null,
      simulation_version: meta.simulation_version ?? null,
    },
  };
  await sealBundle({
    folder,
    manifest,
    onnx,
    probabilitiesOf: (rows) => probabilities(tableOf(meta.classes, rows)),
    card: async () =>
      writeCard(manifest, {
        network: backbone.name,
        parameters: backbone.parameters.reduce((sum, { size }) => sum + size, 0),
        lesson: lessonOf(config),
        live: (await task.tryLive?.()) ?? [],
      }),
  });
  return manifest;
}

/** What the student takes, as its table was made. */
function inputOf(modality: 'eeg' | 'eye', meta: TableMeta, width: number): Exclude<ModelInput, { modality: 'eog' }> {
  if (modality === 'eeg') return { modality, montage: meta.montage, preprocess: eegPreprocessOf(meta) };
  const { eye_method: method, preprocess } = meta;
  return {
    modality,
    preprocess: eyePreprocessConfigSchema.parse({ method, window_s: preprocess?.window_s, features: width }),
  };
}

function eegPreprocessOf({ montage, bands, method, preprocess }: TableMeta): EegPreprocessConfig {
  return preprocess === undefined
    ? eegPreprocessConfigSchema.parse({ montage, bands, method })
    : { ...preprocess, montage, bands, method };
}

/** From whom and how the student learnt, in words for the card. */
function lessonOf({ direction, distiller, teacher }: RunConfig): string {
  const { needsTeacher, options } = traitsOf(distiller.name);
  if (!needsTeacher) return 'from the labels alone';
  const mcc = teacher.mccWeight > 0 ? ' and minimum class confusion' : '';
  const form = options.includes('form') ? `, form ${distiller.form}` : '';
  const [of, to] = direction === 'eye-to-eeg' ? [SIGNAL.eye, SIGNAL.eeg] : [SIGNAL.eeg, SIGNAL.eye];
  return `a teacher of ${of} (cross-entropy${mcc}) taught this student of ${to} by ${distiller.name.toUpperCase()}${form}`;
}
