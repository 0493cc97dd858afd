/** Losses read from time stamps that jitter: a loss shifts every later stamp, a late delivery only the next few. */
import type { Gap } from './parsed.ts';

const maxWindowRows = 8192;
/** A measured rate this near to the declared one is taken to be the declared one, seen through jitter. */
const rateTolerance = 0.03;

function quantile(values: Float64Array, q: number): number {
  return values.sort()[Math.min(values.length - 1, Math.floor(q * values.length))] ?? Number.NaN;
}

function stepsOf(timesS: Float64Array): Float64Array {
  return timesS.subarray(1).map((time, i) => time - timesS[i]!);
}

/**
 * Seconds a row: the declared period where the usual step agrees with it, else (rows in bursts, a wrong declaration)
 * the median slope over stretches of rows, which neither bursts nor rare gaps move.
 */
export function rowPeriodS(timesS: Float64Array, rateHz: number): number {
  const declared = (period: number) => Math.abs(period * rateHz - 1) < rateTolerance;
  if (declared(quantile(stepsOf(timesS), 0.5))) return 1 / rateHz;
  const stretch = Math.max(1, Math.min(250, Math.floor(timesS.length / 4)));
  const slopes = new Float64Array(Math.max(0, Math.floor((timesS.length - 1) / stretch)));
  for (let s = 0; s < slopes.length; s++) slopes[s] = (timesS[(s + 1) * stretch]! - timesS[s * stretch]!) / stretch;
  const period = quantile(slopes, 0.5);
  return declared(period) ? 1 / rateHz : period;
}

/** The rate of rows that are stamped singly: of their mean step without gaps, whole where it nearly is; NaN: none. */
export function rateOfTimes(timesS: Float64Array): number {
  const steps = stepsOf(timesS);
  const usual = quantile(steps.slice(), 0.5);
  const near = steps.filter((step) => step < 1.75 * usual);
  const rateHz = near.length / near.reduce((sum, step) => sum + step, 0);
  const whole = Math.round(rateHz);
  return Math.abs(rateHz - whole) < 0.005 * whole ? whole : rateHz;
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
  const periodS = rowPeriodS(timesS, rateHz);
  // a loss makes a step longer, only jitter makes one shorter: what is common there is jitter here
  const shortest = quantile(stepsOf(timesS), 0.001);
  const least = Math.max(0.5 * periodS, 1.5 * (periodS - shortest));
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
