/** A whole run: every seed and fold of a protocol, and what it comes to. Read from top to bottom. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AffectEdgeError } from '../src/errors.ts';
import { makeFolder, writeFileAtomic } from '../src/formats/write-file.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { RunConfig } from './config.ts';
import type { PairedTable } from './datasets/paired-table.ts';
import { type DeploymentSplit, deploymentSplit, describeSplit, type Fold, foldsOf } from './protocols.ts';
import { RunProgressMeter, type Shares } from './run-progress.ts';
import { type FoldResult, judge, type RunResult, summariseRun } from './run-result.ts';
import { disposePair, type Pair, type PairFigures, type PairState, type PairTask, trainPair } from './train-pair.ts';

/** At least this long between two checkpoints of one fold. */
const CHECKPOINT_EVERY_MS = 30_000;

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

interface RunState {
  readonly finished: readonly FoldResult[];
  /** Of the fold that has begun. */
  readonly pair: PairState | null;
  readonly seconds: number;
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
  const path = join(out, 'checkpoint.bin');
  const identity = { config, data: table.fingerprint, backend, code_version: codeVersion };
  const before = task.resume ? await readCheckpoint<RunState>(path, identity) : await begin(out);
  await writeFileAtomic(
    join(out, 'split.json'),
    `${JSON.stringify(describeSplit(served ? [...folds, served] : folds))}\n`,
  );

  const finished = [...before.finished];
  let begun = before.pair;
  const started = performance.now();
  let written = started;
  const seconds = () => before.seconds + (performance.now() - started) / 1000;
  const keep = async (pair: PairState | null) => {
    await writeCheckpoint<RunState>(path, { identity, state: { finished, pair, seconds: seconds() } });
    written = performance.now();
  };
  const progress = new RunProgressMeter(config, servedSides ? [...folds, servedSides] : folds, finished.length, begun);
  const train = async (fold: Sides) => {
    const pair = await trainPair(
      { config, table, rows: fold, keys: [fold.seed, fold.name] },
      {
        resume: begun ?? undefined,
        signal: task.signal,
        async onEpoch(figures, save) {
          task.onEpoch?.({ ...figures, ...progress.at(fold, figures), seed: fold.seed, fold: fold.name });
          if (performance.now() - written >= CHECKPOINT_EVERY_MS) await keep(await save());
        },
        onInterrupt: async (save) => keep(await save()),
      },
    );
    begun = null;
    return pair;
  };

  for (const fold of folds.slice(finished.length)) {
    const pair = await train(fold);
    const judged = await judge(pair, fold, config, table).finally(() => disposePair(pair));
    finished.push(judged);
    task.onFold?.(judged);
    await keep(null);
  }
  const result = summariseRun(finished, { config, table, backend, codeVersion, seconds: seconds() });
  if (served && servedSides) {
    const pair = await train(servedSides);
    await task.deploy?.(pair, served, finished).finally(() => disposePair(pair));
  }
  await writeFileAtomic(join(out, 'result.json'), `${JSON.stringify({ ...result, folds: finished }, null, 1)}\n`);
  await rm(path, { force: true });
  return result;
}

/** A folder of its own: a run never writes over another one. */
async function begin(out: string): Promise<RunState> {
  const taken = ['result.json', 'checkpoint.bin'].find((name) => existsSync(join(out, name)));
  if (taken !== undefined) {
    const way = taken === 'result.json' ? 'choose another --out' : 'go on with --resume, or choose another --out';
    throw new AffectEdgeError('CONFIG_INVALID', `${out} already holds a run (${taken}); ${way}`);
  }
  await makeFolder(out);
  return { finished: [], pair: null, seconds: 0 };
}
