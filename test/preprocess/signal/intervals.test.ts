import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Intervals } from '../../../src/preprocess/signal/intervals.ts';

/** Ranges in order of their starts, as a stream adds them. */
const ranges = fc
  .array(fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 20 })), { maxLength: 20 })
  .map((list) => list.map(([from, size]) => [from, from + size] as const).sort(([a], [b]) => a - b));

describe('Intervals', () => {
  it('equals one mark per sample, also after dropping earlier samples', () => {
    fc.assert(
      fc.property(ranges, fc.nat(130), fc.nat(50), fc.nat(130), (list, from, size, dropped) => {
        const intervals = new Intervals();
        const marks = new Uint8Array(200);
        for (const [a, b] of list) {
          intervals.add(a, b);
          marks.fill(1, a, b);
        }
        intervals.dropBefore(Math.min(dropped, from));
        const expected = marks.subarray(from, from + size).reduce((sum, mark) => sum + mark, 0);
        expect(intervals.overlap(from, from + size)).toBe(expected);
        expect(intervals.touches(from, from + size)).toBe(expected > 0);
        expect(intervals.endAround(from)).toBe(from + marks.subarray(from).indexOf(0));
      }),
    );
  });

  it('is empty after clear()', () => {
    const intervals = new Intervals();
    intervals.add(0, 10);
    intervals.clear();
    expect(intervals.overlap(0, 10)).toBe(0);
  });
});
