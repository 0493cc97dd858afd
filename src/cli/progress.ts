/**
 * Progress of a long task with an estimate of the time left: one line that is overwritten on a terminal; in a file or a pipe,
 * a plain line from time to time.
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
  /** Total units of work, more than 0; all should take about the same time. */
  readonly total: number;
  /** Units that an earlier run completed; they do not count for the pace. */
  readonly done?: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
  /** Start of the work by `now`; default: this call. */
  readonly start?: number;
  /** Whether lines can be overwritten. */
  readonly terminal?: boolean;
}

export interface Progress {
  /** More units are completed; the text describes the last one. */
  advance(units: number, sentence: string): void;
  /** Units that are not needed after all, for example because training stops early. */
  skip(units: number): void;
  /** A part of the work is completed: prints a line that stays, without an estimate. */
  endPhase(sentence: string): void;
  /** Estimate from the pace so far; null before the first unit. */
  secondsLeft(): number | null;
}

const BETWEEN_LINES_MS = 10_000;
/** Share of the total; smaller remainders are rounding of added shares. */
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

/** A rounded estimate: "about 35 s left", "about 3 min left", "about 1 h 20 min left". */
export function timeLeft(seconds: number): string {
  const fives = 5 * Math.max(1, Math.ceil(seconds / 5));
  if (fives < 60) return `about ${fives} s left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${Math.max(1, minutes)} min left`;
  const rounded = 5 * Math.round(minutes / 5);
  const rest = rounded % 60;
  return `about ${Math.floor(rounded / 60)} h${rest === 0 ? '' : ` ${rest} min`} left`;
}
