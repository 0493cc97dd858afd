/** What `train` does: a feature table, a configuration, a backend; the run; the sealed student. */
import { makeFolder } from '../../src/formats/write-file.ts';
import type { DeMethod } from '../../src/preprocess/eeg/config.ts';
import { readFeatureTable, requireMethod, selectElectrodes } from '../datasets/feature-table.ts';
import { startBackend } from '../tf/backend.ts';
import type { RunConfig } from './config.ts';
import { checkExport, exportBundle } from './export.ts';
import { type FoldResult, heldOut, type RunResult } from './result.ts';
import { type RunProgress, run } from './run.ts';

/** What the figures "folds" of an exported model are of: it has trained on their rows itself. */
const FOLDS: Readonly<Record<RunConfig['protocol'], string>> = {
  within:
    '"folds" is what models of the same recipe, one for each subject, answered to later trials of that subject; nothing was tested on new people',
  cross: '"folds" is what models of the same recipe answered to the one subject that each had not seen',
};

export interface Experiment {
  /** The feature table's folder. */
  readonly data: string;
  /** The method that its EEG features must have been made with. */
  readonly method?: DeMethod | undefined;
  readonly config: RunConfig;
  readonly out: string;
  readonly resume: boolean;
  /** Folder of the bundle to seal. */
  readonly exportTo?: string | undefined;
  readonly codeVersion: string;
  /** Digest of the code that runs: a checkpoint of other code is not taken up. */
  readonly build: string;
  readonly signal: AbortSignal;
  log(line: string): void;
  onEpoch(progress: RunProgress): void;
  onFold(fold: FoldResult): void;
}

/** Throws BACKEND_FAILED and whatever table, run and export refuse. */
export async function experiment(task: Experiment): Promise<RunResult> {
  const { config, exportTo, codeVersion } = task;
  const read = await readFeatureTable(task.data);
  if (task.method !== undefined) requireMethod(read, task.method);
  const table = config.montage === null ? read : selectElectrodes(read, config.montage);
  if (exportTo !== undefined) {
    checkExport(exportTo, config, table.meta);
    await makeFolder(exportTo);
  }
  const backend = await startBackend();
  // An optional package that nobody installed is no news.
  for (const { name, reason } of backend.refused) {
    if (!reason.endsWith('is not installed')) task.log(`backend ${name} is not used: ${reason}`);
  }

  const { out, resume, signal, onEpoch, onFold } = task;
  const common = { config, table, backend: backend.name };
  return run({
    ...common,
    codeVersion: `${codeVersion}+${task.build}`,
    out,
    resume,
    signal,
    onEpoch,
    onFold,
    ...(exportTo !== undefined && {
      async deploy({ student }, { validation, protocol, seed }, folds) {
        await exportBundle({
          ...common,
          codeVersion,
          folder: exportTo,
          student,
          validation,
          seed,
          test: heldOut(folds.filter((fold) => fold.seed === seed)),
          split: `validation rows held out by ${protocol === 'within' ? 'trial' : 'subject'} with seed ${seed}, all others trained; ${FOLDS[protocol]}`,
        });
      },
    }),
  });
}
