/**
 * Where a long work stands and when it will be done. One line that is written over on a terminal; elsewhere, as in a
 * file or behind a pipe, a plain line now and then.
 *
 *     const progress = createProgress(output, { total: seeds * epochs, done: resumedEpochs });
 *     for (const seed of seeds) {
 *       for (let epoch = 1; epoch <= epochs; epoch++) {
 *         train(seed, epoch);
 *         progress.advance(1, `seed ${seed}, epoch ${epoch} of ${epochs}`);
 *       }
 *       progress.endPhase(`seed ${seed}: accuracy 71.2 %`);
 *     }
 */
import type { Output } from './output.ts';

export interface ProgressOptions {
  /** Units of work in all, more than 0; one should take about as long as another. */
  readonly total: number;
  /** Units that an earlier run did, which tell nothing of this one's pace. */
  readonly done?: number;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
  /** When the work began, by `now`; by default at this call. */
  readonly start?: number;
  /** Whether lines can be written over. */
  readonly terminal?: boolean;
}

export interface Progress {
  /** So many more units are done, and what was done last. */
  advance(units: number, sentence: string): void;
  /** So many units need not be done after all, as where training stops early. */
  skip(units: number): void;
  /** A part of the work is done: a line that stays, without an estimate. */
  endPhase(sentence: string): void;
  /** At the pace so far; null before anything is done. */
  secondsLeft(): number | null;
}

const BETWEEN_LINES_MS = 10_000;
/** Of the total: less is what adding shares leaves over. */
const NOTHING = 1e-9;

export function createProgress(output: Pick<Output, 'note' | 'progress'>, options: ProgressOptions): Progress {
  const { total, done = 0, now = () => performance.now(), terminal = process.stderr.isTTY === true } = options;
  const { start = now() } = options;
  let advanced = 0;
  let left = total - done;
  let toldAt = Number.NEGATIVE_INFINITY;

  const settle = (units: number): void => {
    left -= units;
    if (left < NOTHING * total) left = 0;
  };
  const secondsLeft = (): number | null => {
    const elapsed = (now() - start) / 1000;
    return advanced > 0 && elapsed > 0 ? (elapsed * left) / advanced : null;
  };
  return {
    advance(units, sentence) {
      advanced += units;
      settle(units);
      const time = now();
      if (!terminal && time - toldAt < BETWEEN_LINES_MS) return;
      toldAt = time;
      const seconds = secondsLeft();
      const estimate = left > 0 && seconds !== null ? `, ${timeLeft(seconds)}` : '';
      const share = Math.floor(100 * (1 - left / total) + NOTHING);
      output[terminal ? 'progress' : 'note'](`${sentence} (${share} %${estimate})`);
    },
    skip: settle,
    endPhase(sentence) {
      toldAt = now();
      output.note(sentence);
    },
    secondsLeft,
  };
}

/** No finer than it can be known: "about 35 s left", "about 3 min left", "about 1 h 20 min left". */
export function timeLeft(seconds: number): string {
  const fives = 5 * Math.max(1, Math.ceil(seconds / 5));
  if (fives < 60) return `about ${fives} s left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${Math.max(1, minutes)} min left`;
  const rounded = 5 * Math.round(minutes / 5);
  const rest = rounded % 60;
  return `about ${Math.floor(rounded / 60)} h${rest === 0 ? '' : ` ${rest} min`} left`;
}
