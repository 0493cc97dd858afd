/** A whole CMCRD run: every seed and fold of a protocol, and the summary. */
import type { PairedTable } from '../datasets/paired-table.ts';
import type { RunSettings } from '../loop/experiment.ts';
import { ProgressMeter, type Shares } from '../loop/progress.ts';
import { RunFolder } from '../loop/run-folder.ts';
import { runFolds } from '../loop/run-folds.ts';
import type { RunConfig } from './config.ts';
import { pairWork, workAfter, workIn } from './progress.ts';
import { evaluateFold, type FoldResult, type RunResult, summariseRun } from './result.ts';
import { type DeploymentSplit, deploymentSplit, describeSplit, type Fold, foldsOf } from './split.ts';
import { disposePair, type Pair, type PairFigures, type PairState, trainPair } from './train-pair.ts';

export interface RunTask extends RunSettings<FoldResult> {
  readonly config: RunConfig;
  readonly table: PairedTable;
  onEpoch?(progress: RunProgress): void;
  /** Called after all folds with a pair that was trained on every row except the validation groups, for serving. */
  deploy?(pair: Pair, split: DeploymentSplit, folds: readonly FoldResult[]): Promise<void>;
}

export interface RunProgress extends PairFigures, Shares {
  readonly seed: number;
  readonly fold: string;
}

/**
 * Throws CONFIG_INVALID where the folder holds another run, DATA_INVALID where the table does not fit, DISK_FULL, and
 * INTERRUPTED after the signal was aborted and the checkpoint was written.
 */
export async function run(task: RunTask): Promise<RunResult> {
  const { config, table, out, backend, codeVersion, deploy } = task;
  const folds = config.seeds.flatMap((seed) => foldsOf(table, config.protocol, seed));
  const served = deploy && deploymentSplit(table, config.protocol, config.seeds[0]!);
  const splits = served ? [...folds, served] : folds;
  const identity = { config, data: table.fingerprint, backend, code_version: codeVersion };
  const folder = await RunFolder.open<FoldResult, PairState>(out, task.resume, identity);
  await folder.write('split.json', `${JSON.stringify(describeSplit(config.protocol, splits))}\n`);

  const works = splits.map(({ train }) => pairWork(config, train.length));
  const { finished } = folder;
  const meter = new ProgressMeter(works, finished.length, (work) => workIn(work, folder.begun));

  return runFolds<Fold, DeploymentSplit, Pair, FoldResult, RunResult>({
    folder,
    folds,
    train(split) {
      const { seed, name } = split;
      const index = splits.indexOf(split);
      const rows = { test: new Int32Array(), ...split };
      const hooks = folder.hooks((figures: PairFigures) => {
        const shares = meter.at(index, workAfter(works[index]!, figures), works[index]![figures.role]);
        task.onEpoch?.({ ...figures, ...shares, seed, fold: name });
      }, task.signal);
      return trainPair({ config, table, rows, keys: [seed, name] }, hooks);
    },
    evaluate: (pair, fold) => evaluateFold(pair, fold, config, table),
    dispose: disposePair,
    onFold: (fold) => task.onFold?.(fold),
    summarise: (folds, seconds) => summariseRun(folds, { config, table, backend, codeVersion, seconds }),
    deployment: deploy && served && { split: served, deploy: (pair) => deploy(pair, served, finished) },
  });
}
