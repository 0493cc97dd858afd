import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderRows } from '../../../src/formats/time/order.ts';
import { Random } from '../../../src/random.ts';

const steady = (rows: number, rateHz = 256) => Array.from({ length: rows }, (_, row) => row / rateHz);
/** Orders rows whose values are their places in `samples`. */
const order = (times: readonly number[], samples: readonly number[] = times) =>
  orderRows(Float64Array.from(times), (a, b) => samples[a] === samples[b]);
const IN_ORDER = { restarts: [], damaged: [], repeated: 0, moved: 0, simultaneous: 0 };

describe('orderRows', () => {
  it('keeps rows that are in order', () => {
    const times = steady(1000);
    expect(order(times)).toEqual({ ...IN_ORDER, rows: [...times.keys()], timesS: Float64Array.from(times) });
  });

  it('drops packets that come twice and moves packets that come late, wherever they are', () => {
    const packets = fc.record({
      rows: fc.integer({ min: 1, max: 40 }),
      changes: fc.array(fc.tuple(fc.constantFrom('twice', 'late'), fc.integer({ min: 1, max: 20 })), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(packets, ({ rows, changes }) => {
        const sent = Array.from({ length: 200 }, (_, p) => Array.from({ length: rows }, (_, i) => p * rows + i));
        const received: number[][] = [...sent];
        let [repeated, moved] = [0, 0];
        // From the last packet to the first, so that earlier places stay.
        for (const [c, [kind, by]] of changes.entries()) {
          const at = 55 - 9 * c;
          if (kind === 'twice') {
            received.splice(at + 1, 0, received[at]!);
            repeated += rows;
          } else if (by % 2 === 1) {
            received.splice(at, 2, received[at + 1]!, received[at]!);
            moved += rows;
          }
        }
        const samples = received.flat();
        const found = order(
          samples.map((sample) => sample / 256),
          samples,
        );
        expect(found).toMatchObject({ ...IN_ORDER, repeated, moved });
        expect(found.rows.map((row) => samples[row])).toEqual(sent.flat());
      }),
    );
  });

  it('begins a new piece where time restarts, 1 s after the last one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 40, max: 3000 }), (trials, rows) => {
        const times = Array.from({ length: trials }, () => steady(rows)).flat();
        const found = order(times, [...times.keys()]);
        expect(found).toMatchObject({
          ...IN_ORDER,
          restarts: Array.from({ length: trials - 1 }, (_, t) => (t + 1) * rows),
        });
        expect(found.rows).toEqual([...times.keys()]);
        for (const row of found.restarts) expect(found.timesS[row]! - found.timesS[row - 1]!).toBeCloseTo(1, 9);
      }),
      { numRuns: 30 },
    );
  });

  it('begins a new piece where the clock is set back by an hour', () => {
    const times = steady(6000).map((time, row) => (row < 2500 ? time + 7200 : time + 3600));
    expect(order(times)).toMatchObject({ ...IN_ORDER, restarts: [2500] });
  });

  it.each([
    ['falls', -5],
    ['is ahead', 1e9],
  ])('reports one stamp that %s, and takes the one before', (_, by) => {
    const times = steady(1000);
    times[600]! += by;
    const found = order(times, [...times.keys()]);
    expect(found).toMatchObject({ ...IN_ORDER, damaged: [600] });
    expect(found.timesS[600]).toBe(times[599]);
    expect(found.timesS[601]).toBe(times[601]);
  });

  it('keeps rows whose stamps jitter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.double({ min: 0.2, max: 2, noNaN: true }), (seed, periods) => {
        const random = new Random(seed);
        const times = steady(2000).map((time) => time + (periods * (random.uniform() - 0.5)) / 256);
        const found = order(times, [...times.keys()]);
        expect(found.rows).toEqual([...times.keys()]);
        expect(found.restarts).toEqual([]);
      }),
    );
  });

  it('keeps bursts of rows with equal times, and counts single ones', () => {
    const bursts = steady(1200).map((_, row) => Math.floor(row / 12) / 21);
    expect(
      order(
        bursts,
        bursts.map(() => 0),
      ).rows,
    ).toHaveLength(1200);
    const times = steady(1200);
    times[700] = times[699]!;
    expect(order(times, [...times.keys()])).toMatchObject({ ...IN_ORDER, simultaneous: 1 });
    expect(order(times).repeated).toBe(1);
  });
});
