/**
 * Band-limited interpolation from one whole rate to another: a Kaiser-windowed sinc, one set of taps for each phase.
 */
import { kaiserBeta, kaiserLengthS, kaiserWindow, sinc } from '../dsp/kaiser.ts';
import { rateRatio } from '../dsp/rate-ratio.ts';

const STOP_DB = 80;

export interface Interpolation {
  /** Output i is at input `i * step / phases`. */
  readonly phases: number;
  readonly step: number;
  /** Taps on each side of the output's position: inputs [floor - half + 1, floor + half]. */
  readonly half: number;
  /** [phases, 2 * half] */
  readonly taps: Float64Array;
}

/** The pass band ends at 0.4, and the stop band begins at 0.6, of the lower of the two rates. */
export function designInterpolation(fromHz: number, toHz: number): Interpolation {
  const [phases, step] = rateRatio(fromHz, toHz);
  const lowerHz = Math.min(fromHz, toHz);
  const half = Math.ceil((fromHz * kaiserLengthS(STOP_DB, 0.2 * lowerHz)) / 2);
  const beta = kaiserBeta(STOP_DB);
  const taps = new Float64Array(phases * 2 * half);
  for (let phase = 0; phase < phases; phase++) {
    const row = taps.subarray(phase * 2 * half, (phase + 1) * 2 * half);
    let sum = 0;
    for (let k = 0; k < row.length; k++) {
      const t = k - half + 1 - phase / phases;
      row[k] = sinc((t * lowerHz) / fromHz) * kaiserWindow(t / half, beta);
      sum += row[k]!;
    }
    // Taps of unit sum keep a constant unchanged; electrode offsets are thousands of times the signal.
    for (let k = 0; k < row.length; k++) row[k] = row[k]! / sum;
  }
  return { phases, step, half, taps };
}
