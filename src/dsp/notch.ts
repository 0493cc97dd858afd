import { checkFrequency } from './butterworth.ts';

/**
 * A notch at `freqHz` whose -3 dB width is freqHz / q: one second-order section [b0, b1, b2, a1, a2]. Equals SciPy's
 * `iirnotch(freqHz, q, fs=rateHz)` (Orfanidis, Introduction to Signal Processing, chapter 11).
 * @throws RangeError for a frequency outside (0, rateHz / 2) or q <= 0
 */
export function notch(freqHz: number, q: number, rateHz: number): Float64Array {
  checkFrequency(freqHz, rateHz);
  if (!(q > 0)) throw new RangeError(`notch quality ${q}: give a positive number`);
  const w0 = (2 * Math.PI * freqHz) / rateHz;
  const gain = 1 / (1 + Math.tan(w0 / q / 2));
  const middle = -2 * gain * Math.cos(w0);
  return Float64Array.of(gain, middle, gain, middle, 2 * gain - 1);
}
