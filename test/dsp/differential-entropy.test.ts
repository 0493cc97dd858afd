import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { butterworthBandPass } from '../../src/dsp/butterworth.ts';
import { deOfVariance, SpectralDe } from '../../src/dsp/differential-entropy.ts';
import { SosBank } from '../../src/dsp/sos.ts';
import golden from '../golden/dsp-de.json' with { type: 'json' };
import { describeWithData, testData } from '../support/data.ts';

const paperBands = golden.paper_bands_hz as [number, number][];
const seedBands = golden.seed_bands_hz as [number, number][];
const shape = { windowLength: 800, rateHz: 200 };

function computed(de: SpectralDe, x: ArrayLike<number>, bands = 5): number[] {
  const out = new Float32Array(bands);
  de.compute(Float64Array.from(x), 0, out, 0);
  return [...out];
}

describe('SpectralDe', () => {
  it.each([
    ['fft', paperBands],
    ['bcmi', seedBands],
  ] as const)('equals NumPy within 1e-6 by method %s', (method, bands) => {
    const de = new SpectralDe({ method, ...shape, bands });
    for (const window of golden.windows) {
      computed(de, window.x).forEach((value, band) => {
        expect(Math.abs(value - window[method][band]!)).toBeLessThan(1e-6);
      });
    }
  });

  it('gives the variance of white noise in expectation', () => {
    const wide = new SpectralDe({ method: 'fft', ...shape, bands: [[0.25, 100]] });
    let state = 7;
    const uniform = () => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647 - 0.5;
    };
    let power = 0;
    const runs = 200;
    for (let run = 0; run < runs; run++) {
      const [de] = computed(wide, Float64Array.from({ length: 800 }, uniform), 1);
      power += Math.exp(2 * de!) / (2 * Math.PI * Math.E) / runs;
    }
    expect(power * 12).toBeCloseTo(1, 1);
  });

  it('ignores an offset, and grows by ln(scale)', () => {
    const de = new SpectralDe({ method: 'fft', ...shape, bands: paperBands });
    const x = golden.windows[0]!.x;
    const plain = computed(de, x);
    computed(
      de,
      x.map((v) => 3 * v + 50_000),
    ).forEach((value, band) => {
      expect(value - plain[band]!).toBeCloseTo(Math.log(3), 5);
    });
  });

  it('includes a bin on the low edge and excludes one on the high edge', () => {
    const edges = [0.3, 0.6, 0.9, 1.2] as const;
    const windowLength = 2000;
    const de = new SpectralDe({
      method: 'fft',
      windowLength,
      rateHz: 200,
      bands: [
        [edges[0], edges[1]],
        [edges[1], edges[2]],
        [edges[2], edges[3]],
      ],
    });
    // 0.9 Hz is bin 9: Hann spreads it over 8 (2nd band), 9 and 10 (3rd band), in powers 1 : 4 : 1.
    const [first, second, third] = computed(
      de,
      Float64Array.from({ length: windowLength }, (_, i) => Math.sin((2 * Math.PI * 0.9 * i) / 200)),
      3,
    );
    expect(third! - second!).toBeCloseTo(0.5 * Math.log(5), 4);
    expect(first).toBeLessThan(-8);
  });

  it('is finite for a constant channel and NaN for NaN', () => {
    for (const method of ['fft', 'bcmi'] as const) {
      const de = new SpectralDe({ method, ...shape, bands: paperBands });
      for (const value of computed(de, new Float64Array(800))) expect(Number.isFinite(value)).toBe(true);
      for (const value of computed(de, new Float64Array(800).fill(Number.NaN))) expect(value).toBeNaN();
    }
    expect(deOfVariance(0)).toBeCloseTo(-12.3966, 4);
    expect(deOfVariance(1)).toBeCloseTo(0.5 * Math.log(2 * Math.PI * Math.E), 12);
  });

  it('reads and writes at the given offsets', () => {
    const de = new SpectralDe({ method: 'fft', ...shape, bands: paperBands });
    const x = new Float64Array(1000);
    x.set(golden.windows[1]!.x, 100);
    const out = new Float32Array(12).fill(-1);
    de.compute(x, 100, out, 5);
    expect([...out.subarray(5, 10)]).toEqual(computed(de, golden.windows[1]!.x));
    expect([...out.subarray(0, 5), ...out.subarray(10)].every((v) => v === -1)).toBe(true);
  });

  it('refuses bands without a bin', () => {
    for (const band of [
      [8.01, 8.02],
      [13, 8],
      [80, 120],
      [-2, 4],
    ] as [number, number][]) {
      expect(() => new SpectralDe({ method: 'fft', ...shape, bands: [band] })).toThrow(/has no bin/);
    }
  });
});

describeWithData('eeg-200hz-yasa', 'DE of real EEG by filter bank', () => {
  it('equals the published values of a causal filter of order 4 with zero initial state', () => {
    const folder = 'eeg-200hz-yasa';
    const text = readFileSync(testData(folder, 'data_N2_spindles_15sec_200Hz.txt'), 'utf8');
    const samples = Float64Array.from(text.trim().split(/\s+/), Number);
    const rows = readFileSync(testData(folder, 'expected_de_N2.csv'), 'utf8')
      .trim()
      .split(/\r?\n/)
      .map((row) => row.split(','))
      .filter((row) => row[2] === 'C_causal_o4_nats');
    expect(rows).toHaveLength(3);
    seedBands.forEach((edges, band) => {
      const filtered = samples.slice();
      new SosBank(butterworthBandPass(4, edges, 200), 1).process(filtered, filtered.length, filtered.length);
      for (const row of rows) {
        const window = filtered.subarray(800 * Number(row[1]), 800 * (Number(row[1]) + 1));
        const mean = window.reduce((sum, v) => sum + v, 0) / window.length;
        const variance = window.reduce((sum, v) => sum + (v - mean) ** 2, 0) / window.length;
        expect(Math.abs(deOfVariance(variance) - Number(row[3 + band]))).toBeLessThan(1e-5);
      }
    });
  });
});
