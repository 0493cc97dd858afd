import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lossBeforeRowS } from '../../../src/formats/time/gaps.ts';
import { nearestRate, rateFromTimeStamps } from '../../../src/formats/time/rate.ts';

const RATES_HZ = [30, 59.94, 60, 90, 120, 128, 220, 250, 256, 300, 500, 600.615, 1000, 1250, 2000];

interface Stamped {
  readonly rateHz: number;
  readonly rows: number;
  /** Rows before which samples are lost, and how many. */
  readonly losses: readonly (readonly [row: number, lost: number])[];
  /** In periods, repeated over the rows. */
  readonly jitter: readonly number[];
  /** Sizes of the bursts that rows arrive in, repeated; 1: every row by itself. */
  readonly bursts: readonly number[];
  /** Stamps are rounded to this, in seconds; 0: not rounded. */
  readonly roundS: number;
}

function stamps({ rateHz, rows, losses, jitter, bursts, roundS }: Stamped): Float64Array {
  const timesS = new Float64Array(rows);
  let sample = 0;
  for (let row = 0; row < rows; row++) {
    sample += losses.find(([at]) => at === row)?.[1] ?? 0;
    timesS[row] = 1000 + (sample++ + jitter[row % jitter.length]!) / rateHz;
  }
  for (let row = 0, b = 0; row < rows; b++) {
    const end = Math.min(rows, row + bursts[b % bursts.length]!);
    timesS.fill(timesS[end - 1]!, row, end);
    row = end;
  }
  return roundS > 0 ? timesS.map((time) => Math.round(time / roundS) * roundS) : timesS;
}

const steady = { rateHz: 250, rows: 4000, losses: [], jitter: [0], bursts: [1], roundS: 0 };
const rateHz = fc.constantFrom(...RATES_HZ);
const noise = (most: number) =>
  fc.array(fc.double({ min: -most, max: most, noNaN: true }), { minLength: 50, maxLength: 97 });
const lossesOf = (least: number, most: number) =>
  fc
    .array(fc.integer({ min: least, max: most }), { maxLength: 4 })
    .map((lost) => lost.map((n, i) => [700 * (i + 1), n] as const));

describe('rate and losses of stamped rows', () => {
  it('are exact with jitter of a fifth of a period and any losses', () => {
    fc.assert(
      fc.property(rateHz, noise(0.1), lossesOf(1, 5000), (rate, jitter, losses) => {
        const found = rateFromTimeStamps(stamps({ ...steady, rateHz: rate, jitter, losses }));
        expect(found.rateHz / rate).toBeCloseTo(1, 4);
        expect(found.gaps).toEqual(losses.map(([row, lost]) => ({ row, lost })));
        expect(found.notices).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('are right within 0.1 %, without losses, with jitter of two periods', () => {
    fc.assert(
      fc.property(rateHz, noise(1), (rate, jitter) => {
        const found = rateFromTimeStamps(stamps({ ...steady, rateHz: rate, jitter }));
        expect(Math.abs(found.rateHz / rate - 1)).toBeLessThan(1e-3);
        expect(found.gaps).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('are right with bursts of up to 50 rows and losses of more than a burst', () => {
    const bursts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(rateHz, bursts, lossesOf(150, 5000), (rate, sizes, losses) => {
        const found = rateFromTimeStamps(stamps({ ...steady, rows: 8000, rateHz: rate, bursts: sizes, losses }));
        expect(Math.abs(found.rateHz / rate - 1)).toBeLessThan(2e-3);
        const lost = found.gaps.reduce((sum, gap) => sum + gap.lost, 0);
        expect(Math.abs(lost - losses.reduce((sum, [, n]) => sum + n, 0))).toBeLessThanOrEqual(0.002 * lost + 2);
      }),
      { numRuns: 60 },
    );
  });

  it('are right with one row in five lost', () => {
    fc.assert(
      fc.property(
        rateHz,
        fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1000, maxLength: 1000 }),
        (rate, at) => {
          const losses = [...new Set(at)].map((row) => [row, 1] as const);
          const found = rateFromTimeStamps(stamps({ ...steady, rateHz: rate, losses }));
          expect(found.rateHz / rate).toBeCloseTo(1, 6);
          expect(found.gaps.reduce((sum, gap) => sum + gap.lost, 0)).toBe(losses.filter(([row]) => row < 4000).length);
        },
      ),
      { numRuns: 20 },
    );
  });

  it.each([
    ['stamps in whole milliseconds', { rateHz: 256, roundS: 0.001 }, 256],
    ['20 rows in whole milliseconds', { rateHz: 256, rows: 20, roundS: 0.001 }, 256],
    ['bursts of 12 in whole milliseconds', { rateHz: 256, bursts: [12], roundS: 0.001 }, 256],
    ['a clock that is fast by 200 ppm', { rateHz: 250.05 }, 250],
    ['whole milliseconds at 2000 Hz', { rateHz: 2000, roundS: 0.001 }, 2000],
    ['a pause of ten minutes', { losses: [[2000, 150_000]] as const }, 250],
  ])('show the rate despite %s', (_, part, expected) => {
    const given: Stamped = { ...steady, ...part };
    const found = rateFromTimeStamps(stamps(given));
    expect(found.rateHz).toBe(expected);
    expect(found.gaps).toEqual(given.losses.map(([row, lost]) => ({ row, lost })));
  });

  it('show no loss where a sender stalls and then sends the waiting rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), fc.integer({ min: 300, max: 1200 }), (stalled, at) => {
        const times = stamps({ ...steady, rows: 2000 });
        for (let i = 0; i < stalled; i++) times[at + i] = times[at + stalled]!;
        expect(rateFromTimeStamps(times)).toMatchObject({ rateHz: 250, gaps: [] });
      }),
    );
  });

  it('keep a declared rate that differs by up to 2 %, and report a larger difference with both figures', () => {
    const times = stamps({ ...steady, rateHz: 245.5 });
    expect(rateFromTimeStamps(times, 250)).toEqual({ rateHz: 250, gaps: [], notices: [] });
    expect(rateFromTimeStamps(times, 500)).toMatchObject({
      rateHz: expect.closeTo(245.5, 6),
      notices: ['500 Hz is declared, but the time stamps show 245.5 Hz, which is used. --rate sets another'],
    });
  });

  it('report where steps and the whole recording disagree, with both figures', () => {
    const times = stamps({ ...steady, bursts: [10] });
    expect(rateFromTimeStamps(times).notices).toEqual([
      'rows come irregularly: most rows have the time of the row before, the whole recording shows 250 Hz, which is used. ' +
        '--rate sets another',
    ]);
    const close = times.map((time, row) => time + (row % 10) * 1e-4);
    expect(rateFromTimeStamps(close).notices.join()).toMatch(
      /most steps between rows show 10000 Hz, the whole .* 250 Hz/,
    );
  });

  it('report a rate that few coarse stamps leave uncertain', () => {
    const times = stamps({ ...steady, rateHz: 137, rows: 25, roundS: 0.01 });
    expect(rateFromTimeStamps(times).notices.join()).toMatch(/show the rate only within \d/);
  });

  it('may have fewer than three rows', () => {
    for (const times of [[], [1], [1, 1]]) {
      expect(rateFromTimeStamps(Float64Array.from(times), 250)).toEqual({ rateHz: 250, gaps: [], notices: [] });
    }
    expect(rateFromTimeStamps(Float64Array.of(1)).rateHz).toBeNaN();
  });
});

describe('nearestRate', () => {
  it.each([
    [249.9, 1e-6, 250],
    [600.615, 1e-6, 600.615],
    [59.94, 1e-6, 59.94],
    [59.94, 0.01, 60],
    [137.02, 1e-6, 137],
    [137.4, 1e-6, 137.4],
  ])('of %s Hz within %s is %s', (measured, uncertainty, expected) => {
    expect(nearestRate(measured, uncertainty)).toBe(expected);
  });
});

describe('lossBeforeRowS', () => {
  it('compares the least delay of both sides', () => {
    const times = stamps({ ...steady, losses: [[2000, 60]], jitter: [0, 0.4, 2, 0.1] });
    expect(lossBeforeRowS(times, 2000, 0, 1 / 250)).toBeCloseTo(60 / 250, 6);
    expect(lossBeforeRowS(times, 1000, 0, 1 / 250)).toBeCloseTo(0, 6);
  });
});
