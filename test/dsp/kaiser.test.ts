import { describe, expect, it } from 'vitest';
import { besselI0, kaiserBeta, kaiserLengthS, kaiserWindow } from '../../src/dsp/kaiser.ts';

describe('Kaiser', () => {
  it('equals I0 of Abramowitz and Stegun (table 9.8)', () => {
    expect(besselI0(0)).toBe(1);
    expect(besselI0(1)).toBeCloseTo(1.2660658777520084, 14);
    expect(besselI0(10) / 2815.716628466254).toBeCloseTo(1, 13);
  });

  it('needs 102 taps at 1000 Hz for 80 dB between 75 and 125 Hz', () => {
    expect(Math.ceil(kaiserLengthS(80, 50) * 1000) + 1).toBe(102);
    expect(kaiserBeta(80)).toBeCloseTo(7.857, 3);
    expect(() => kaiserBeta(30)).toThrow(RangeError);
  });

  it('is even, 1 in the middle and 0 outside', () => {
    expect(kaiserWindow(0, 8)).toBe(1);
    expect(kaiserWindow(0.4, 8)).toBe(kaiserWindow(-0.4, 8));
    expect(kaiserWindow(1, 8)).toBeCloseTo(1 / besselI0(8), 15);
    expect(kaiserWindow(1.001, 8)).toBe(0);
  });
});
