/**
 * Kaiser's window and his estimates for it (Oppenheim and Schafer, Discrete-Time Signal Processing, section 7.6).
 * fili's Kaiser low-pass stops its Bessel series at 1e-6 and its window reaches whole taps only, so it isn't used.
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

/** The window's shape for a stop band of `attenuationDb`, from 50 dB. */
export function kaiserBeta(attenuationDb: number): number {
  if (attenuationDb < 50) throw new RangeError(`${attenuationDb} dB: the estimate holds from 50 dB`);
  return 0.1102 * (attenuationDb - 8.7);
}

/** Length of the filter in seconds for a transition of `widthHz`. */
export function kaiserLengthS(attenuationDb: number, widthHz: number): number {
  return (attenuationDb - 7.95) / (2.285 * 2 * Math.PI * widthHz);
}

/** The window at `position` in [-1, 1]; 0 outside. */
export function kaiserWindow(position: number, beta: number): number {
  const inside = 1 - position * position;
  return inside < 0 ? 0 : besselI0(beta * Math.sqrt(inside)) / besselI0(beta);
}

/** sin(pi x) / (pi x): the ideal low-pass that the window cuts off. */
export function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
