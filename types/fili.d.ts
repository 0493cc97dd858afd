/** The functions of fili that src/dsp/butterworth.ts uses. */
declare module 'fili' {
  interface Biquad {
    /** Feedback [a1, a2], a0 = 1. */
    readonly a: readonly [number, number];
    /** Feed-forward [b0, b1, b2], the gain included. */
    readonly b: readonly [number, number, number];
  }

  interface ButterworthParameters {
    /** Number of BIQUADS: half of the filter's order. */
    order: number;
    characteristic: 'butterworth';
    /** Sampling rate in Hz. */
    Fs: number;
    /** Cut-off (-3 dB) in Hz. */
    Fc: number;
  }

  class CalcCascades {
    lowpass(parameters: ButterworthParameters): Biquad[];
    highpass(parameters: ButterworthParameters): Biquad[];
  }

  const fili: { CalcCascades: typeof CalcCascades };
  export default fili;
}
