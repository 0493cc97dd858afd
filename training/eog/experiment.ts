/** What `train --system eog-feedback` does: trials, a configuration, a backend; the run; the sealed student. */
import { makeFolder } from '../../src/formats/write-file.ts';
import { checkBundleFolder } from '../export/seal.ts';
import { startBackend } from '../tf/backend.ts';
import type { EogConfig } from './config.ts';
import { readDeap } from './deap.ts';
import { exportEogBundle } from './export.ts';
import type { NetworkSize } from './network/size.ts';
import type { EogResult } from './result.ts';
import { type EogRunTask, runEog } from './run.ts';
import { type SimulatedEogOptions, simulateEog } from './simulated.ts';

/** What the figures "folds" of an exported model are of: it has trained on their trials itself. */
const FOLDS: Readonly<Record<EogConfig['protocol'], string>> = {
  trial: '"folds" is what models of the same recipe answered to trials of the same people that each had not seen',
  subject: '"folds" is what models of the same recipe answered to people that each had not seen',
};

export interface EogExperiment extends Pick<EogRunTask, 'config' | 'out' | 'resume' | 'onStep' | 'onEpoch' | 'onFold'> {
  /** DEAP's folder, or what is to be simulated. */
  readonly data: string | SimulatedEogOptions;
  readonly size: NetworkSize;
  /** Folder of the bundle to seal. */
  readonly exportTo?: string | undefined;
  readonly codeVersion: string;
  /** Digest of the code that runs: a checkpoint of other code is not taken up. */
  readonly build: string;
  readonly signal: AbortSignal;
  log(line: string): void;
}

/** Throws BACKEND_FAILED and whatever data, run and export refuse. */
export async function eogExperiment({
  data: source,
  exportTo,
  codeVersion,
  build,
  log,
  ...task
}: EogExperiment): Promise<EogResult> {
  if (exportTo !== undefined) {
    checkBundleFolder(exportTo);
    await makeFolder(exportTo);
  }
  const data = typeof source === 'string' ? await readDeap(source) : simulateEog(source);
  const backend = await startBackend();
  // An optional package that nobody installed is no news.
  for (const { name, reason } of backend.refused) {
    if (!reason.endsWith('is not installed')) log(`backend ${name} is not used: ${reason}`);
  }
  const { config } = task;
  const [seed] = config.seeds as [number, ...number[]];
  return runEog({
    ...task,
    data,
    backend: backend.name,
    codeVersion: `${codeVersion}+${build}`,
    ...(exportTo !== undefined && {
      async deploy(pair, { validation }, folds) {
        await exportEogBundle({
          ...{ folder: exportTo, pair, config, data, validation, seed, codeVersion },
          test: { folds: folds.filter((fold) => fold.seed === seed) },
          split: `validation trials held out by ${config.protocol} with seed ${seed}, all others trained; ${FOLDS[config.protocol]}`,
          backend: backend.name,
        });
      },
    }),
  });
}
