/**
 * The order of an epoch in this RECONSTRUCTION of Zhang & Lu 2025: what is taught, and what is asked of other trials.
 */
import { AffectEdgeError } from '../../src/errors.ts';
import { Random } from '../../src/random.ts';
import { shuffle } from '../loop/shuffle.ts';
import type { Target } from './config.ts';
import { type EogTrial, type EogWindow, windowsOf } from './recordings.ts';

export interface PlannedStep {
  /** a */
  readonly taught: readonly EogWindow[];
  /** q: no trial of a's. */
  readonly asked: readonly EogWindow[];
}

/**
 * The trials are drawn into two halves; each is taught in full batches while the other one is asked, over again where
 * it is the smaller one, so that all but the last, shorter batch of either half is taught once an epoch.
 *
 * @throws DATA_INVALID where a half fills no batch
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
  const steps = (taught: EogWindow[][], asked: EogWindow[][]) =>
    taught.map((windows, i) => ({ taught: windows, asked: asked[i % asked.length]! }));
  return [...steps(halves[0]!, halves[1]!), ...steps(halves[1]!, halves[0]!)];
}
