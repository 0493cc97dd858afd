/** Calls `step` again and again until the returned function is called. */
export type Pace = (step: () => void) => () => void;

/** By the system's timer; a late call is made up for by the clock that the step reads. */
export function everyMs(periodMs: number): Pace {
  return (step) => {
    const timer = setInterval(step, periodMs);
    return () => clearInterval(timer);
  };
}
