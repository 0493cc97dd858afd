import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RealFft } from '../../src/dsp/fft.ts';
import golden from '../golden/dsp-fft.json' with { type: 'json' };

function powersOf(x: ArrayLike<number>): Float64Array {
  const out = new Float64Array(Math.floor(x.length / 2) + 1);
  new RealFft(x.length).powers(Float64Array.from(x), 0, out);
  return out;
}

function naivePowers(x: readonly number[]): number[] {
  return Array.from({ length: Math.floor(x.length / 2) + 1 }, (_, k) => {
    let re = 0;
    let im = 0;
    x.forEach((value, i) => {
      const angle = (2 * Math.PI * ((i * k) % x.length)) / x.length;
      re += value * Math.cos(angle);
      im -= value * Math.sin(angle);
    });
    return re * re + im * im;
  });
}

const signal = fc
  .integer({ min: 1, max: 240 })
  .chain((length) =>
    fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: length, maxLength: length }),
  );

describe('RealFft', () => {
  it.each(golden.map((g) => [g.x.length, g] as const))('equals NumPy’s powers at length %d', (_, { x, powers }) => {
    powersOf(x).forEach((power, k) => {
      expect(Math.abs(power - powers[k]!)).toBeLessThan(1e-11 * (1 + powers[k]!) * x.length);
    });
  });

  it('equals the definition at every length', () => {
    fc.assert(
      fc.property(signal, (x) => {
        const scale = x.reduce((sum, v) => sum + v * v, 1) * x.length;
        naivePowers(x).forEach((power, k) => {
          expect(Math.abs(powersOf(x)[k]! - power)).toBeLessThan(1e-12 * scale);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the energy (Parseval)', () => {
    fc.assert(
      fc.property(signal, (x) => {
        const powers = powersOf(x);
        const mirrored = powers.reduce((sum, p, k) => sum + (k === 0 || 2 * k === x.length ? p : 2 * p), 0);
        const energy = x.reduce((sum, v) => sum + v * v, 0);
        expect(Math.abs(mirrored / x.length - energy)).toBeLessThan(1e-10 * (1 + energy));
      }),
    );
  });

  it('squares with the scale (linearity) and ignores a shift in time', () => {
    fc.assert(
      fc.property(signal, fc.nat(), (x, shift) => {
        const scale = x.reduce((sum, v) => sum + v * v, 1) * x.length;
        const powers = powersOf(x);
        const scaled = powersOf(x.map((v) => -3 * v));
        const turned = powersOf(x.map((_, i) => x[(i + shift) % x.length]!));
        powers.forEach((power, k) => {
          expect(Math.abs(scaled[k]! - 9 * power)).toBeLessThan(1e-11 * scale);
          expect(Math.abs(turned[k]! - power)).toBeLessThan(1e-12 * scale);
        });
      }),
    );
  });

  it('reads at an offset, does not change its input and writes only the requested bins', () => {
    const x = Float64Array.from({ length: 850 }, (_, i) => Math.sin(i * i));
    const before = x.slice();
    const all = new Float64Array(401);
    const some = new Float64Array(401).fill(-1);
    new RealFft(800).powers(x.slice(50), 0, all);
    new RealFft(800).powers(x, 50, some, 4, 200);
    expect(some.subarray(4, 200)).toEqual(all.subarray(4, 200));
    expect(some.filter((p) => p === -1)).toHaveLength(401 - 196);
    expect(x).toEqual(before);
  });

  it('refuses a length that is not a whole number from 1', () => {
    for (const length of [0, -1, 2.5, Number.NaN]) expect(() => new RealFft(length)).toThrow(RangeError);
  });
});
