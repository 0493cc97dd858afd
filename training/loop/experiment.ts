/** What `train` is asked for, whichever system it trains, and how its run is started. */
import { startBackend } from '../tf/backend.ts';

export interface ExperimentTask {
  /** The run's folder. */
  readonly out: string;
  /** Continue from the folder's checkpoint. */
  readonly resume: boolean;
  /** Folder of the bundle to export. */
  readonly exportTo?: string | undefined;
  readonly codeVersion: string;
  /** Digest of the running code: a checkpoint written by other code is refused. */
  readonly build: string;
  readonly signal: AbortSignal;
  log(line: string): void;
}

/** What a run needs besides its configuration and data. */
export interface RunSettings<FoldResult> {
  /** The run's folder: split.json, then result.json; checkpoint.bin until then. */
  readonly out: string;
  /** Continue from the folder's checkpoint. */
  readonly resume: boolean;
  readonly backend: string;
  readonly codeVersion: string;
  readonly signal?: AbortSignal | undefined;
  onFold?(fold: FoldResult): void;
}

/** Starts the backend and logs why faster ones are not used. Throws BACKEND_FAILED. */
export async function startExperiment({ out, resume, codeVersion, build, signal, log }: ExperimentTask) {
  const backend = await startBackend();
  // The optional packages are usually not installed, which is not worth a line.
  for (const { name, reason } of backend.refused) {
    if (!reason.endsWith('is not installed')) log(`backend ${name} is not used: ${reason}`);
  }
  return { out, resume, signal, backend: backend.name, codeVersion: `${codeVersion}+${build}` };
}
