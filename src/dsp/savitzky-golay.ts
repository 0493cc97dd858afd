/**
 * First derivative by Savitzky and Golay (Anal. Chem. 36, 1627, 1964): the slope at the centre of a parabola fitted
 * to 2m + 1 samples. In a symmetric window this equals the slope of a fitted straight line, so
 * x'(0) = rate * sum_i i (x_i - x_-i) / (2 sum_i i^2), i = 1 ... m.
 */

/** The weights of x_i - x_-i for i = 1 to `half`, in 1/s: [half]. Throws a RangeError unless `half` is a whole number from 1. */
export function slopeWeights(half: number, rateHz: number): Float64Array {
  if (!(Number.isInteger(half) && half >= 1))
    throw new RangeError(`half window is ${half}, expected 1 or more samples`);
  const squares = (half * (half + 1) * (2 * half + 1)) / 3;
  return Float64Array.from({ length: half }, (_, i) => ((i + 1) * rateHz) / squares);
}
