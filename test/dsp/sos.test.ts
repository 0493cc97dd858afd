import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { butterworthBandPass, butterworthHighPass, butterworthLowPass } from '../../src/dsp/butterworth.ts';
import { notch } from '../../src/dsp/notch.ts';
import { SosBank } from '../../src/dsp/sos.ts';
import golden from '../golden/dsp-sosfilt.json' with { type: 'json' };
import { cuts } from '../support/cut.ts';

const RATE_HZ = 200;
const bandWidth = Float64Array.of(...butterworthHighPass(4, 0.3, RATE_HZ), ...butterworthLowPass(4, 75, RATE_HZ));
const withNotch = Float64Array.of(...bandWidth, ...notch(50, 30, RATE_HZ));

function noise(length: number, offset = 0): Float64Array {
  let state = 1;
  return Float64Array.from({ length }, () => {
    state = (state * 48271) % 2147483647;
    return offset + (state / 2147483647 - 0.5) * 100;
  });
}

describe('SosBank', () => {
  it('equals SciPy from a steady state at an electrode offset of 180 mV', () => {
    const x = Float64Array.from(golden.x);
    const bank = new SosBank(bandWidth, 1);
    bank.seed([x[0]!]);
    bank.process(x, x.length, x.length);
    golden.seeded.forEach((y, i) => {
      expect(Math.abs(x[i]! - y)).toBeLessThan(1e-6);
    });
  });

  it('equals SciPy from a zero state', () => {
    const x = Float64Array.from(golden.x, (v) => v - 180000);
    new SosBank(butterworthBandPass(4, [8, 13], RATE_HZ), 1).process(x, x.length, x.length);
    golden.alpha_unseeded.forEach((y, i) => {
      expect(Math.abs(x[i]! - y)).toBeLessThan(1e-9);
    });
  });

  it('is bit-identical for every cut into blocks (chunk law), also with an odd number of sections', () => {
    const channels = 3;
    const length = 90;
    const input = noise(channels * length, 5000);
    const first = [0, 1, 2].map((c) => input[c * length]!);
    const whole = input.slice();
    const bank = new SosBank(withNotch, channels);
    bank.seed(first);
    bank.process(whole, length, length);
    fc.assert(
      fc.property(cuts(length), (cut) => {
        const cutBank = new SosBank(withNotch, channels);
        cutBank.seed(first);
        let at = 0;
        for (const size of cut) {
          const stride = size + 3;
          const block = new Float64Array(channels * stride);
          for (let c = 0; c < channels; c++)
            block.set(input.subarray(c * length + at, c * length + at + size), c * stride);
          cutBank.process(block, stride, size);
          for (let c = 0; c < channels; c++) {
            expect(block.subarray(c * stride, c * stride + size)).toEqual(
              whole.subarray(c * length + at, c * length + at + size),
            );
          }
          at += size;
        }
      }),
      { numRuns: 40 },
    );
  });

  it('has no transient for a constant after seed: the low-pass returns it, the high-pass returns 0', () => {
    for (const [sos, expected] of [
      [butterworthLowPass(4, 75, RATE_HZ), 187000],
      [bandWidth, 0],
    ] as const) {
      const x = new Float64Array(1000).fill(187000);
      const bank = new SosBank(sos, 1);
      bank.seed([187000]);
      bank.process(x, 1000, 1000);
      for (const y of x) expect(Math.abs(y - expected)).toBeLessThan(1e-6);
    }
  });

  it('filters channels separately and clears its state on zero()', () => {
    const length = 50;
    const bank = new SosBank(bandWidth, 2);
    const pair = new Float64Array(2 * length);
    pair.set(noise(length), 0);
    bank.process(pair, length, length);
    expect(pair.subarray(length).every((y) => y === 0)).toBe(true);
    bank.zero();
    const again = new Float64Array(2 * length);
    again.set(noise(length), 0);
    bank.process(again, length, length);
    expect(again).toEqual(pair);
  });

  it('is linear', () => {
    const a = noise(200);
    const b = noise(200).reverse();
    const sum = a.map((v, i) => 2 * v - 3 * b[i]!);
    for (const x of [a, b, sum]) new SosBank(bandWidth, 1).process(x, 200, 200);
    sum.forEach((y, i) => {
      expect(Math.abs(y - (2 * a[i]! - 3 * b[i]!))).toBeLessThan(1e-9);
    });
  });
});
