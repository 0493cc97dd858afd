/** p50 and p99 of a sample, rounded for printing. */
export function percentiles(values: readonly number[]): { p50: number; p99: number } {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => {
    const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
    return Number(value.toPrecision(3));
  };
  return { p50: at(0.5), p99: at(0.99) };
}
