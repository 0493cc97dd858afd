/** A whole run: every seed and fold of a protocol, and what it comes to. Read from top to bottom. */

import type { PairedTable } from '../datasets/paired-table.ts';
import type { Shares } from '../loop/progress.ts';
import { RunFolder } from '../loop/run-folder.ts';
import type { RunConfig } from './config.ts';
import { RunProgressMeter } from './progress.ts';
import { type FoldResult, judge, type RunResult, summariseRun } from './result.ts';
import { type DeploymentSplit, deploymentSplit, describeSplit, type Fold, foldsOf } from './split.ts';
import { disposePair, type Pair, type PairFigures, type PairState, type PairTask, trainPair } from './train-pair.ts';

export interface RunTask {
  readonly config: RunConfig;
  readonly table: PairedTable;
  /** The run's folder: split.json, then result.json; checkpoint.bin until then. */
  readonly out: string;
  /** Go on from the folder's checkpoint. */
  readonly resume: boolean;
  readonly backend: string;
  readonly codeVersion: string;
  readonly signal?: AbortSignal;
  onEpoch?(progress: RunProgress): void;
  onFold?(fold: FoldResult): void;
  /** Takes, after all folds, a pair that was trained on every row but the validation groups: the one to be served. */
  deploy?(pair: Pair, split: DeploymentSplit, folds: readonly FoldResult[]): Promise<void>;
}

export interface RunProgress extends PairFigures, Shares {
  readonly seed: number;
  readonly fold: string;
}

/** Rows to train a pair on. */
type Sides = PairTask['rows'] & Pick<Fold, 'seed' | 'name'>;

/**
 * Throws CONFIG_INVALID where the folder holds another run, DATA_INVALID where the table doesn't fit, DISK_FULL, and
 * INTERRUPTED after the signal, when the checkpoint has been written.
 */
export async function run(task: RunTask): Promise<RunResult> {
  const { config, table, out, backend, codeVersion } = task;
  const folds = config.seeds.flatMap((seed) => foldsOf(table, config.protocol, seed));
  const served = task.deploy && deploymentSplit(table, config.protocol, config.seeds[0]!);
  const servedSides = served && { ...served, test: new Int32Array() };
  const identity = { config, data: table.fingerprint, backend, code_version: codeVersion };
  const folder = await RunFolder.open<FoldResult, PairState>(out, task.resume, identity);
  await folder.write('split.json', `${JSON.stringify(describeSplit(served ? [...folds, served] : folds))}\n`);

  const { finished } = folder;
  const all = servedSides ? [...folds, servedSides] : folds;
  const progress = new RunProgressMeter(config, all, finished.length, folder.begun);
  const train = async (fold: Sides) => {
    const hooks = folder.hooks(task.signal);
    const pair = await trainPair(
      { config, table, rows: fold, keys: [fold.seed, fold.name] },
      {
        ...hooks,
        async onEpoch(figures, save) {
          task.onEpoch?.({ ...figures, ...progress.at(fold, figures), seed: fold.seed, fold: fold.name });
          await hooks.onEpoch(figures, save);
        },
      },
    );
    folder.trained();
    return pair;
  };

  for (const fold of folds.slice(finished.length)) {
    const pair = await train(fold);
    const judged = await judge(pair, fold, config, table).finally(() => disposePair(pair));
    task.onFold?.(judged);
    await folder.add(judged);
  }
  const seconds = folder.seconds();
  const result = summariseRun(finished, { config, table, backend, codeVersion, seconds });
  if (served && servedSides) {
    const pair = await train(servedSides);
    await task.deploy?.(pair, served, finished).finally(() => disposePair(pair));
  }
  await folder.finish({ ...result, folds: finished });
  return result;
}
