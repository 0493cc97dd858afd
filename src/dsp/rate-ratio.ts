/** The ratio of two sampling rates as whole numbers. */
const MAX_DENOMINATOR = 100;

/**
 * Output rate / input rate = up / down, without common factors.
 * @throws RangeError for a rate that is not a positive fraction of whole numbers with a denominator up to 100
 */
export function rateRatio(inputRateHz: number, outputRateHz: number): [up: number, down: number] {
  const [input, inputOver] = fraction(inputRateHz);
  const [output, outputOver] = fraction(outputRateHz);
  const up = output * inputOver;
  const down = input * outputOver;
  const factor = greatestCommonDivisor(up, down);
  return [up / factor, down / factor];
}

function fraction(rateHz: number): [numerator: number, denominator: number] {
  for (let over = 1; over <= MAX_DENOMINATOR && rateHz > 0; over++) {
    const numerator = Math.round(rateHz * over);
    if (numerator > 0 && Math.abs(numerator / over - rateHz) <= 1e-12 * rateHz) return [numerator, over];
  }
  throw new RangeError(
    `${rateHz} Hz cannot be resampled: give a positive fraction of whole numbers with a denominator up to ${MAX_DENOMINATOR}`,
  );
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
