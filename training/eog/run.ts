/** A whole EOG run, a RECONSTRUCTION: every seed and fold, and the summary. */
import type { StepPlace } from '../loop/epochs.ts';
import type { RunSettings } from '../loop/experiment.ts';
import type { EpochFigures, FitState } from '../loop/fit-state.ts';
import { ProgressMeter, type Shares } from '../loop/progress.ts';
import { RunFolder } from '../loop/run-folder.ts';
import { runFolds } from '../loop/run-folds.ts';
import type { EogConfig } from './config.ts';
import { type NetworkSize, PUBLISHED_SIZE } from './network/size.ts';
import { pairWork, workAfter, workIn } from './progress.ts';
import type { EogData } from './recordings.ts';
import { type EogFoldResult, type EogResult, evaluateFold, fingerprintOf, summariseEog } from './result.ts';
import { describeSplit, type EogFold, type EogSplit, eogDeployment, eogFolds } from './split.ts';
import { disposeEogPair, type EogPair, trainEogPair } from './train-pair.ts';

export interface EogRunTask extends RunSettings<EogFoldResult> {
  readonly config: EogConfig;
  readonly data: EogData;
  /** Of the networks; the published size unless something is tried out. */
  readonly size?: NetworkSize;
  onStep?(step: EogStep): void;
  onEpoch?(figures: EogEpoch): void;
  /** Called after all folds with a pair that was trained on every trial except those of validation, for serving. */
  deploy?(pair: EogPair, split: EogSplit, folds: readonly EogFoldResult[]): Promise<void>;
}

interface Place {
  readonly seed: number;
  readonly fold: string;
}
export type EogStep = Place & StepPlace & Shares;
export type EogEpoch = Place & EpochFigures;

/**
 * Throws CONFIG_INVALID where the folder holds another run, DATA_INVALID where the trials do not fit the protocol or a
 * loss diverges, DISK_FULL, and INTERRUPTED after the signal was aborted and the checkpoint was written.
 */
export async function runEog(task: EogRunTask): Promise<EogResult> {
  const { config, size = PUBLISHED_SIZE, backend, codeVersion, deploy } = task;
  // A trial without windows can't be tested.
  const data = { ...task.data, trials: task.data.trials.filter(({ windows }) => windows.length > 0) };
  const folds = config.seeds.flatMap((seed) => eogFolds(data.trials, config, seed));
  const [seed] = config.seeds as [number, ...number[]];
  const served = deploy && { ...eogDeployment(data.trials, config, seed), seed, name: 'deployment', test: [] };
  const splits: readonly EogFold[] = served ? [...folds, served] : folds;
  const fingerprint = fingerprintOf(data);
  const folder = await RunFolder.open<EogFoldResult, FitState>(task.out, task.resume, {
    config: { ...config, size },
    data: fingerprint,
    backend,
    code_version: codeVersion,
  });
  await folder.write('split.json', `${JSON.stringify(describeSplit(config.protocol, splits))}\n`);

  const works = splits.map((split) => pairWork(config, split));
  const { finished } = folder;
  const meter = new ProgressMeter(works, finished.length, (work) => workIn(work, folder.begun));

  return runFolds<EogFold, EogFold, EogPair, EogFoldResult, EogResult>({
    folder,
    folds,
    train(split) {
      const place = { seed: split.seed, fold: split.name };
      const index = splits.indexOf(split);
      const hooks = folder.hooks((figures: EpochFigures) => task.onEpoch?.({ ...place, ...figures }), task.signal);
      return trainEogPair(
        { config, split, size, keys: [split.seed, split.name] },
        {
          ...hooks,
          onStep(step) {
            const { done, unit } = workAfter(works[index]!, step);
            task.onStep?.({ ...place, ...step, ...meter.at(index, done, unit) });
          },
        },
      );
    },
    evaluate: (pair, fold) => evaluateFold(pair, fold, config),
    dispose: disposeEogPair,
    onFold: (fold) => task.onFold?.(fold),
    summarise: (folds, seconds) =>
      summariseEog(folds, { config, data, fingerprint, size, backend, codeVersion, seconds }),
    deployment: deploy && served && { split: served, deploy: (pair) => deploy(pair, served, finished) },
  });
}
