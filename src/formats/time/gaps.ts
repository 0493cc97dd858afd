/** Losses of rows whose time stamps jitter. A loss shifts every later stamp; a late delivery shifts only the next few. */
import type { Gap } from '../parsed.ts';
import { quantile, stepsOf } from './steps.ts';

/** The time between samples, as the stamps show it. */
export interface Period {
  readonly seconds: number;
  /** Relative: four standard errors. */
  readonly uncertainty: number;
}

const MAX_WINDOW_ROWS = 8192;
const LATENCY_ROWS = 128;

/** Rows that are compared on each side of `row`: over at least twice the step at `row`. */
function windowRows(timesS: Float64Array, row: number, periodS: number): number {
  const stepRows = Math.abs(timesS[row]! - timesS[row - 1]!) / periodS;
  return Math.min(MAX_WINDOW_ROWS, 64 + Math.ceil(2 * stepRows));
}

/**
 * Seconds of signal that are lost before `row`: how much later the stamps from `row` on are than those in [from, row),
 * compared with a steady clock. The least delay of each side is compared, so rows that are delivered late in a burst do
 * not count as lost.
 */
export function lossBeforeRowS(timesS: Float64Array, row: number, from: number, periodS: number): number {
  const window = windowRows(timesS, row, periodS);
  const least = (start: number, end: number) => {
    let delay = Number.POSITIVE_INFINITY;
    for (let i = start; i < end; i++) delay = Math.min(delay, timesS[i]! - timesS[row]! - (i - row) * periodS);
    return delay;
  };
  return least(row, Math.min(timesS.length, row + window)) - least(Math.max(from, row - window), row);
}

/**
 * Gaps between rows. Losses shorter than the jitter, or than the uncertainty of the period allows, are not found.
 * @param timesS [rows] in order
 */
export function gapsFromTimeStamps(timesS: Float64Array, { seconds, uncertainty }: Period): Gap[] {
  // Only jitter makes a step shorter than the period, so the shortest steps measure the jitter.
  const shortest = quantile(stepsOf(timesS), 0.001);
  const jitterS = Math.max(0.5 * seconds, 1.5 * (seconds - shortest)) + latencyJitterS(timesS, seconds);
  const gaps: Gap[] = [];
  let from = 0;
  for (let row = 1; row < timesS.length; row++) {
    if (!(timesS[row]! - timesS[row - 1]! - seconds > jitterS)) continue;
    const shiftS = lossBeforeRowS(timesS, row, from, seconds);
    const lost = Math.round(shiftS / seconds);
    const driftS = uncertainty * windowRows(timesS, row, seconds) * seconds;
    if (lost < 1 || shiftS <= jitterS + driftS) continue;
    gaps.push({ row, lost });
    from = row;
  }
  return gaps;
}

/**
 * How much the least latency changes from one stretch of rows to the next. Only a change to less latency counts, as a loss
 * looks like a change to more.
 */
function latencyJitterS(timesS: Float64Array, periodS: number): number {
  const latencies = new Float64Array(Math.floor(timesS.length / LATENCY_ROWS)).fill(Number.POSITIVE_INFINITY);
  for (let row = 0; row < latencies.length * LATENCY_ROWS; row++) {
    const stretch = Math.floor(row / LATENCY_ROWS);
    latencies[stretch] = Math.min(latencies[stretch]!, timesS[row]! - row * periodS);
  }
  return Math.max(0, -2 * quantile(stepsOf(latencies), 0.05) || 0);
}
