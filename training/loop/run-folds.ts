/** The folds of a run: each is trained and evaluated, then a pair for serving is trained on all data. */
import type { RunFolder } from './run-folder.ts';

interface FoldRun<Fold extends Deployment, Deployment, Pair, FoldResult, Result> {
  readonly folder: RunFolder<FoldResult, unknown>;
  readonly folds: readonly Fold[];
  train(split: Fold | Deployment): Promise<Pair>;
  evaluate(pair: Pair, fold: Fold): Promise<FoldResult>;
  dispose(pair: Pair): void;
  onFold(fold: FoldResult): void;
  summarise(folds: readonly FoldResult[], seconds: number): Result;
  /** The pair to be served is trained after all folds; undefined: none is. */
  readonly deployment: { readonly split: Deployment; deploy(pair: Pair): Promise<void> } | undefined;
}

/** Trains what the folder's checkpoint lacks and writes result.json. Throws what `train`, `evaluate` and `deploy` throw. */
export async function runFolds<Fold extends Deployment, Deployment, Pair, FoldResult, Result extends object>({
  folder,
  folds,
  deployment,
  ...task
}: FoldRun<Fold, Deployment, Pair, FoldResult, Result>): Promise<Result> {
  const { finished } = folder;
  for (const fold of folds.slice(finished.length)) {
    const pair = await task.train(fold);
    folder.trained();
    const result = await task.evaluate(pair, fold).finally(() => task.dispose(pair));
    task.onFold(result);
    await folder.add(result);
  }
  const result = task.summarise(finished, folder.seconds());
  if (deployment !== undefined) {
    const pair = await task.train(deployment.split);
    folder.trained();
    await deployment.deploy(pair).finally(() => task.dispose(pair));
  }
  await folder.finish({ ...result, folds: finished });
  return result;
}
