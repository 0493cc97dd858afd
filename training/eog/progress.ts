/** How far an EOG experiment is, in shares of its work. */

import type { StepPlace } from '../loop/fit.ts';
import type { FitState } from '../loop/fit-state.ts';
import type { Shares } from '../loop/progress.ts';
import { type EogConfig, type FeedbackMode, feedbackOf } from './config.ts';
import type { EogSplit } from './split.ts';

/** Of a step of both networks: what one of the teacher alone takes. */
const WARM_UP_SHARE: Readonly<Record<FeedbackMode, number>> = { none: 0.65, firstOrder: 0.35, secondOrder: 0.3 };

export class EogProgressMeter {
  readonly #config: EogConfig;
  readonly #folds: readonly EogSplit[];
  readonly #before: readonly number[];
  readonly #total: number;
  readonly #resumed: number;
  #reported: number;

  /** `finished` folds lie behind, and the next one has begun so far. */
  constructor(config: EogConfig, folds: readonly EogSplit[], finished: number, begun: FitState | null) {
    this.#config = config;
    this.#folds = folds;
    let total = 0;
    this.#before = folds.map((fold) => {
      const before = total;
      total += this.#epochs(config.epochs) * windowsIn(fold);
      return before;
    });
    this.#total = total;
    const within =
      begun === null || finished >= folds.length ? 0 : this.#epochs(begun.epoch - 1) * windowsIn(folds[finished]!);
    this.#resumed = (this.#before[finished] ?? total) + within;
    this.#reported = this.#resumed;
  }

  /** After a step of a fold. */
  at(fold: number, { epoch, step, steps }: StepPlace): Shares {
    const windows = windowsIn(this.#folds[fold]!);
    const [before, after] = [this.#epochs(epoch - 1), this.#epochs(epoch)];
    const done = this.#before[fold]! + (before + ((after - before) * step) / steps) * windows;
    // Steps come one by one, unless a fold ended early or an epoch was taken up in its middle.
    const advanced = Math.min(done - this.#reported, ((after - before) * windows) / steps);
    const skipped = done - this.#reported - advanced;
    this.#reported = done;
    const share = (value: number) => value / this.#total;
    return { done: share(done), resumed: share(this.#resumed), advanced: share(advanced), skipped: share(skipped) };
  }

  /** Work up to the end of an epoch, in epochs of both networks. */
  #epochs(epoch: number): number {
    const { warmupEpochs } = this.#config;
    return WARM_UP_SHARE[feedbackOf(this.#config)] * Math.min(warmupEpochs, epoch + warmupEpochs) + Math.max(0, epoch);
  }
}

function windowsIn({ train }: EogSplit): number {
  return train.reduce((sum, { windows }) => sum + windows.length, 0);
}
