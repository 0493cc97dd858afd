/** What `train --system eog-feedback` does: trials, a configuration, a backend; the run. */
import { startBackend } from '../backend.ts';
import { readDeap } from '../datasets/deap.ts';
import type { EogConfig } from './config.ts';
import type { EogFoldResult, EogResult } from './result.ts';
import { type EogEpoch, type EogStep, runEog } from './run.ts';
import { type SimulatedEogOptions, simulateEog } from './simulated.ts';
import type { NetworkSize } from './size.ts';

export interface EogExperiment {
  /** DEAP's folder, or what is to be simulated. */
  readonly data: string | SimulatedEogOptions;
  readonly config: EogConfig;
  readonly size: NetworkSize;
  readonly out: string;
  readonly resume: boolean;
  readonly codeVersion: string;
  /** Digest of the code that runs: a checkpoint of other code is not taken up. */
  readonly build: string;
  readonly signal: AbortSignal;
  log(line: string): void;
  onStep(step: EogStep): void;
  onEpoch(figures: EogEpoch): void;
  onFold(fold: EogFoldResult): void;
}

/** Throws BACKEND_FAILED and whatever data and run refuse. */
export async function eogExperiment(task: EogExperiment): Promise<EogResult> {
  const { data: source, config, size, out, resume, signal, onStep, onEpoch, onFold } = task;
  const data = typeof source === 'string' ? await readDeap(source) : simulateEog(source);
  const backend = await startBackend();
  // An optional package that nobody installed is no news.
  for (const { name, reason } of backend.refused) {
    if (!reason.endsWith('is not installed')) task.log(`backend ${name} is not used: ${reason}`);
  }
  const codeVersion = `${task.codeVersion}+${task.build}`;
  return runEog({
    config,
    data,
    size,
    out,
    resume,
    backend: backend.name,
    codeVersion,
    signal,
    onStep,
    onEpoch,
    onFold,
  });
}
