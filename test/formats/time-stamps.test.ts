import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapsByTime, rateOfTimes, rowPeriodS } from '../../src/formats/time-stamps.ts';

const rateHz = 250;
/** Stamps of rows at 250 Hz that have `losses[i]` samples missing after (i + 1) * 400 rows, each moved by `jitter` periods. */
function stamps(losses: readonly number[], jitter: readonly number[]): Float64Array {
  let lost = 0;
  return Float64Array.from({ length: (losses.length + 1) * 400 }, (_, row) => {
    if (row > 0 && row % 400 === 0) lost += losses[row / 400 - 1]!;
    return 7 + (row + lost + jitter[row % jitter.length]!) / rateHz;
  });
}

describe('gaps by time stamps', () => {
  const losses = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 4 });
  const jitter = fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: 50, maxLength: 97 });

  it('finds every loss exactly under jitter of a tenth of a period', () => {
    fc.assert(
      fc.property(losses, jitter, (lost, moved) => {
        const gaps = gapsByTime(stamps(lost, moved), rateHz);
        expect(gaps).toEqual(lost.map((n, i) => ({ row: (i + 1) * 400, lost: n })));
      }),
    );
  });

  it('keeps the period and the rate through losses', () => {
    fc.assert(
      fc.property(losses, jitter, (lost, moved) => {
        const times = stamps(lost, moved);
        expect(rowPeriodS(times, rateHz)).toBe(1 / rateHz);
        expect(rateOfTimes(times)).toBe(rateHz);
      }),
    );
  });

  it('measures the period where the declared rate is wrong', () => {
    fc.assert(
      fc.property(jitter, (moved) => {
        expect(rowPeriodS(stamps([0, 0], moved), 100)).toBeCloseTo(1 / rateHz, 5);
      }),
    );
  });

  it('finds none where a sender stalls and then hands over what waited', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), fc.integer({ min: 300, max: 1200 }), (stalled, at) => {
        const times = stamps([0, 0, 0, 0], [0]);
        for (let i = 0; i < stalled; i++) times[at + i] = times[at + stalled]!;
        expect(gapsByTime(times, rateHz)).toEqual([]);
      }),
    );
  });

  it('copes with too few rows', () => {
    for (const times of [[], [1], [1, 1]]) expect(gapsByTime(Float64Array.from(times), rateHz)).toEqual([]);
  });
});
