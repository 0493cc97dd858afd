/** What the training systems of `train` have in common. */
import type { Option } from 'commander';
import { AffectEdgeError, isAffectEdgeError } from '../../errors.ts';
import { given } from '../../given.ts';
import type { Output } from '../output.ts';
import { buildDigest, version } from '../version.ts';

export interface CommonFlags {
  data: string;
  out: string;
  protocol: string;
  seeds?: (number | string)[];
  epochs?: number;
  batch?: number;
  learningRate?: number;
  teacherLearningRate?: number;
  export?: string;
  resume?: boolean;
}

export interface TrainingSystem<Flags extends CommonFlags = CommonFlags> {
  readonly name: string;
  readonly protocols: readonly string[];
  /** Flags of this system only. */
  readonly options: readonly Option[];
  train(flags: Flags, output: Output, signal: AbortSignal): Promise<void>;
}

/** Runs `work` until Ctrl-C, which leaves a checkpoint in `out`; a second Ctrl-C ends the process without one. */
export async function interruptible(out: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await work(interrupt.signal);
  } catch (error) {
    if (!isAffectEdgeError(error, 'INTERRUPTED')) throw error;
    throw new AffectEdgeError('INTERRUPTED', `interrupted; the same command with --resume goes on from ${out}`);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** Options of every run. */
export function runOptions(
  { out, resume = false, export: exportTo }: CommonFlags,
  output: Output,
  signal: AbortSignal,
) {
  return { out, resume, exportTo, codeVersion: version, build: buildDigest(), signal, log: output.note };
}

/** Prints the notices of a result, then the result. */
export function reportResult(
  result: { readonly notices: readonly string[] },
  { out, export: exported }: CommonFlags,
  output: Output,
  sentence: string,
): void {
  for (const notice of result.notices) output.note(notice);
  output.event({ event: 'result', ...result, out, ...given({ exported }) }, sentence);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function rounded(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds);
}

export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
