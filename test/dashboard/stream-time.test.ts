import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { StreamTime } from '../../src/dashboard/stream-time.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const START_US = 1.7e15;

it("continues with the page's clock while nothing arrives", () => {
  const time = new StreamTime();
  expect(time.isKnown).toBe(false);
  time.observe(START_US);
  expect(time.isKnown).toBe(true);
  vi.advanceTimersByTime(2500);
  expect(time.nowUs() - START_US).toBeCloseTo(2.5e6, -1);
});

it('smooths frames that arrive early or late', () => {
  const time = new StreamTime();
  for (let ms = 0; ms < 10_000; ms += 40) {
    const lateMs = ms % 80 === 0 ? 15 : -15;
    time.observe(START_US + (ms - lateMs) * 1000);
    if (ms > 5000) expect(Math.abs(time.nowUs() - START_US - ms * 1000)).toBeLessThan(2000);
    vi.advanceTimersByTime(40);
  }
});

it('follows a jump of the stream at once', () => {
  const time = new StreamTime();
  time.observe(START_US);
  time.observe(START_US + 60e6);
  expect(time.nowUs()).toBeCloseTo(START_US + 60e6, -1);
  time.observe(START_US);
  expect(time.nowUs()).toBeCloseTo(START_US, -1);
});
