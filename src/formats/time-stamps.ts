/**
 * The rate and the losses of rows whose time stamps jitter. A loss shifts every later stamp; a late delivery shifts only
 * the next few.
 */
import type { Gap } from './parsed.ts';

const maxWindowRows = 8192;
/** Relative difference up to which jitter explains that the measured rate is not the declared one. */
const rateTolerance = 0.03;

function quantile(values: Float64Array, q: number): number {
  return values.sort()[Math.min(values.length - 1, Math.floor(q * values.length))] ?? Number.NaN;
}

function stepsOf(timesS: Float64Array): Float64Array {
  return timesS.subarray(1).map((time, i) => time - timesS[i]!);
}

/**
 * Seconds per row: the declared period where the median step agrees with it. Otherwise (rows in bursts, a wrong
 * declaration) the median slope over stretches of rows, which bursts and rare gaps do not change.
 * @param timesS [rows]
 */
export function periodFromTimeStamps(timesS: Float64Array, rateHz: number): number {
  const declared = (period: number) => Math.abs(period * rateHz - 1) < rateTolerance;
  if (declared(quantile(stepsOf(timesS), 0.5))) return 1 / rateHz;
  const stretch = Math.max(1, Math.min(250, Math.floor(timesS.length / 4)));
  const slopes = new Float64Array(Math.max(0, Math.floor((timesS.length - 1) / stretch)));
  for (let s = 0; s < slopes.length; s++) slopes[s] = (timesS[(s + 1) * stretch]! - timesS[s * stretch]!) / stretch;
  const period = quantile(slopes, 0.5);
  return declared(period) ? 1 / rateHz : period;
}

/**
 * The rate of rows that are stamped one by one, in Hz, from their mean step without gaps. A rate within 0.5 % of a whole
 * number is rounded. NaN without two rows.
 * @param timesS [rows]
 */
export function rateFromTimeStamps(timesS: Float64Array): number {
  const steps = stepsOf(timesS);
  const usual = quantile(steps.slice(), 0.5);
  const near = steps.filter((step) => step < 1.75 * usual);
  const rateHz = near.length / near.reduce((sum, step) => sum + step, 0);
  const whole = Math.round(rateHz);
  return Math.abs(rateHz - whole) < 0.005 * whole ? whole : rateHz;
}

/**
 * Seconds of signal that are lost before `row`: how much later the stamps from `row` on are than those in [from, row),
 * compared with a steady clock. The least delay of each side is compared, over at least twice the step at `row`, so rows
 * that are delivered late in a burst do not count as lost.
 */
export function lossBeforeRowS(timesS: Float64Array, row: number, from: number, periodS: number): number {
  const stepRows = Math.abs(timesS[row]! - timesS[row - 1]!) / periodS;
  const window = Math.min(maxWindowRows, 64 + Math.ceil(2 * stepRows));
  const least = (start: number, end: number) => {
    let delay = Number.POSITIVE_INFINITY;
    for (let i = start; i < end; i++) delay = Math.min(delay, timesS[i]! - timesS[row]! - (i - row) * periodS);
    return delay;
  };
  return least(row, Math.min(timesS.length, row + window)) - least(Math.max(from, row - window), row);
}

/**
 * Gaps between rows. Losses shorter than the jitter are not found.
 * @param timesS [rows]
 */
export function gapsFromTimeStamps(timesS: Float64Array, rateHz: number): Gap[] {
  const periodS = periodFromTimeStamps(timesS, rateHz);
  // Only jitter makes a step shorter than the period, so the shortest steps measure the jitter.
  const shortest = quantile(stepsOf(timesS), 0.001);
  const least = Math.max(0.5 * periodS, 1.5 * (periodS - shortest));
  const gaps: Gap[] = [];
  let from = 0;
  for (let row = 1; row < timesS.length; row++) {
    if (!(timesS[row]! - timesS[row - 1]! - periodS > least)) continue;
    const shiftS = lossBeforeRowS(timesS, row, from, periodS);
    const lost = Math.round(shiftS * rateHz);
    if (lost < 1 || shiftS <= least) continue;
    gaps.push({ row, lost });
    from = row;
  }
  return gaps;
}
