import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rateRatio, resampledRate } from '../../src/dsp/rate-ratio.ts';

describe('rateRatio', () => {
  it.each([
    [250, 200, 4, 5],
    [1000, 200, 1, 5],
    [200, 200, 1, 1],
    [12.8, 200, 125, 8],
    [256, 128, 1, 2],
    [1000 / 3, 10, 3, 100],
  ])('%s Hz to %s Hz is %s / %s', (input, output, up, down) => {
    expect(rateRatio(input, output)).toEqual([up, down]);
    expect(resampledRate(input, output)).toBe(input);
  });

  it('is the nearest ratio of up to 2048', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e5, noNaN: true }), fc.constantFrom(10, 128, 200), (input, output) => {
        const [up, down] = rateRatio(input, output);
        expect(up).toBeLessThanOrEqual(2048);
        const ratio = input / output;
        for (let other = 1; other <= 2048; other++) {
          const away = Math.abs(Math.round(ratio * other) / other - ratio);
          if (Math.abs(down / up - ratio) > away + 1e-12 * ratio) throw new Error(`${other} is nearer than ${up}`);
        }
        expect(Math.abs(resampledRate(input, output) / ((output * down) / up) - 1)).toBeLessThan(1e-11);
      }),
    );
  });
});
