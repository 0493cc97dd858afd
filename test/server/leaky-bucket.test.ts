import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeakyBucket } from '../../src/server/leaky-bucket.ts';

describe('LeakyBucket', () => {
  it('holds its capacity at once, and never more than capacity and leak over any time', () => {
    const arrivals = fc.array(fc.tuple(fc.integer({ min: 0, max: 2_000_000 }), fc.integer({ min: 1, max: 5 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        arrivals,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 10 }),
        (steps, capacity, leak) => {
          const bucket = new LeakyBucket(capacity, leak);
          let [nowUs, sum] = [0, 0];
          for (const [waitUs, amount] of steps) {
            nowUs += waitUs;
            sum += amount;
            if (bucket.add(amount, nowUs)) return;
            expect(sum).toBeLessThanOrEqual(capacity + (leak * nowUs) / 1e6 + 1e-6);
          }
        },
      ),
    );
  });

  it('forgives with time', () => {
    const bucket = new LeakyBucket(2, 0.2);
    expect([0, 0, 0].map((us) => bucket.add(1, us))).toEqual([false, false, true]);
    expect(bucket.add(1, 10e6)).toBe(false);
  });
});
