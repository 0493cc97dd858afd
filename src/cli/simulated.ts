import type { Output } from './output.ts';

/** Notes that a signal or a model is simulated. */
export function noteSimulated(output: Output, { signal, model }: { signal: boolean; model: boolean }): void {
  if (signal) output.note('SIMULATED SIGNAL: a generator makes it, no person.');
  if (model) output.note('SIMULATED MODEL: it was trained on simulated data and says nothing about a person.');
}
