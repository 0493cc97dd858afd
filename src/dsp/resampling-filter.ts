/**
 * The low-pass of a rational resampler: a sinc under a Kaiser window. The pass band ends at 0.375 and the stop band begins
 * at 0.625 of the output rate (75 and 125 Hz for 200 Hz), so aliases fall above the pass band. Where the input rate is not
 * above the output rate, the edges are 0.4 and 0.6 of the input rate. Each phase is scaled to gain 1 at 0 Hz, so an
 * electrode offset of any size leaves no image at multiples of the input rate.
 */
import { kaiserBeta, kaiserLengthS, kaiserWindow, sinc } from './kaiser.ts';
import { rateRatio } from './rate-ratio.ts';

/** The stop band is attenuated by 80 dB. Kaiser's estimates are up to 0.6 dB too optimistic. */
const DESIGN_ATTENUATION_DB = 81;

interface ResamplingFilter {
  /** Output rate / input rate = up / down, without common factors. */
  readonly up: number;
  readonly down: number;
  /** [up, tapCount]: row p is for output positions that are p / up after an input sample. */
  readonly taps: Float64Array;
  readonly tapCount: number;
  /** Input samples before the output's position that it depends on. */
  readonly lookBehind: number;
}

/** @throws RangeError for a rate that `rateRatio` refuses */
export function resamplingFilter(inputRateHz: number, outputRateHz: number): ResamplingFilter {
  const [up, down] = rateRatio(inputRateHz, outputRateHz);
  if (up === down) return { up, down, taps: Float64Array.of(1), tapCount: 1, lookBehind: 0 };
  const passHz = inputRateHz > outputRateHz ? 0.375 * outputRateHz : 0.4 * inputRateHz;
  const stopHz = inputRateHz > outputRateHz ? 0.625 * outputRateHz : 0.6 * inputRateHz;
  const cut = (passHz + stopHz) / inputRateHz;
  const lengthS = kaiserLengthS(DESIGN_ATTENUATION_DB, stopHz - passHz);
  const beta = kaiserBeta(DESIGN_ATTENUATION_DB);
  /** Half of the filter, in steps of 1 / up input sample. */
  const half = Math.ceil((lengthS / 2) * inputRateHz * up);
  const lookBehind = Math.floor(half / up);
  const tapCount = lookBehind + Math.floor((half + up - 1) / up) + 1;
  const taps = new Float64Array(up * tapCount);
  for (let phase = 0; phase < up; phase++) {
    const row = taps.subarray(phase * tapCount, (phase + 1) * tapCount);
    let gain = 0;
    for (let k = 0; k < tapCount; k++) {
      const step = (k - lookBehind) * up - phase;
      gain += row[k] = sinc((step / up) * cut) * kaiserWindow(step / half, beta);
    }
    for (let k = 0; k < tapCount; k++) row[k]! /= gain;
  }
  return { up, down, taps, tapCount, lookBehind };
}
