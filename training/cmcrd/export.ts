/** Exports a trained student as a model bundle for the live pipeline. */
import { AffectEdgeError } from '../../src/errors.ts';
import type { Manifest, Metrics, ModelInput } from '../../src/model/manifest.ts';
import { positionOf } from '../../src/simulation/eeg/scalp.ts';
import { BLOCK, defaultPreprocess } from '../datasets/default-preprocess.ts';
import type { PairedTable, TableMeta } from '../datasets/paired-table.ts';
import { type FeatureTable, selectRows, tableOf } from '../datasets/table.ts';
import { traitsOf } from '../distillers/index.ts';
import { SIGNAL } from '../export/card.ts';
import { checkBundleFolder } from '../export/seal.ts';
import { type BundleTask, exportStudent, type ModelDescription } from '../export/student-bundle.ts';
import type { RunConfig } from './config.ts';
import { exportOnnx } from './onnx.ts';
import { logitsOf, modalityOf, type Trained } from './train-pair.ts';

interface ExportTask extends BundleTask {
  readonly student: Trained;
  readonly config: RunConfig;
  readonly table: PairedTable;
  /** The preprocessing is not the table's own statement. */
  readonly assumesDefault?: boolean;
  /** Row numbers that chose the epoch; they choose the temperature too. */
  readonly validation: Int32Array;
  /** Row numbers that chose nothing; or, where all rows trained this student, metrics of its folds' students. */
  readonly test: Int32Array | Metrics;
}

/** Called before training. Throws CONFIG_INVALID, DATA_INVALID or MONTAGE_MISSING_ELECTRODE for what can't be exported. */
export function checkExport(folder: string, { direction, distiller, teacher }: RunConfig, table: PairedTable): void {
  const { meta } = table;
  const modality = modalityOf('student', direction);
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
  if (modality === 'eeg') checkPlaces(meta.montage);
  else checkEyeMethod(meta);
  checkStated(table, modality);
  if (meta.smoothing !== 'none') {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `the table is smoothed (${meta.smoothing}), as the live pipeline does not smooth; export needs a table with smoothing "none"`,
    );
  }
}

/** The live pipeline must compute the features as the table's were. */
function checkStated(table: PairedTable, modality: keyof typeof BLOCK): void {
  const block = BLOCK[modality];
  if (table.meta[block] !== undefined) return;
  throw new AffectEdgeError(
    'DATA_INVALID',
    `the table does not say how its ${modality} features were made: copy "preprocess" of the meta.json that "affect-edge features" ` +
      `wrote into the table's meta.json as "${block}", or give --preprocess default if they were made with ` +
      JSON.stringify(defaultPreprocess(table)[block]),
  );
}

/** The live pipeline has one method of eye features. */
function checkEyeMethod({ eye_method: declared, eye_preprocess, causal }: TableMeta): void {
  const eye_method = eye_preprocess?.method ?? declared;
  if (eye_method === 'causal-30s' && causal) return;
  const found = eye_method === 'causal-30s' ? 'causal: false' : `eye_method ${JSON.stringify(eye_method ?? null)}`;
  throw new AffectEdgeError(
    'DATA_INVALID',
    `the table says ${found}, and no live stream has eye features that know the whole trial, or the future: ` +
      'export a student of eye movement from a table of eye_method "causal-30s" and causal: true',
  );
}

/** The golden signal is simulated at the electrodes' positions. */
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

/** Exports a student that `checkExport` accepts. Throws DISK_FULL, FILE_INVALID, and MODEL_INVALID as `sealBundle`. */
export function exportBundle(task: ExportTask): Promise<Manifest> {
  const { student, config, table, validation, test, assumesDefault = false } = task;
  const { backbone, standardisation, fit } = student;
  const { meta } = table;
  const modality = modalityOf('student', config.direction);
  const features = table[modality];
  const { seeds: _, ...recipe } = config;
  return exportStudent<FeatureTable, FeatureTable, ModelDescription>(task, {
    logitsOf: (rows) => logitsOf(student, rows),
    labelsOf: ({ labels }) => labels,
    rowsOf: (rows) => tableOf(meta.classes, rows),
    validation: selectRows(features, validation),
    test: test instanceof Int32Array ? { rows: selectRows(features, test) } : { folds: test },
    describe: (id, temperature) => ({
      schema: 'model-bundle/1',
      id,
      ...inputOf(modality, meta),
      classes: meta.classes,
      standardisation,
      temperature,
      simulated: meta.simulated,
      causal: meta.causal,
    }),
    writeOnnx: (description) => exportOnnx(backbone, description),
    data: {
      data:
        (meta.description ?? `feature table ${table.fingerprint}, ${table.eeg.labels.length} rows`) +
        (assumesDefault ? '; it does not state its preprocessing, and the default one was assumed' : ''),
      preset: meta.preset ?? null,
      simulation_version: meta.simulation_version ?? null,
    },
    recipe,
    bestEpoch: fit.bestEpoch,
    card: {
      network: backbone.name,
      parameters: backbone.parameters.reduce((sum, { size }) => sum + size, 0),
      learning: learningOf(config),
    },
  });
}

/** The student's input: its table's preprocessing, which `checkExport` has found. */
function inputOf(modality: 'eeg' | 'eye', meta: TableMeta): Exclude<ModelInput, { modality: 'eog' }> {
  const { montage, preprocess, eye_preprocess } = meta;
  return modality === 'eeg'
    ? { modality, montage, preprocess: { ...preprocess!, montage } }
    : { modality, preprocess: eye_preprocess! };
}

/** How the student was trained, in words for the card. */
function learningOf({ direction, distiller, teacher }: RunConfig): string {
  const { needsTeacher, options } = traitsOf(distiller.name);
  if (!needsTeacher) return 'from the labels alone';
  const mcc = teacher.mccWeight > 0 ? ' and minimum class confusion' : '';
  const form = options.includes('form') ? `, form ${distiller.form}` : '';
  const [from, to] = direction === 'eye-to-eeg' ? [SIGNAL.eye, SIGNAL.eeg] : [SIGNAL.eeg, SIGNAL.eye];
  return `a teacher of ${from} (cross-entropy${mcc}) taught this student of ${to} by ${distiller.name.toUpperCase()}${form}`;
}
