/** Exports a trained EOG student as a model bundle for the live pipeline. */
import type { Manifest } from '../../src/model/manifest.ts';
import { EOG_CHANNELS } from '../../src/preprocess/eog/config.ts';
import { LEVELS } from '../../src/simulation/affect-scales.ts';
import { pooledWithEce } from '../evaluation/metrics.ts';
import { type BundleTask, exportStudent } from '../export/student-bundle.ts';
import { type EogConfig, feedbackOf, RECONSTRUCTION } from './config.ts';
import { EOG_PREPROCESS } from './cut.ts';
import { type EogDescription, exportEogStudent } from './onnx.ts';
import { type EogData, type EogTrial, type EogWindow, type Signals, windowsOf } from './recordings.ts';
import type { EogFoldResult } from './result.ts';
import { type EogPair, logitsOf } from './train-pair.ts';

interface EogBundleTask extends BundleTask {
  readonly pair: EogPair;
  readonly config: EogConfig;
  readonly data: Pick<EogData, 'description' | 'simulation'>;
  /** Trials that chose the epoch; they choose the temperature too. */
  readonly validation: readonly EogTrial[];
  /** Trials that chose nothing; or, where all trials trained this student, the results of its folds. */
  readonly test: readonly EogTrial[] | { readonly folds: readonly EogFoldResult[] };
}

/** Throws DISK_FULL, FILE_INVALID, and MODEL_INVALID as `sealBundle`. */
export function exportEogBundle(task: EogBundleTask): Promise<Manifest> {
  const { pair, config, data, validation, test } = task;
  const { student, scales, fit } = pair;
  const { target } = config;
  const { seeds: _, ...recipe } = config;
  return exportStudent<readonly Signals[], readonly EogWindow[], EogDescription>(task, {
    logitsOf: (windows) => logitsOf(student, windows, scales),
    labelsOf: (windows) => windows.map(({ label }) => label),
    // Only the teacher reads EEG.
    rowsOf: (rows) => rows.map((eog) => ({ eog, eeg: new Float32Array() })),
    validation: windowsOf(validation, target),
    test: 'folds' in test ? { folds: pooledWithEce(test.folds) } : { rows: windowsOf(test, target) },
    describe: (id, temperature) => ({
      schema: 'model-bundle/1',
      id,
      modality: 'eog',
      montage: [...EOG_CHANNELS],
      preprocess: EOG_PREPROCESS,
      target,
      reconstruction: RECONSTRUCTION,
      classes: LEVELS.map((level) => `${level} ${target}`),
      standardisation: { mean: [...scales.eog.mean], std: [...scales.eog.std] },
      temperature,
      simulated: data.simulation !== null,
      causal: true,
    }),
    writeOnnx: (description) => exportEogStudent(student, description),
    data: {
      data: data.description,
      preset: data.simulation?.preset ?? null,
      simulation_version: data.simulation?.version ?? null,
    },
    recipe: { ...recipe, size: student.size },
    bestEpoch: fit.bestEpoch,
    card: {
      network: `transformer of ${student.size.blocks} blocks, ${student.size.width} wide`,
      parameters: student.parameters.reduce((sum, { size }) => sum + size, 0),
      learning: learningOf(config),
    },
  });
}

/** How the student was trained, in words for the card. */
function learningOf(config: EogConfig): string {
  const mode = feedbackOf(config);
  const feedback = mode === 'none' ? 'without feedback to it' : `with feedback (${mode}) to it`;
  return `a teacher of EEG and EOG taught this student of EOG (${config.variant}), ${feedback}. ${RECONSTRUCTION}`;
}
