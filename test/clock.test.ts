import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { steadyClock } from '../src/clock.ts';

const HOUR_US = 3600e6;

/** A clock whose readings the test sets. */
function setUp() {
  const hands = { monoUs: 5e6, wallUs: 1.7e15 };
  const clock = steadyClock(
    () => hands.monoUs,
    () => hands.wallUs,
  );
  const pass = (us: number): void => {
    hands.monoUs += us;
    hands.wallUs += us;
  };
  return { hands, clock, pass };
}

describe('a steady clock', () => {
  it('goes on after the wall clock was set back, and states by how much', () => {
    const { hands, clock, pass } = setUp();
    expect([clock.unixUs(), clock.steppedUs()]).toEqual([1.7e15, 0]);
    hands.wallUs -= HOUR_US;
    pass(1e6);
    expect([clock.unixUs(), clock.steppedUs()]).toEqual([1.7e15 + 1e6, HOUR_US]);
    hands.wallUs += HOUR_US;
    expect([clock.unixUs(), clock.steppedUs()]).toEqual([1.7e15 + 1e6, 0]);
  });

  it('follows the wall clock forward, and states by how much', () => {
    const { hands, clock, pass } = setUp();
    clock.unixUs();
    hands.wallUs += 24 * HOUR_US;
    pass(1e6);
    expect([clock.unixUs(), clock.steppedUs()]).toEqual([1.7e15 + 24 * HOUR_US + 1e6, 24 * HOUR_US]);
  });

  it('does not take a coarse wall clock or a short pause for a step', () => {
    const { hands, clock, pass } = setUp();
    for (let i = 0; i < 100; i++) {
      pass(10_000);
      hands.wallUs += i % 2 === 0 ? 900 : -900;
      clock.unixUs();
    }
    hands.wallUs -= 0.2e6;
    expect(clock.steppedUs()).toBe(0);
  });

  it('never goes back, whatever is done to the wall clock', () => {
    const step = fc.record({ us: fc.integer({ min: 0, max: 1e7 }), wallUs: fc.integer({ min: -1e11, max: 1e11 }) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { hands, clock, pass } = setUp();
        let last = clock.unixUs();
        for (const { us, wallUs } of steps) {
          pass(us);
          hands.wallUs += wallUs;
          const now = clock.unixUs();
          expect(now).toBeGreaterThanOrEqual(last);
          last = now;
        }
      }),
    );
  });
});
