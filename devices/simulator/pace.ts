/** Calls `step` repeatedly until the returned function is called. */
export type Pace = (step: () => void) => () => void;

/** Uses the system's timer. A step reads the clock, so a late call does no harm. */
export function everyMs(periodMs: number): Pace {
  return (step) => {
    const timer = setInterval(step, periodMs);
    return () => clearInterval(timer);
  };
}
