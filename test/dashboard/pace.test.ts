/** How often a picture is drawn, on a clock that the test turns. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const FRAME_MS = 16;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Drawings in two seconds in which one is asked for every 5 ms. */
async function drawingsOf(periodMs: number, wantsCalm: boolean): Promise<number> {
  vi.stubGlobal('matchMedia', () => ({ matches: wantsCalm }));
  vi.stubGlobal('requestAnimationFrame', (run: FrameRequestCallback) =>
    setTimeout(() => run(performance.now()), FRAME_MS),
  );
  const { paced } = await import('../../src/dashboard/pace.ts');
  let drawings = 0;
  const ask = paced(periodMs, () => drawings++);
  for (let ms = 0; ms < 2000; ms += 5) {
    ask();
    vi.advanceTimersByTime(5);
  }
  return drawings;
}

it('draws with the frames of the screen, however often it is asked', async () => {
  const drawings = await drawingsOf(0, false);
  expect(drawings).toBeGreaterThan(0.8 * (2000 / (FRAME_MS + 5)));
  expect(drawings).toBeLessThanOrEqual(2000 / FRAME_MS);
});

it('keeps to a slower pace', async () => {
  const drawings = await drawingsOf(100, false);
  expect(drawings).toBeGreaterThan(15);
  expect(drawings).toBeLessThanOrEqual(20);
});

it('draws twice a second at most for those who want less motion', async () => {
  const drawings = await drawingsOf(0, true);
  expect(drawings).toBeGreaterThanOrEqual(3);
  expect(drawings).toBeLessThanOrEqual(4);
});
