/**
 * A lid covers some of the pupil before it hides it and after it has bared it again: the diameter falls into a gap and
 * rises out of it, and neither is the pupil's.
 */

/** Longer than a lid takes to close or to open. */
const LID_US = 150_000;
/** Below this quantile beside a gap it is taken for the lid: what a lid covers is less than a quarter of the time. */
const USUAL_FROM = 0.25;

/**
 * Makes NaN of what lies at most 150 ms beside a gap, or beside the end of the stretch, and is below the usual
 * diameter without a break. `timesUs` and `diameters` (NaN: not seen) are as long as each other, the oldest first.
 */
export function removeLids(timesUs: Float64Array, diameters: Float32Array): void {
  const sorted = diameters.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return;
  const usual = sorted[Math.floor(USUAL_FROM * sorted.length)]!;
  const gaps = [-1, ...diameters.keys(), diameters.length].filter((i) => !(diameters[i]! >= 0));
  for (const gap of gaps) {
    for (const step of [-1, 1] as const) {
      for (let i = gap + step; diameters[i]! < usual; i += step) {
        if (Math.abs(timesUs[i]! - (timesUs[gap] ?? timesUs[gap + step]!)) > LID_US) break;
        diameters[i] = Number.NaN;
      }
    }
  }
}
