/**
 * Butterworth filters as second-order sections: 5 numbers per section, [b0, b1, b2, a1, a2] with a0 = 1.
 * Low- and high-pass come from fili. Its band-pass is not a Butterworth filter, so the band-pass is designed here.
 * Every design throws a RangeError for frequencies outside (0, rateHz / 2).
 */
import fili from 'fili';
import { SECTION_SIZE } from './sos.ts';

const cascades = new fili.CalcCascades();

/** @param order even; equals SciPy's `butter(order, cutHz, 'lowpass', fs=rateHz)` */
export function butterworthLowPass(order: number, cutHz: number, rateHz: number): Float64Array {
  checkFrequency(cutHz, rateHz);
  return sections(cascades.lowpass(filiParameters(order, cutHz, rateHz)));
}

/** @param order even; equals SciPy's `butter(order, cutHz, 'highpass', fs=rateHz)` */
export function butterworthHighPass(order: number, cutHz: number, rateHz: number): Float64Array {
  checkFrequency(cutHz, rateHz);
  return sections(cascades.highpass(filiParameters(order, cutHz, rateHz)));
}

/**
 * Equals SciPy's `butter(order, [lo, hi], 'bandpass', fs=rateHz)`: `order` sections, 2 x order poles.
 * The poles of the analogue prototype are transformed by s -> (s^2 + w0^2) / (bw s), then by the bilinear transform
 * (Oppenheim and Schafer, Discrete-Time Signal Processing, chapter 7).
 */
export function butterworthBandPass(order: number, edgesHz: readonly [number, number], rateHz: number): Float64Array {
  const [loHz, hiHz] = edgesHz;
  checkFrequency(loHz, rateHz);
  checkFrequency(hiHz, rateHz);
  if (!Number.isInteger(order) || order < 1) throw new RangeError(`order ${order}: give a whole number from 1`);
  if (loHz >= hiHz) throw new RangeError(`band ${loHz}-${hiHz} Hz is empty: give the low edge first`);
  const lo = Math.tan((Math.PI * loHz) / rateHz);
  const hi = Math.tan((Math.PI * hiHz) / rateHz);
  const bandwidth = hi - lo;
  const centreSquared = lo * hi;
  const sos = new Float64Array(order * SECTION_SIZE);
  /** Section n = bw s / (s^2 + c1 s + c0) with s = (1 - z^-1) / (1 + z^-1). */
  const setSection = (n: number, c1: number, c0: number) => {
    const a0 = 1 + c1 + c0;
    const gain = bandwidth / a0;
    sos.set([gain, 0, -gain, (2 * (c0 - 1)) / a0, (1 - c1 + c0) / a0], n * SECTION_SIZE);
  };
  for (let n = 0; 2 * n + 1 < order; n++) {
    // A prototype pole p = re + j im in the upper half plane gives two poles p +- sqrt(p^2 - w0^2) and their conjugates.
    const angle = (Math.PI * (2 * n + 1)) / (2 * order);
    const re = (-Math.sin(angle) * bandwidth) / 2;
    const im = (Math.cos(angle) * bandwidth) / 2;
    const squareRe = re * re - im * im - centreSquared;
    const squareIm = 2 * re * im;
    const modulus = Math.hypot(squareRe, squareIm);
    // The smaller part of the root comes from the product, because a difference loses digits where squareRe is near -modulus.
    const large = Math.sqrt((modulus + Math.abs(squareRe)) / 2);
    const small = squareIm / (2 * large);
    const rootRe = squareRe >= 0 ? large : small;
    const rootIm = squareRe >= 0 ? small : large;
    for (const sign of [1, -1]) {
      const poleRe = re + sign * rootRe;
      const poleIm = im + sign * rootIm;
      setSection(sign > 0 ? 2 * n : 2 * n + 1, -2 * poleRe, poleRe * poleRe + poleIm * poleIm);
    }
  }
  // The real prototype pole of an odd order gives two poles, which share one section.
  if (order % 2 === 1) setSection(order - 1, bandwidth, centreSquared);
  return sos;
}

function filiParameters(order: number, cutHz: number, rateHz: number) {
  if (!Number.isInteger(order / 2) || order < 2 || order > 24) {
    throw new RangeError(`order ${order}: give an even number from 2 to 24`);
  }
  return { order: order / 2, characteristic: 'butterworth', Fs: rateHz, Fc: cutHz } as const;
}

function sections(biquads: readonly { a: readonly number[]; b: readonly number[] }[]): Float64Array {
  return Float64Array.from(biquads.flatMap(({ a, b }) => [...b, ...a]));
}

/** Throws a RangeError outside (0, rateHz / 2). */
export function checkFrequency(freqHz: number, rateHz: number): void {
  if (!(freqHz > 0 && freqHz < rateHz / 2)) {
    throw new RangeError(`${freqHz} Hz is outside 0 to ${rateHz / 2} Hz, half of the sampling rate`);
  }
}
