const CALM_MS = 500;
const calm = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * Asks for a drawing, which comes with one of the screen's next frames however often it was asked for: at most once in
 * `periodMs`, and no more than twice a second where the user wants less motion.
 */
export function paced(periodMs: number, draw: () => void): () => void {
  let isAsked = false;
  let drawnMs = Number.NEGATIVE_INFINITY;
  const run = (nowMs: number): void => {
    isAsked = false;
    drawnMs = nowMs;
    draw();
  };
  return () => {
    if (isAsked) return;
    isAsked = true;
    const waitMs = drawnMs + (calm.matches ? Math.max(CALM_MS, periodMs) : periodMs) - performance.now();
    if (waitMs > 0) setTimeout(() => requestAnimationFrame(run), waitMs);
    else requestAnimationFrame(run);
  };
}
