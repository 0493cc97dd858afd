import { describe, expect, it } from 'vitest';
import { PupilSpectrum } from '../../src/dsp/pupil-spectrum.ts';
import { PUPIL_BANDS_HZ } from '../../src/preprocess/eye/features.ts';
import { randomOf } from '../support/signals.ts';

const FLOOR = 0.5 * Math.log(2 * Math.PI * Math.E * 1e-12);
const spectrum = new PupilSpectrum({ length: 300, rateHz: 10, bands: PUPIL_BANDS_HZ });
const trace = (length: number, value: (i: number) => number) => Float64Array.from({ length }, (_, i) => value(i));
const variance = (de: number) => Math.exp(2 * de) / (2 * Math.PI * Math.E);

describe('PupilSpectrum', () => {
  it.each([
    [0.1, 0],
    [0.3, 1],
    [0.5, 2],
    [0.8, 3],
  ])('finds the power of a sine of %s Hz in its band', (hz, band) => {
    const des = spectrum.compute(
      trace(300, (i) => 3 + 0.2 * Math.sin(2 * Math.PI * hz * (i / 10))),
      300,
    );
    expect(variance(des[band]!)).toBeCloseTo(0.02, 4);
    for (const [b, de] of des.entries()) if (b !== band) expect(de).toBeLessThan(des[band]! - 4);
  });

  // Shares of the variance that remain after the mean is removed, by NumPy from the trace of the covariance.
  it.each([
    [40, [0.423, 0.871, 0.998, 1]],
    [120, [0.708, 1, 1, 1]],
    [300, [0.833, 1, 1, 1]],
  ] as const)(
    'gives the variance of white noise of %i samples in each band, less the part removed with the mean',
    (length, shares) => {
      const random = randomOf(length);
      const runs = 2000;
      const sums = [0, 0, 0, 0];
      for (let run = 0; run < runs; run++) {
        const noise = trace(length, () => 3 + Array.from({ length: 12 }, random).reduce((a, b) => a + b, -6));
        for (const [b, de] of spectrum.compute(noise, length).entries()) sums[b]! += variance(de) / runs;
      }
      for (const [b, [lo, hi]] of PUPIL_BANDS_HZ.entries()) {
        expect(Math.abs(sums[b]! / ((hi - lo) / 5) / shares[b]! - 1)).toBeLessThan(0.08);
      }
    },
  );

  it('grows by the logarithm of a factor and ignores an offset', () => {
    const x = trace(77, (i) => Math.sin(i) + Math.sin(i / 20));
    const before = spectrum.compute(x, 77);
    const after = spectrum.compute(
      x.map((value) => 3 * value + 5),
      77,
    );
    for (const [b, de] of before.entries()) expect(after[b]).toBeCloseTo(de + Math.log(3), 9);
  });

  it('returns the least value for a constant and for a single sample', () => {
    expect(
      spectrum.compute(
        trace(300, () => 3.1),
        300,
      ),
    ).toEqual(Array(4).fill(FLOOR));
    expect(
      spectrum.compute(
        trace(1, () => 3.1),
        1,
      ),
    ).toEqual(Array(4).fill(FLOOR));
    expect(
      spectrum
        .compute(
          trace(2, (i) => i),
          2,
        )
        .every(Number.isFinite),
    ).toBe(true);
  });
});
