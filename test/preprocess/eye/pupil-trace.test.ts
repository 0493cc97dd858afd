import { describe, expect, it } from 'vitest';
import { PupilTrace } from '../../../src/preprocess/eye/pupil-trace.ts';

/** The trace of the samples 0 to `count` with the diameters `value(n)`. */
function read(rateHz: number, count: number, value: (n: number) => number, margin = 0, length = 300): number[] {
  const trace = new PupilTrace(rateHz, length, margin);
  for (let n = 0; n < count; n++) trace.push(n, value(n));
  trace.close();
  const out = new Float64Array(length);
  return [...out.subarray(0, trace.read(0, count, out).length)];
}

describe('PupilTrace', () => {
  it.each([25, 60, 250, 299.7, 1250])('averages the samples of each 0.1 s at %s Hz', (rateHz) => {
    const values = read(rateHz, Math.ceil(rateHz * 3), (n) => n);
    expect(values).toHaveLength(30);
    for (const [j, value] of values.entries()) {
      const samples = Array.from({ length: Math.ceil(rateHz * 3) }, (_, n) => n).filter(
        (n) => Math.floor((n * 10) / rateHz + 1e-9) === j,
      );
      expect(value).toBeCloseTo(samples.reduce((a, b) => a + b, 0) / samples.length, 9);
    }
  });

  it('interpolates a blink linearly and extends the first and last value', () => {
    const missing = (n: number) => n < 20 || (n >= 50 && n < 70) || n >= 90;
    const values = read(100, 100, (n) => (missing(n) ? Number.NaN : Math.floor(n / 10)));
    expect(values).toEqual([2, 2, 2, 3, 4, 5, 6, 7, 8, 8]);
  });

  it('leaves out the samples within the margin before and after a loss', () => {
    const values = read(100, 100, (n) => (n === 45 ? Number.NaN : Math.abs(n - 45) <= 5 ? 99 : 1), 5);
    expect(values).toEqual(Array(10).fill(1));
    expect(read(100, 100, (n) => (n === 45 ? Number.NaN : Math.abs(n - 45) <= 6 ? 99 : 1), 5)[3]).toBeGreaterThan(1);
  });

  it('reads the last values, and none that begins before the range', () => {
    const trace = new PupilTrace(100, 30, 0);
    for (let n = 0; n < 1000; n++) trace.push(n, Math.floor(n / 10));
    const out = new Float64Array(30);
    expect(trace.read(0, 1000, out).length).toBe(30);
    expect([out[0], out[29]]).toEqual([70, 99]);
    expect(trace.read(955, 995, out).length).toBe(3);
    expect([...out.subarray(0, 3)]).toEqual([96, 97, 98]);
  });

  it('is empty where no diameter was measured', () => {
    expect(read(100, 100, () => Number.NaN)).toEqual([]);
  });

  it('interpolates over any number of lost samples', () => {
    const trace = new PupilTrace(100, 30, 5);
    for (let n = 0; n < 100; n++) trace.push(n, 1);
    const far = 100 * 86_400 * 365;
    trace.skip(far);
    for (let n = far; n < far + 100; n++) trace.push(n, 4);
    trace.close();
    const out = new Float64Array(30);
    expect(trace.read(0, far + 100, out).length).toBe(30);
    expect([...out]).toEqual(Array(30).fill(4));
  });
});
