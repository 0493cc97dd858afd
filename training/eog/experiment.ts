/** `train --system eog-feedback`: reads or simulates trials, runs the folds and exports the student. */
import { makeFolder } from '../../src/formats/write-file.ts';
import { given } from '../../src/given.ts';
import { describeHeldOut } from '../export/held-out.ts';
import { checkBundleFolder } from '../export/seal.ts';
import { type ExperimentTask, startExperiment } from '../loop/experiment.ts';
import type { EogConfig } from './config.ts';
import { readDeap } from './deap.ts';
import { exportEogBundle } from './export.ts';
import type { NetworkSize } from './network/size.ts';
import type { EogResult } from './result.ts';
import { type EogRunTask, runEog } from './run.ts';
import { type SimulatedEogOptions, simulateEog } from './simulated.ts';

/** How the metrics "folds" of an exported model were measured, for its manifest: all trials trained the model itself. */
const FOLDS: Readonly<Record<EogConfig['protocol'], string>> = {
  trial: '"folds" is what models of the same recipe answered to trials of the same people that each had not seen',
  subject: '"folds" is what models of the same recipe answered to people that each had not seen',
};

interface EogExperiment extends ExperimentTask, Pick<EogRunTask, 'onStep' | 'onEpoch' | 'onFold'> {
  /** DEAP's folder, or what to simulate. */
  readonly data: string | SimulatedEogOptions;
  readonly config: EogConfig;
  readonly size: NetworkSize;
}

/** Throws BACKEND_FAILED and what data, run and export refuse. */
export async function eogExperiment(task: EogExperiment): Promise<EogResult> {
  const { data: source, config, size, exportTo, codeVersion, onStep, onEpoch, onFold } = task;
  if (exportTo !== undefined) {
    checkBundleFolder(exportTo);
    await makeFolder(exportTo);
  }
  const data = typeof source === 'string' ? await readDeap(source) : simulateEog(source);
  const settings = await startExperiment(task);
  const { backend } = settings;
  const [seed] = config.seeds as [number, ...number[]];
  return runEog({
    ...settings,
    ...given({ onStep, onEpoch, onFold }),
    config,
    size,
    data,
    ...(exportTo !== undefined && {
      async deploy(pair, { validation }, folds) {
        await exportEogBundle({
          ...{ folder: exportTo, pair, config, data, validation, seed, backend, codeVersion },
          test: { folds: folds.filter((fold) => fold.seed === seed) },
          split: `${describeHeldOut('trials', config.protocol, seed)}; ${FOLDS[config.protocol]}`,
        });
      },
    }),
  });
}
