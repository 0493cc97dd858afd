/**
 * A lid covers some of the pupil before it hides it and after it has bared it again: the diameter falls into a gap and
 * rises out of it, and neither is the pupil's.
 */

/** Longer than a lid takes to close or to open. */
const LID_US = 150_000;
/** What the pupil is like around a gap is told by so much on either side: less, and a blink would decide it itself. */
const AROUND_US = 1e6;
/** Below this quantile it is taken for the lid, which covers the pupil for less than a quarter of that time. */
const USUAL_FROM = 0.25;

/**
 * Makes NaN of what lies at most 150 ms beside a gap, or beside an end of the stretch, and is without a break below
 * what is usual around it. `timesUs` and `diameters` (NaN: not seen) are as long as each other, the oldest first.
 */
export function removeLids(timesUs: Float64Array, diameters: Float32Array): void {
  const told = diameters.slice();
  const isSeen = (i: number): boolean => told[i]! >= 0;
  for (let edge = 0; edge < told.length; edge++) {
    if (!isSeen(edge)) continue;
    if (!isSeen(edge - 1)) removeFrom(edge, 1);
    if (!isSeen(edge + 1)) removeFrom(edge, -1);
  }

  function removeFrom(edge: number, step: 1 | -1): void {
    const edgeUs = timesUs[edge]!;
    const usual = usualAround(edge);
    for (let i = edge; told[i]! < usual && Math.abs(timesUs[i]! - edgeUs) < LID_US; i += step)
      diameters[i] = Number.NaN;
  }

  function usualAround(edge: number): number {
    let [from, to] = [edge, edge + 1];
    while (from > 0 && timesUs[edge]! - timesUs[from - 1]! <= AROUND_US) from--;
    while (to < told.length && timesUs[to]! - timesUs[edge]! <= AROUND_US) to++;
    const sorted = told
      .subarray(from, to)
      .filter((value) => !Number.isNaN(value))
      .sort();
    return sorted[Math.floor(USUAL_FROM * sorted.length)]!;
  }
}
