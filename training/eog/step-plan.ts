/** The steps of an epoch in this RECONSTRUCTION of Zhang & Lu 2025: support batches, and query batches of other trials. */
import { AffectEdgeError } from '../../src/errors.ts';
import { Random } from '../../src/random.ts';
import { shuffle } from '../loop/shuffle.ts';
import type { Target } from './config.ts';
import { type EogTrial, type EogWindow, windowsOf } from './recordings.ts';

export interface PlannedStep {
  /** a */
  readonly support: readonly EogWindow[];
  /** q, of other trials than a. */
  readonly query: readonly EogWindow[];
}

/**
 * The shuffled trials are divided into two halves. Each half gives the support batches while the other one gives the
 * query batches, which are repeated if they are fewer. Every full batch is a support batch once an epoch; a shorter last
 * batch of a half is left out.
 *
 * @throws DATA_INVALID where a half has too few windows for a batch
 */
export function planEpoch(
  trials: readonly EogTrial[],
  target: Target,
  batch: number,
  keys: readonly (string | number)[],
): PlannedStep[] {
  const drawn = [...trials];
  shuffle(drawn, new Random(...keys, 'halves'));
  const middle = Math.ceil(drawn.length / 2);
  const halves = [drawn.slice(0, middle), drawn.slice(middle)].map((half, h) => {
    const windows = windowsOf(half, target);
    shuffle(windows, new Random(...keys, 'windows', h));
    if (windows.length < batch) {
      throw new AffectEdgeError(
        'DATA_INVALID',
        `${trials.length} training trials give ${windows.length} windows in one of their halves, fewer than a batch ` +
          `of ${batch}; use a smaller batch or more trials`,
      );
    }
    return Array.from({ length: Math.floor(windows.length / batch) }, (_, b) =>
      windows.slice(b * batch, (b + 1) * batch),
    );
  });
  const steps = (support: EogWindow[][], query: EogWindow[][]) =>
    support.map((windows, i) => ({ support: windows, query: query[i % query.length]! }));
  return [...steps(halves[0]!, halves[1]!), ...steps(halves[1]!, halves[0]!)];
}
