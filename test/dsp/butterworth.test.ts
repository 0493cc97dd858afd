import { describe, expect, it } from 'vitest';
import { butterworthBandPass, butterworthHighPass, butterworthLowPass } from '../../src/dsp/butterworth.ts';
import { notch } from '../../src/dsp/notch.ts';
import golden from '../golden/dsp-filters.json' with { type: 'json' };
import { frequencyResponse } from '../support/frequency-response.ts';

const [LO, HI] = [0, 1] as const;

function design(kind: string, order: number, edges: readonly number[], rateHz: number): Float64Array {
  if (kind === 'lowpass') return butterworthLowPass(order, edges[LO]!, rateHz);
  if (kind === 'highpass') return butterworthHighPass(order, edges[LO]!, rateHz);
  if (kind === 'bandpass') return butterworthBandPass(order, [edges[LO]!, edges[HI]!], rateHz);
  return notch(edges[LO]!, order, rateHz);
}

describe('filter designs', () => {
  it.each(golden.map((g) => [`${g.kind} ${g.order} ${g.edges_hz} Hz at ${g.rate_hz} Hz`, g] as const))(
    'have SciPy’s frequency response: %s',
    (_, { kind, order, edges_hz, rate_hz, freq_hz, re, im }) => {
      const sos = design(kind, order, edges_hz, rate_hz);
      freq_hz.forEach((freqHz, i) => {
        const [gotRe, gotIm] = frequencyResponse(sos, freqHz, rate_hz);
        expect(Math.hypot(gotRe - re[i]!, gotIm - im[i]!), `${freqHz} Hz`).toBeLessThan(1e-9);
      });
    },
  );

  it('have the number of sections of their order', () => {
    expect(butterworthLowPass(4, 75, 200)).toHaveLength(2 * 5);
    expect(butterworthHighPass(4, 0.3, 200)).toHaveLength(2 * 5);
    expect(butterworthBandPass(4, [8, 13], 200)).toHaveLength(4 * 5);
  });

  it('block a constant exactly (high-pass)', () => {
    const [re, im] = frequencyResponse(butterworthHighPass(4, 0.3, 200), 0, 200);
    expect(Math.hypot(re, im)).toBe(0);
  });

  it('are refused for impossible parameters', () => {
    expect(() => butterworthLowPass(4, 100, 200)).toThrow(/100 Hz is outside 0 to 100 Hz/);
    expect(() => butterworthHighPass(4, 0, 200)).toThrow(RangeError);
    expect(() => butterworthLowPass(3, 10, 200)).toThrow(/even number/);
    expect(() => butterworthLowPass(26, 10, 200)).toThrow(/even number/);
    expect(() => butterworthBandPass(4, [13, 8], 200)).toThrow(/empty/);
    expect(() => butterworthBandPass(0, [8, 13], 200)).toThrow(/order 0/);
    expect(() => notch(50, 0, 200)).toThrow(/quality/);
    expect(() => notch(Number.NaN, 30, 200)).toThrow(RangeError);
  });
});
