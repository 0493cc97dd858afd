import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostClock } from '../../devices/host-clock.ts';

/** Delays of a USB serial link: a latency timer, and occasional stalls of a busy host. */
function simulate(options: {
  seed: number;
  seconds: number;
  driftPpm: number;
  jitterUs?: number;
  stallEvery?: number;
}): { hostUs: number; errUs: number; trueUs: number; arrivalUs: number }[] {
  const random = mulberry(options.seed);
  const clock = new HostClock();
  const out = [];
  const start = 5e9 * random();
  let arrivalUs = 0;
  for (let i = 0; i < options.seconds * 50; i++) {
    const trueUs = start + i * 20_000;
    const deviceUs = (trueUs - start) * (1 + options.driftPpm * 1e-6) + 123;
    let delay = random() * (options.jitterUs ?? 16_000);
    if (options.stallEvery && i % options.stallEvery < 25) delay += (25 - (i % options.stallEvery)) * 20_000;
    arrivalUs = Math.max(arrivalUs, trueUs + delay);
    clock.observe(deviceUs, arrivalUs);
    out.push({ hostUs: clock.hostTimeUs(deviceUs), errUs: clock.errUs(deviceUs), trueUs, arrivalUs });
  }
  return out;
}

function mulberry(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('HostClock', () => {
  it('never goes back, and its error is within the reported bound, for any drift, jitter and stalls', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer(),
          seconds: fc.constantFrom(3, 20, 100),
          driftPpm: fc.integer({ min: -200, max: 200 }),
          jitterUs: fc.integer({ min: 0, max: 16_000 }),
          stallEvery: fc.constantFrom(0, 170, 1000),
        }),
        (options) => {
          let previous = Number.NEGATIVE_INFINITY;
          for (const { hostUs, errUs, trueUs } of simulate(options)) {
            expect(hostUs).toBeGreaterThanOrEqual(previous);
            // A stall of the first arrival cannot be detected from the arrivals so far.
            if (!options.stallEvery) expect(Math.abs(hostUs - trueUs)).toBeLessThanOrEqual(errUs);
            previous = hostUs;
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('follows a drift of 50 ppm to about a millisecond under 16 ms of jitter and half-second stalls', () => {
    for (const driftPpm of [-50, 50]) {
      const late = simulate({ seed: 7, seconds: 300, driftPpm, stallEvery: 500 }).slice(30 * 50);
      const worst = Math.max(...late.map(({ hostUs, trueUs }) => Math.abs(hostUs - trueUs)));
      expect(worst).toBeLessThan(1500);
      for (const { hostUs, errUs, trueUs } of late) expect(Math.abs(hostUs - trueUs)).toBeLessThanOrEqual(errUs);
      expect(Math.max(...late.map(({ errUs }) => errUs))).toBeLessThan(10_000);
    }
  });

  it('is within the delay of the first sample, and reports a larger error', () => {
    const clock = new HostClock();
    clock.observe(1000, 51_000);
    expect(clock.hostTimeUs(1000)).toBe(51_000);
    expect(clock.errUs(1000)).toBeGreaterThan(16_000);
  });

  it('shifts all samples of one arrival equally, for any cut, and converges to a lower line without going back', () => {
    const clock = new HostClock();
    let previous = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < 100; i++) {
      const firstUs = i * 20_000;
      const lastUs = firstUs + 16_000;
      // the first arrival was 30 ms late
      const arrivalUs = lastUs + (i === 0 ? 30_000 : 0);
      clock.observe(firstUs + 4000, arrivalUs, firstUs);
      const early = clock.hostTimeUs(lastUs);
      clock.observe(lastUs, arrivalUs, firstUs + 8000);
      expect(clock.hostTimeUs(lastUs)).toBe(early);
      for (let us = firstUs; us <= lastUs; us += 4000) {
        expect(clock.hostTimeUs(us)).toBeGreaterThanOrEqual(previous);
        previous = clock.hostTimeUs(us);
      }
    }
    expect(previous).toBe(99 * 20_000 + 16_000);
  });

  it('starts again after a restart of the device, without going back', () => {
    const clock = new HostClock();
    for (let i = 0; i < 500; i++) clock.observe(i * 20_000, 1e6 + i * 20_000);
    const before = clock.hostTimeUs(499 * 20_000);
    clock.restart();
    clock.observe(5000, before + 3e6);
    expect(clock.hostTimeUs(5000)).toBe(before + 3e6);
    clock.restart();
    clock.observe(5000, before + 4e6);
    expect(clock.hostTimeUs(0)).toBeGreaterThanOrEqual(before + 3e6);
  });
});
