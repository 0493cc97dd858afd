/**
 * Filter designs as second-order sections: a Float64Array of 5 numbers a section, [b0, b1, b2, a1, a2] with a0 = 1.
 * Low- and high-pass come from fili. Its band-pass is not a Butterworth one and its notch is set by an octave width,
 * so both are designed here. Every design throws a RangeError for frequencies outside (0, rateHz / 2).
 */
import fili from 'fili';

const SECTION_SIZE = 5;
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
 * The analogue prototype's poles move by s -> (s^2 + w0^2) / (bw s) and reach z by the bilinear transform
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
    // A prototype pole p = re + j im of the upper half plane gives two poles p +- sqrt(p^2 - w0^2), each with its conjugate.
    const angle = (Math.PI * (2 * n + 1)) / (2 * order);
    const re = (-Math.sin(angle) * bandwidth) / 2;
    const im = (Math.cos(angle) * bandwidth) / 2;
    const squareRe = re * re - im * im - centreSquared;
    const squareIm = 2 * re * im;
    const modulus = Math.hypot(squareRe, squareIm);
    // squareRe may be close to -modulus: the root's small part then comes from the product, not from a difference.
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
  // The real prototype pole of an odd order keeps its two poles in one section.
  if (order % 2 === 1) setSection(order - 1, bandwidth, centreSquared);
  return sos;
}

/** Equals SciPy's `iirnotch(freqHz, q, fs=rateHz)`: -3 dB width is freqHz / q. One section. */
export function notch(freqHz: number, q: number, rateHz: number): Float64Array {
  checkFrequency(freqHz, rateHz);
  if (!(q > 0)) throw new RangeError(`notch quality ${q}: give a positive number`);
  const w0 = (2 * Math.PI * freqHz) / rateHz;
  const gain = 1 / (1 + Math.tan(w0 / q / 2));
  const middle = -2 * gain * Math.cos(w0);
  return Float64Array.of(gain, middle, gain, middle, 2 * gain - 1);
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

function checkFrequency(freqHz: number, rateHz: number): void {
  if (!(freqHz > 0 && freqHz < rateHz / 2)) {
    throw new RangeError(`${freqHz} Hz is outside 0 to ${rateHz / 2} Hz, half of the sampling rate`);
  }
}
