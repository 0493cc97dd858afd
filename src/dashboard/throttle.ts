const REDUCED_MOTION_MS = 500;
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * Returns a function that requests a drawing. `draw` is called in an animation frame, at most once in `periodMs` however
 * often it is requested, and at most twice a second if the user prefers reduced motion.
 */
export function throttled(periodMs: number, draw: () => void): () => void {
  let isRequested = false;
  let drawnMs = Number.NEGATIVE_INFINITY;
  const run = (nowMs: number): void => {
    isRequested = false;
    drawnMs = nowMs;
    draw();
  };
  return () => {
    if (isRequested) return;
    isRequested = true;
    const waitMs =
      drawnMs + (reducedMotion.matches ? Math.max(REDUCED_MOTION_MS, periodMs) : periodMs) - performance.now();
    if (waitMs > 0) setTimeout(() => requestAnimationFrame(run), waitMs);
    else requestAnimationFrame(run);
  };
}
