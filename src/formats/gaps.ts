/** Losses read from time stamps that jitter: a loss shifts every later stamp, a late delivery only the next few. */
import type { Gap } from './parsed.ts';

const maxWindowRows = 8192;

function median(values: Float64Array): number {
  return values.sort()[values.length >> 1] ?? Number.NaN;
}

/** Seconds a row: the median slope over stretches of rows, which neither bursts nor gaps move. */
export function rowPeriodS(timesS: Float64Array): number {
  const stretch = Math.max(1, Math.min(250, Math.floor(timesS.length / 4)));
  const slopes = new Float64Array(Math.max(0, Math.floor((timesS.length - 1) / stretch)));
  for (let s = 0; s < slopes.length; s++) slopes[s] = (timesS[(s + 1) * stretch]! - timesS[s * stretch]!) / stretch;
  return median(slopes);
}

/** Median distance of the steps between rows from the period. */
export function stepJitterS(timesS: Float64Array, periodS: number): number {
  const steps = new Float64Array(Math.max(0, timesS.length - 1));
  for (let i = 0; i < steps.length; i++) steps[i] = Math.abs(timesS[i + 1]! - timesS[i]! - periodS);
  return median(steps);
}

/**
 * By how many seconds the stamps from `row` on lag those in [from, row) behind a steady clock. Each side's least
 * delay counts, over at least twice the step at `row`: a stall whose rows come late, in a burst, shifts nothing.
 */
export function persistentShiftS(timesS: Float64Array, row: number, from: number, periodS: number): number {
  const stepRows = Math.abs(timesS[row]! - timesS[row - 1]!) / periodS;
  const window = Math.min(maxWindowRows, 64 + Math.ceil(2 * stepRows));
  const least = (start: number, end: number) => {
    let delay = Number.POSITIVE_INFINITY;
    for (let i = start; i < end; i++) delay = Math.min(delay, timesS[i]! - timesS[row]! - (i - row) * periodS);
    return delay;
  };
  return least(row, Math.min(timesS.length, row + window)) - least(Math.max(from, row - window), row);
}

/** The gaps that the rows' time stamps show; a loss that the stamps' jitter hides stays unseen. */
export function gapsByTime(timesS: Float64Array, rateHz: number): Gap[] {
  const periodS = rowPeriodS(timesS);
  const least = Math.max(0.5 * periodS, 4 * stepJitterS(timesS, periodS));
  const gaps: Gap[] = [];
  let from = 0;
  for (let row = 1; row < timesS.length; row++) {
    if (!(timesS[row]! - timesS[row - 1]! - periodS > least)) continue;
    const shiftS = persistentShiftS(timesS, row, from, periodS);
    const lost = Math.round(shiftS * rateHz);
    if (lost < 1 || shiftS <= least) continue;
    gaps.push({ row, lost });
    from = row;
  }
  return gaps;
}
