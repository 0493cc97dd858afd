/**
 * The Kaiser window and Kaiser's estimates of its parameters (Oppenheim and Schafer, Discrete-Time Signal Processing,
 * 3rd edition, section 7.5.3). fili's Kaiser low-pass is not used: it stops its Bessel series at 1e-6, and its window has
 * a whole number of taps.
 */

/** Modified Bessel function of the first kind, order 0, by its power series. */
export function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * Number.EPSILON; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

/** The window's shape parameter for a stop-band attenuation of at least 50 dB. Throws a RangeError below. */
export function kaiserBeta(attenuationDb: number): number {
  if (attenuationDb < 50) throw new RangeError(`${attenuationDb} dB: the estimate is valid from 50 dB`);
  return 0.1102 * (attenuationDb - 8.7);
}

/** Length of the filter in seconds for a transition band of `widthHz`. */
export function kaiserLengthS(attenuationDb: number, widthHz: number): number {
  return (attenuationDb - 7.95) / (2.285 * 2 * Math.PI * widthHz);
}

/** The window at `position` in [-1, 1]; 0 outside. */
export function kaiserWindow(position: number, beta: number): number {
  const inside = 1 - position * position;
  return inside < 0 ? 0 : besselI0(beta * Math.sqrt(inside)) / besselI0(beta);
}

/** sin(pi x) / (pi x): the impulse response of the ideal low-pass. */
export function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
