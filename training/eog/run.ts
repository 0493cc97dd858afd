/** Every seed and fold of an EOG experiment, a RECONSTRUCTION, and what they come to. Read from top to bottom. */

import type { StepPlace } from '../loop/fit.ts';
import type { EpochFigures, FitState } from '../loop/fit-state.ts';
import type { Shares } from '../loop/progress.ts';
import { RunFolder } from '../loop/run-folder.ts';
import type { EogConfig } from './config.ts';
import { type NetworkSize, PUBLISHED_SIZE } from './network/size.ts';
import { EogProgressMeter } from './progress.ts';
import type { EogData, EogTrial } from './recordings.ts';
import { type EogFoldResult, type EogResult, fingerprintOf, judge, summariseEog } from './result.ts';
import { type EogFold, type EogSplit, eogDeployment, eogFolds } from './split.ts';
import { disposeEogPair, type EogPair, trainEogPair } from './train-pair.ts';

export interface EogRunTask {
  readonly config: EogConfig;
  readonly data: EogData;
  /** Of the networks; other ones than the published are for trying things out. */
  readonly size?: NetworkSize;
  /** The run's folder: split.json, then result.json; checkpoint.bin until then. */
  readonly out: string;
  /** Go on from the folder's checkpoint. */
  readonly resume: boolean;
  readonly backend: string;
  readonly codeVersion: string;
  readonly signal?: AbortSignal | undefined;
  onStep?(step: EogStep): void;
  onEpoch?(figures: EogEpoch): void;
  onFold?(fold: EogFoldResult): void;
  /** Takes, after all folds, a pair that every trial but the validation's trained: the one whose student is to be served. */
  deploy?(pair: EogPair, split: EogSplit, folds: readonly EogFoldResult[]): Promise<void>;
}

interface Place {
  readonly seed: number;
  readonly fold: string;
}
export type EogStep = Place & StepPlace & Shares;
export type EogEpoch = Place & EpochFigures;

/**
 * Throws CONFIG_INVALID where the folder holds another run, DATA_INVALID where the trials don't fit the protocol or a loss
 * diverges, DISK_FULL, and INTERRUPTED after the signal, when the checkpoint has been written.
 */
export async function runEog(task: EogRunTask): Promise<EogResult> {
  const { config, size = PUBLISHED_SIZE, backend, codeVersion } = task;
  // A trial of which no window is left tests nothing.
  const data = { ...task.data, trials: task.data.trials.filter(({ windows }) => windows.length > 0) };
  const folds = config.seeds.flatMap((seed) => eogFolds(data.trials, config, seed));
  const [seed] = config.seeds as [number, ...number[]];
  const served = task.deploy && { ...eogDeployment(data.trials, config, seed), seed, name: 'deployment', test: [] };
  const all: readonly EogFold[] = served ? [...folds, served] : folds;
  const fingerprint = fingerprintOf(data);
  const folder = await RunFolder.open<EogFoldResult, FitState>(task.out, task.resume, {
    config: { ...config, size },
    data: fingerprint,
    backend,
    code_version: codeVersion,
  });
  await folder.write('split.json', `${JSON.stringify(describe(all, config))}\n`);

  const { finished } = folder;
  const progress = new EogProgressMeter(config, all, finished.length, folder.begun);
  const train = async (fold: EogFold) => {
    const place = { seed: fold.seed, fold: fold.name };
    const hooks = folder.hooks(task.signal);
    const pair = await trainEogPair(
      { config, split: fold, size, keys: [fold.seed, fold.name] },
      {
        ...hooks,
        onStep: (step) => task.onStep?.({ ...place, ...step, ...progress.at(all.indexOf(fold), step) }),
        async onEpoch(figures, save) {
          task.onEpoch?.({ ...place, ...figures });
          await hooks.onEpoch(figures, save);
        },
      },
    );
    folder.trained();
    return pair;
  };

  for (const fold of folds.slice(finished.length)) {
    const pair = await train(fold);
    const judged = await judge(pair, fold, config).finally(() => disposeEogPair(pair));
    task.onFold?.(judged);
    await folder.add(judged);
  }
  const circumstances = { config, data, fingerprint, size, backend, codeVersion, seconds: folder.seconds() };
  const result = summariseEog(finished, circumstances);
  if (served) {
    const pair = await train(served);
    await task.deploy?.(pair, served, finished).finally(() => disposeEogPair(pair));
  }
  await folder.finish({ ...result, folds: finished });
  return result;
}

/** For split.json, in the form of every run's: its trials by their subject's number and their own. */
function describe(folds: readonly EogFold[], { protocol }: EogConfig) {
  const names = (trials: readonly EogTrial[]) => trials.map(({ subject, number }) => `${subject}/${number}`);
  return {
    schema: 'split/1' as const,
    splits: folds.map(({ seed, name, train, validation, test }) => ({
      protocol,
      seed,
      name,
      unit: 'subject/trial' as const,
      train: names(train),
      validation: names(validation),
      test: names(test),
    })),
  };
}
