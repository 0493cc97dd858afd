/** The only place that reads a system clock; all other code is given one. */
export interface Clock {
  /** Monotonic microseconds. */
  monoUs(): number;
  /** Microseconds since 1970; never goes back, and advances with `monoUs` except where the wall clock is set forward. */
  unixUs(): number;
  /** By how much the wall clock has been set since the start, in microseconds: `unixUs` may be wrong by this much. */
  steppedUs(): number;
}

/** A larger jump of the wall clock against the monotonic clock is a step; smaller ones are delays of this process. */
export const STEP_US = 0.5e6;

/**
 * A clock that a step of the wall clock does not turn back: after a step back it goes on from before, after a step forward
 * it follows.
 *
 * @param monoUs reads the monotonic clock
 * @param wallUs reads the wall clock, in microseconds since 1970
 */
export function steadyClock(monoUs: () => number, wallUs: () => number): Clock {
  let offsetUs = Number.NEGATIVE_INFINITY;
  let forwardUs = 0;
  let behindUs = 0;
  const read = (): number => {
    // In this order a pause between the readings makes the offset smaller, and the largest one is kept.
    const wall = wallUs();
    const mono = monoUs();
    const aheadUs = wall - mono - offsetUs;
    behindUs = Math.max(0, -aheadUs);
    if (aheadUs > 0) {
      if (Number.isFinite(aheadUs) && aheadUs >= STEP_US) forwardUs += aheadUs;
      offsetUs = wall - mono;
    }
    return mono;
  };
  return {
    monoUs,
    unixUs: () => read() + offsetUs,
    steppedUs: () => {
      read();
      return forwardUs + (behindUs >= STEP_US ? behindUs : 0);
    },
  };
}

export const systemClock: Clock = steadyClock(
  () => performance.now() * 1000,
  () => Date.now() * 1000,
);

/** A clock that is advanced by hand: a replay at full speed runs on the recording's own time. */
export class VirtualClock implements Clock {
  readonly #startUnixUs: number;
  #nowUs = 0;

  constructor(startUnixUs: number) {
    this.#startUnixUs = startUnixUs;
  }

  advanceTo(us: number): void {
    this.#nowUs = Math.max(this.#nowUs, us);
  }

  monoUs(): number {
    return this.#nowUs;
  }

  unixUs(): number {
    return this.#startUnixUs + this.#nowUs;
  }

  steppedUs(): number {
    return 0;
  }
}
