/** How often `throttled` draws, with a fake clock. */
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

/** Number of drawings in two seconds, with a request every 5 ms. */
async function drawingsOf(periodMs: number, reducedMotion: boolean): Promise<number> {
  vi.stubGlobal('matchMedia', () => ({ matches: reducedMotion }));
  vi.stubGlobal('requestAnimationFrame', (run: FrameRequestCallback) =>
    setTimeout(() => run(performance.now()), FRAME_MS),
  );
  const { throttled } = await import('../../src/dashboard/throttle.ts');
  let drawings = 0;
  const requestDraw = throttled(periodMs, () => drawings++);
  for (let ms = 0; ms < 2000; ms += 5) {
    requestDraw();
    vi.advanceTimersByTime(5);
  }
  return drawings;
}

it('draws at most once per animation frame, however often it is requested', async () => {
  const drawings = await drawingsOf(0, false);
  expect(drawings).toBeGreaterThan(0.8 * (2000 / (FRAME_MS + 5)));
  expect(drawings).toBeLessThanOrEqual(2000 / FRAME_MS);
});

it('draws at most once per period', async () => {
  const drawings = await drawingsOf(100, false);
  expect(drawings).toBeGreaterThan(15);
  expect(drawings).toBeLessThanOrEqual(20);
});

it('draws at most twice a second if the user prefers reduced motion', async () => {
  const drawings = await drawingsOf(0, true);
  expect(drawings).toBeGreaterThanOrEqual(3);
  expect(drawings).toBeLessThanOrEqual(4);
});
