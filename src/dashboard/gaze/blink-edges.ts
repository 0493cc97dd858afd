/**
 * Removes the edges of blinks from a pupil trace. A closing or opening lid covers a part of the pupil, so the measured
 * diameter falls before a gap and rises after it, although the pupil does not change.
 */

/** A lid closes or opens in less time than this. */
const LID_US = 150_000;
/** The usual diameter around a gap is measured over this time on either side. Over less, the blink itself would count. */
const AROUND_US = 1e6;
/** Diameters below this quantile are taken for a covered pupil: a lid covers it for less than a quarter of that time. */
const USUAL_QUANTILE = 0.25;

/**
 * Sets diameters to NaN that are within 150 ms of a gap, or of an end of the trace, and from there on continuously below
 * the usual diameter. `timesUs` and `diameters` (NaN: not seen) have the same length, oldest first.
 */
export function removeBlinkEdges(timesUs: Float64Array, diameters: Float32Array): void {
  const original = diameters.slice();
  const isSeen = (i: number): boolean => original[i]! >= 0;
  for (let edge = 0; edge < original.length; edge++) {
    if (!isSeen(edge)) continue;
    if (!isSeen(edge - 1)) removeFrom(edge, 1);
    if (!isSeen(edge + 1)) removeFrom(edge, -1);
  }

  function removeFrom(edge: number, step: 1 | -1): void {
    const edgeUs = timesUs[edge]!;
    const usual = usualAround(edge);
    for (let i = edge; original[i]! < usual && Math.abs(timesUs[i]! - edgeUs) < LID_US; i += step)
      diameters[i] = Number.NaN;
  }

  function usualAround(edge: number): number {
    let [from, to] = [edge, edge + 1];
    while (from > 0 && timesUs[edge]! - timesUs[from - 1]! <= AROUND_US) from--;
    while (to < original.length && timesUs[to]! - timesUs[edge]! <= AROUND_US) to++;
    const sorted = original
      .subarray(from, to)
      .filter((value) => !Number.isNaN(value))
      .sort();
    return sorted[Math.floor(USUAL_QUANTILE * sorted.length)]!;
  }
}
