import { describe, expect, it } from 'vitest';
import { slopeWeights } from '../../src/dsp/savitzky-golay.ts';
import golden from '../golden/gaze.json' with { type: 'json' };

describe('slopeWeights', () => {
  it.each(golden.slopes)('equals SciPy’s first derivative for half window $half at $rate_hz Hz', (slope) => {
    const weights = slopeWeights(slope.half, slope.rate_hz);
    expect(weights).toHaveLength(slope.weights.length);
    slope.weights.forEach((weight, i) => void expect(weights[i]! / weight).toBeCloseTo(1, 12));
  });

  it('gives the exact slope of a parabola at the centre', () => {
    const value = (t: number) => 3 + 7 * t - 40 * t * t;
    const [half, rateHz] = [4, 250];
    const slope = slopeWeights(half, rateHz).reduce(
      (sum, weight, i) => sum + weight * (value((i + 1) / rateHz) - value(-(i + 1) / rateHz)),
      0,
    );
    expect(slope).toBeCloseTo(7, 10);
  });

  it.each([0, -1, 1.5])('refuses a half window of %s', (half) => {
    expect(() => slopeWeights(half, 100)).toThrow(`half window is ${half}`);
  });
});
