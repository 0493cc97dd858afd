/** The ratio of two sampling rates as whole numbers. */

/** Most phases of a resampling filter. */
const MAX_UP = 2048;
/** Relative difference of rates that only rounding explains. */
const ROUNDING = 1e-12;

/**
 * Output rate / input rate = up / down, without common factors; the nearest such ratio with `up` of at most 2048.
 * @throws RangeError for rates that are not positive and finite, or too far apart
 */
export function rateRatio(inputRateHz: number, outputRateHz: number): [up: number, down: number] {
  const ratio = inputRateHz / outputRateHz;
  // Convergents of the continued fraction of the ratio, as down / up.
  let [down, up, lastDown, lastUp] = [Math.floor(ratio), 1, 1, 0];
  let rest = ratio - down;
  while (Math.abs(down / up / ratio - 1) > ROUNDING && rest > 0) {
    const term = Math.floor(1 / rest);
    if (term * up + lastUp > MAX_UP) {
      const part = Math.floor((MAX_UP - lastUp) / up);
      const [nextDown, nextUp] = [part * down + lastDown, part * up + lastUp];
      if (Math.abs(nextDown / nextUp - ratio) < Math.abs(down / up - ratio)) [down, up] = [nextDown, nextUp];
      break;
    }
    rest = 1 / rest - term;
    [down, up, lastDown, lastUp] = [term * down + lastDown, term * up + lastUp, down, up];
  }
  if (down > 0 && Number.isFinite(down) && inputRateHz > 0) return [up, down];
  throw new RangeError(`${inputRateHz} Hz cannot be resampled to ${outputRateHz} Hz`);
}

/** The input rate that `rateRatio` stands for: the given one, unless only its nearest ratio can be resampled. */
export function resampledRate(inputRateHz: number, outputRateHz: number): number {
  const [up, down] = rateRatio(inputRateHz, outputRateHz);
  const rateHz = (outputRateHz * down) / up;
  return Math.abs(rateHz / inputRateHz - 1) <= ROUNDING ? inputRateHz : rateHz;
}
