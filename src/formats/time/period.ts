/**
 * The time between samples, from stamps that jitter, come in bursts, are rounded, or lack rows. Single steps between rows
 * are biased by all of these, so the slope of time against the sample index is measured over long stretches.
 */
import type { Gap } from '../parsed.ts';
import { gapsFromTimeStamps, type Period } from './gaps.ts';
import { medianStep, quantile, stepsOf } from './steps.ts';

const STRETCHES = 16;
const LONGEST_STRETCH = 1024;
/** Steps are regular where at least this share of them is within `STEP_TOLERANCE` of the median step. */
const REGULAR_SHARE = 0.5;
const STEP_TOLERANCE = 0.1;
/** Samples a row, above which regular steps are those of bursts. */
const MOST_LOST = 1.5;
const FIT_ROUNDS = 3;
/** A gap whose length is uncertain by more samples than this starts a part of the fit with an offset of its own. */
const CERTAIN_SAMPLES = 0.05;
/** Rows that are later or earlier than this many median deviations and periods are outliers. */
const OUTLIER_DEVIATIONS = 5;
const OUTLIER_PERIODS = 1;
/** Relative resolution of stamps. */
const FINEST = 1e-9;

/**
 * `seconds` is NaN without two rows, and not positive where the stamps do not rise.
 * @param timesS [rows] in order
 */
export function periodOf(timesS: Float64Array): Period {
  let period = medianSlope(timesS, regularIndex(timesS) ?? Float64Array.from(timesS.keys()));
  for (let round = 0; round < FIT_ROUNDS && period.seconds > 0; round++) period = refined(timesS, period);
  return period;
}

/**
 * [rows] sample index from the number of periods in each step. Undefined where the steps are irregular, or where they are
 * those of rows in bursts, by which most samples would be lost.
 */
function regularIndex(timesS: Float64Array): Float64Array | undefined {
  const usual = medianStep(timesS);
  const near = stepsOf(timesS).filter((step) => Math.abs(step - usual) <= STEP_TOLERANCE * usual).length;
  if (!(usual > 0 && near >= REGULAR_SHARE * (timesS.length - 1))) return undefined;
  const index = new Float64Array(timesS.length);
  for (let row = 1; row < timesS.length; row++) {
    index[row] = index[row - 1]! + Math.max(1, Math.round((timesS[row]! - timesS[row - 1]!) / usual));
  }
  const rows = stretchRows(timesS);
  const lengths = Float64Array.from(stretchStarts(timesS), (from) => index[from + rows]! - index[from]!);
  return quantile(lengths, 0.25) <= MOST_LOST * rows ? index : undefined;
}

/** Rows of one stretch of a slope. */
function stretchRows(timesS: Float64Array): number {
  return Math.max(1, Math.min(LONGEST_STRETCH, Math.floor(timesS.length / STRETCHES)));
}

function stretchStarts(timesS: Float64Array): number[] {
  const rows = stretchRows(timesS);
  return Array.from({ length: Math.max(0, Math.floor((timesS.length - 1) / rows)) }, (_, s) => s * rows);
}

/** Over stretches of rows, so that rare pauses do not matter. The uncertainty is the jitter over a stretch. */
function medianSlope(timesS: Float64Array, index: Float64Array): Period {
  const starts = stretchStarts(timesS);
  const slopes = new Float64Array(starts.length);
  const jitters = new Float64Array(starts.length);
  for (const [s, from] of starts.entries()) {
    const to = from + stretchRows(timesS);
    const length = index[to]! - index[from]!;
    const slope = (timesS[to]! - timesS[from]!) / length;
    let [earliest, latest] = [0, 0];
    for (let row = from; row < to; row++) {
      const late = timesS[row]! - timesS[from]! - slope * (index[row]! - index[from]!);
      earliest = Math.min(earliest, late);
      latest = Math.max(latest, late);
    }
    slopes[s] = slope;
    jitters[s] = (latest - earliest) / (slope * length);
  }
  return { seconds: quantile(slopes, 0.5), uncertainty: Math.max(FINEST, quantile(jitters, 0.5)) };
}

/** Least squares of time against the sample index, which counts the losses that `period` shows, without outliers. */
function refined(timesS: Float64Array, period: Period): Period {
  const gaps = gapsFromTimeStamps(timesS, period);
  const isUncertain = ({ lost }: Gap) => lost * period.uncertainty > CERTAIN_SAMPLES;
  const parts = [0, ...gaps.filter(isUncertain).map(({ row }) => row), timesS.length];
  const places = sampleIndex(timesS.length, gaps);
  const isUsual = usualRows(timesS, places, parts, period.seconds);
  const [x, y] = [places, timesS].map((values) => centred(values, parts, isUsual)) as [Float64Array, Float64Array];
  const squares = sumOf(x, x);
  if (squares === 0) return period;
  const seconds = sumOf(x, y) / squares;
  const late = y.map((time, row) => time - seconds * x[row]!);
  const lateness = sumOf(late, late);
  // The rows of a burst are late together, so they count as fewer independent rows.
  const correlation = lateness > 0 ? sumOf(late.subarray(1), late.subarray(0, -1)) / lateness : 0;
  const share = Math.max(0.001, 1 - correlation) / (1 + Math.max(0, correlation));
  const independent = Math.max(1, (timesS.length - 2) * Math.min(1, share));
  const errorS = Math.sqrt(lateness / independent / squares);
  return { seconds, uncertainty: Math.max(FINEST, (4 * errorS) / Math.abs(seconds)) };
}

/** [rows] */
function sampleIndex(rows: number, gaps: readonly Gap[]): Float64Array {
  const index = Float64Array.from({ length: rows }, (_, row) => row);
  let lost = 0;
  for (const [g, gap] of gaps.entries()) {
    lost += gap.lost;
    for (let row = gap.row; row < (gaps[g + 1]?.row ?? rows); row++) index[row]! += lost;
  }
  return index;
}

/**
 * [rows] 1, or 0 for rows that are unusually late or early for their part, such as rows that waited for a stalled sender.
 * @param parts first rows of the parts, and the number of rows
 */
function usualRows(timesS: Float64Array, places: Float64Array, parts: readonly number[], periodS: number): Uint8Array {
  const deviations = new Float64Array(timesS.length);
  for (const [p, from] of parts.slice(0, -1).entries()) {
    const part = deviations.subarray(from, parts[p + 1]);
    for (const i of part.keys()) {
      part[i] = timesS[from + i]! - timesS[from]! - (places[from + i]! - places[from]!) * periodS;
    }
    const middle = quantile(part, 0.5);
    for (const [i, late] of part.entries()) part[i] = Math.abs(late - middle);
  }
  const limit = OUTLIER_DEVIATIONS * quantile(deviations, 0.5) + OUTLIER_PERIODS * periodS;
  return Uint8Array.from(deviations, (deviation) => (deviation <= limit ? 1 : 0));
}

/** [rows] values less the mean of their part; 0 for rows that are not usual. */
function centred(values: Float64Array, parts: readonly number[], isUsual: Uint8Array): Float64Array {
  const out = new Float64Array(values.length);
  for (const [p, from] of parts.slice(0, -1).entries()) {
    const to = parts[p + 1]!;
    let [sum, count] = [0, 0];
    for (let row = from; row < to; row++) {
      sum += isUsual[row]! * (values[row]! - values[from]!);
      count += isUsual[row]!;
    }
    const mean = values[from]! + sum / count;
    for (let row = from; row < to; row++) out[row] = isUsual[row] === 1 ? values[row]! - mean : 0;
  }
  return out;
}

function sumOf(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (const [i, value] of a.entries()) sum += value * b[i]!;
  return sum;
}
