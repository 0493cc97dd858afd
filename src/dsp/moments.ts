/** Mean, standard deviation and variance. */

/** 0 without a value. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return values.length === 0 ? 0 : sum / values.length;
}

/** Standard deviation with divisor n, as NumPy's `std`; 0 without a value. */
export function deviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - centre) ** 2;
  return values.length === 0 ? 0 : Math.sqrt(squares / values.length);
}

/** Variance of x[from] to x[from + length - 1] with divisor `length`. */
export function varianceOf(x: Float64Array, from: number, length: number): number {
  let mean = 0;
  for (let i = 0; i < length; i++) mean += x[from + i]!;
  mean /= length;
  let squares = 0;
  for (let i = 0; i < length; i++) {
    const deviation = x[from + i]! - mean;
    squares += deviation * deviation;
  }
  return squares / length;
}
