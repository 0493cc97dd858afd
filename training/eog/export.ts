/** Seals a trained EOG student as a model bundle, which the live pipeline loads with nothing else. */
import { createHash } from 'node:crypto';
import type { Manifest, Metrics } from '../../src/model/manifest.ts';
import { EOG_CHANNELS } from '../../src/preprocess/eog/config.ts';
import { LEVELS } from '../../src/simulation/affect-scales.ts';
import { fitTemperature } from '../evaluation/calibrate.ts';
import { evaluate, pooled, rounded, summarise } from '../evaluation/metrics.ts';
import { type LiveFigures, writeCard } from '../export/card.ts';
import { modelIdOf, sealBundle } from '../export/seal.ts';
import { softmax } from '../loop/predict.ts';
import { type EogConfig, feedbackOf, RECONSTRUCTION } from './config.ts';
import { EOG_PREPROCESS } from './cut.ts';
import { exportEogStudent } from './onnx.ts';
import { type EogData, type EogTrial, type Signals, windowsOf } from './recordings.ts';
import type { EogFoldResult } from './result.ts';
import { answersTo, type EogPair } from './train-pair.ts';

export interface EogBundleTask {
  /** Its last part becomes the model's id. */
  readonly folder: string;
  readonly pair: EogPair;
  readonly config: EogConfig;
  readonly data: Pick<EogData, 'description' | 'simulation'>;
  /** Chose the epoch and choose the temperature. */
  readonly validation: readonly EogTrial[];
  /** Trials that chose nothing; or, where all trials trained this model, what its folds' models answered. */
  readonly test: readonly EogTrial[] | { readonly folds: readonly EogFoldResult[] };
  readonly seed: number;
  /** How the trials were split, in words. */
  readonly split: string;
  readonly backend: string;
  readonly codeVersion: string;
  /** Tries the sealed bundle on live signal, for its card. */
  tryLive?(): Promise<readonly LiveFigures[]>;
}

/** Throws DISK_FULL, FILE_INVALID, and MODEL_INVALID where the export law does not hold. */
export async function exportEogBundle(task: EogBundleTask): Promise<Manifest> {
  const { folder, pair, config, data, validation, test } = task;
  const { student, scales, fit } = pair;
  const { target } = config;
  const held = windowsOf(validation, target);
  const temperature = fitTemperature(
    await answersTo(student, held, scales),
    held.map(({ label }) => label),
  );
  const probabilities = async (windows: readonly Signals[]) =>
    (await answersTo(student, windows, scales)).map((row) => softmax(row, temperature));
  const figures = async (trials: readonly EogTrial[]): Promise<Metrics> => {
    const windows = windowsOf(trials, target);
    return evaluate(
      await probabilities(windows),
      windows.map(({ label }) => label),
    );
  };
  const tested = 'folds' in test ? { folds: heldOut(test.folds) } : { test: await figures(test) };
  const metrics = { validation: await figures(validation), ...tested };

  const description = {
    schema: 'model-bundle/1' as const,
    id: modelIdOf(folder),
    modality: 'eog' as const,
    montage: [...EOG_CHANNELS] as [...typeof EOG_CHANNELS],
    preprocess: EOG_PREPROCESS,
    target,
    reconstruction: RECONSTRUCTION,
    classes: LEVELS.map((level) => `${level} ${target}`),
    standardisation: { mean: [...scales.eog.mean], std: [...scales.eog.std] },
    temperature,
    simulated: data.simulation !== null,
    causal: true,
  };
  const onnx = await exportEogStudent(student, description);
  const { seeds: _, ...recipe } = config;
  const manifest: Manifest = {
    ...description,
    ece: metrics.validation.ece,
    onnx_sha256: createHash('sha256').update(onnx).digest('hex'),
    training: {
      data: data.description,
      protocol: `${JSON.stringify({ ...recipe, size: student.size })}; epoch ${fit.bestEpoch} chosen by validation cross-entropy; ${task.split}`,
      seeds: [task.seed],
      code_version: task.codeVersion,
      backend: task.backend,
      metrics,
      preset: data.simulation?.preset ?? null,
      simulation_version: data.simulation?.version ?? null,
    },
  };
  await sealBundle({
    folder,
    manifest,
    onnx,
    // The teacher alone reads EEG.
    probabilitiesOf: (rows) => probabilities(rows.map((eog) => ({ eog, eeg: new Float32Array() }))),
    card: async () =>
      writeCard(manifest, {
        network: `transformer of ${student.size.blocks} blocks, ${student.size.width} wide`,
        parameters: student.parameters.reduce((sum, { size }) => sum + size, 0),
        lesson: lessonOf(config),
        live: (await task.tryLive?.()) ?? [],
      }),
  });
  return manifest;
}

/** All folds' test windows together; of the calibration, the mean over folds. */
function heldOut(folds: readonly EogFoldResult[]): Metrics {
  const metrics = folds.map((fold) => fold.metrics);
  return { ...pooled(metrics), ece: rounded(summarise(metrics.map(({ ece }) => ece)).mean) };
}

function lessonOf(config: EogConfig): string {
  const feedback = feedbackOf(config);
  const told = feedback === 'none' ? 'without feedback to it' : `with feedback (${feedback}) to it`;
  return `a teacher of EEG and EOG taught this student of EOG (${config.variant}), ${told}. ${RECONSTRUCTION}`;
}
