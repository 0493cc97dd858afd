/** `train --system cmcrd`: reads the feature table, runs the folds and exports the student. */
import { makeFolder } from '../../src/formats/write-file.ts';
import { given } from '../../src/given.ts';
import type { DeMethod } from '../../src/preprocess/eeg/config.ts';
import { withDefaultPreprocess } from '../datasets/default-preprocess.ts';
import { readFeatureTable, requireMethod, selectElectrodes } from '../datasets/feature-table.ts';
import { pooledWithEce } from '../evaluation/metrics.ts';
import { describeHeldOut } from '../export/held-out.ts';
import { type ExperimentTask, startExperiment } from '../loop/experiment.ts';
import type { RunConfig } from './config.ts';
import { checkExport, exportBundle } from './export.ts';
import type { RunResult } from './result.ts';
import { type RunTask, run } from './run.ts';
import { modalityOf } from './train-pair.ts';

/** How the metrics "folds" of an exported model were measured, for its manifest: all rows trained the model itself. */
const FOLDS: Readonly<Record<RunConfig['protocol'], string>> = {
  within:
    '"folds" is what models of the same recipe, one for each subject, answered to later trials of that subject; nothing was tested on new people',
  cross: '"folds" is what models of the same recipe answered to the one subject that each had not seen',
};

interface Experiment extends ExperimentTask, Pick<RunTask, 'onEpoch' | 'onFold'> {
  /** The feature table's folder. */
  readonly data: string;
  /** The method that its EEG features must have been made with. */
  readonly method?: DeMethod | undefined;
  /** Export with the default preprocessing, as the table does not state its own. */
  readonly preprocess?: 'default' | undefined;
  readonly config: RunConfig;
}

/** Throws BACKEND_FAILED and what table, run and export refuse. */
export async function experiment(task: Experiment): Promise<RunResult> {
  const { config, exportTo, codeVersion, onEpoch, onFold } = task;
  const read = await readFeatureTable(task.data);
  if (task.method !== undefined) requireMethod(read, task.method);
  const selected = config.montage === null ? read : selectElectrodes(read, config.montage);
  const assumesDefault = task.preprocess === 'default';
  const modality = modalityOf('student', config.direction);
  const table = assumesDefault ? withDefaultPreprocess(selected, modality) : selected;
  if (exportTo !== undefined) {
    checkExport(exportTo, config, table);
    await makeFolder(exportTo);
  }
  const settings = await startExperiment(task);
  const { backend } = settings;
  return run({
    ...settings,
    ...given({ onEpoch, onFold }),
    config,
    table,
    ...(exportTo !== undefined && {
      async deploy({ student }, { validation, seed }, folds) {
        const group = config.protocol === 'within' ? 'trial' : 'subject';
        await exportBundle({
          ...{ folder: exportTo, student, config, table, assumesDefault, validation, seed, backend, codeVersion },
          test: pooledWithEce(folds.filter((fold) => fold.seed === seed)),
          split: `${describeHeldOut('rows', group, seed)}; ${FOLDS[config.protocol]}`,
        });
      },
    }),
  });
}
