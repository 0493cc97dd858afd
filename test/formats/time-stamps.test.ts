import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapsFromTimeStamps, periodFromTimeStamps, rateFromTimeStamps } from '../../src/formats/time-stamps.ts';

const rateHz = 250;
/** Stamps of rows at 250 Hz: `losses[i]` samples are missing after (i + 1) * 400 rows, and `jitter` is in periods. */
function stamps(losses: readonly number[], jitter: readonly number[]): Float64Array {
  let lost = 0;
  return Float64Array.from({ length: (losses.length + 1) * 400 }, (_, row) => {
    if (row > 0 && row % 400 === 0) lost += losses[row / 400 - 1]!;
    return 7 + (row + lost + jitter[row % jitter.length]!) / rateHz;
  });
}

describe('time stamps', () => {
  const losses = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 4 });
  const jitter = fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: 50, maxLength: 97 });

  it('show every loss exactly with jitter of a tenth of a period', () => {
    fc.assert(
      fc.property(losses, jitter, (lost, moved) => {
        const gaps = gapsFromTimeStamps(stamps(lost, moved), rateHz);
        expect(gaps).toEqual(lost.map((n, i) => ({ row: (i + 1) * 400, lost: n })));
      }),
    );
  });

  it('give the period and the rate despite losses', () => {
    fc.assert(
      fc.property(losses, jitter, (lost, moved) => {
        const times = stamps(lost, moved);
        expect(periodFromTimeStamps(times, rateHz)).toBe(1 / rateHz);
        expect(rateFromTimeStamps(times)).toBe(rateHz);
      }),
    );
  });

  it('give the period where the declared rate is wrong', () => {
    fc.assert(
      fc.property(jitter, (moved) => {
        expect(periodFromTimeStamps(stamps([0, 0], moved), 100)).toBeCloseTo(1 / rateHz, 5);
      }),
    );
  });

  it('show no loss where a sender stalls and then sends the waiting rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), fc.integer({ min: 300, max: 1200 }), (stalled, at) => {
        const times = stamps([0, 0, 0, 0], [0]);
        for (let i = 0; i < stalled; i++) times[at + i] = times[at + stalled]!;
        expect(gapsFromTimeStamps(times, rateHz)).toEqual([]);
      }),
    );
  });

  it('may have fewer than three rows', () => {
    for (const times of [[], [1], [1, 1]]) expect(gapsFromTimeStamps(Float64Array.from(times), rateHz)).toEqual([]);
  });
});
