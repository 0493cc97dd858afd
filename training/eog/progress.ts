/** The work of training an EOG pair, in windows that both networks see in an epoch. */
import type { StepPlace } from '../loop/epochs.ts';
import type { FitState } from '../loop/fit-state.ts';
import { type EogConfig, type FeedbackMode, feedbackOf } from './config.ts';
import type { EogSplit } from './split.ts';

/** Time of a warm-up step, in which the teacher learns alone, as a share of a step of both networks. */
const WARM_UP_SHARE: Readonly<Record<FeedbackMode, number>> = { none: 0.65, firstOrder: 0.35, secondOrder: 0.3 };

export interface PairWork {
  readonly total: number;
  /** Work done when an epoch ends; 0 and below are epochs of the warm-up. */
  upTo(epoch: number): number;
}

export function pairWork(config: EogConfig, { train }: EogSplit): PairWork {
  const windows = train.reduce((sum, { windows }) => sum + windows.length, 0);
  const { warmupEpochs } = config;
  const share = WARM_UP_SHARE[feedbackOf(config)];
  const upTo = (epoch: number) => (share * Math.min(warmupEpochs, epoch + warmupEpochs) + Math.max(0, epoch)) * windows;
  return { total: upTo(config.epochs), upTo };
}

/** Work done after a step, and the work of that step. */
export function workAfter({ upTo }: PairWork, { epoch, step, steps }: StepPlace): { done: number; unit: number } {
  const [before, after] = [upTo(epoch - 1), upTo(epoch)];
  return { done: before + ((after - before) * step) / steps, unit: (after - before) / steps };
}

/** Work done on a pair of which a checkpoint holds the state; the epoch that has begun is not counted. */
export function workIn({ upTo }: PairWork, state: FitState | null): number {
  return state === null ? 0 : upTo(state.epoch - 1);
}
