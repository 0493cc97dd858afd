/** Steps between the time stamps of one row and the next, in seconds. */

export function stepsOf(timesS: Float64Array): Float64Array {
  return timesS.subarray(1).map((time, i) => time - timesS[i]!);
}

/** Of more values than this, so many are sorted, as sorting takes most of the time. */
const MOST_SORTED = 50_000;
/** Multiples of the golden ratio, modulo 1, are spread evenly and are in phase with no burst. */
const GOLDEN = (1 + Math.sqrt(5)) / 2;

/** NaN without values. */
export function quantile(values: Float64Array, q: number): number {
  const sorted =
    values.length <= MOST_SORTED
      ? values.slice().sort()
      : Float64Array.from(
          { length: MOST_SORTED },
          (_, i) => values[Math.floor(((i * GOLDEN) % 1) * values.length)]!,
        ).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function medianStep(timesS: Float64Array): number {
  return quantile(stepsOf(timesS), 0.5);
}
