/** The only place that reads a system clock; all other code is given one. */
export interface Clock {
  /** Monotonic microseconds. */
  monoUs(): number;
  /** Microseconds since 1970. */
  unixUs(): number;
}

/** A larger difference between wall clock and monotonic clock means that one has drifted or the other has been set. */
const RESYNC_US = 2000;

function createSystemClock(): Clock {
  let offsetUs = Number.NaN;
  const monoUs = (): number => performance.now() * 1000;
  const unixUs = (): number => {
    const mono = monoUs();
    const wall = Date.now() * 1000;
    // Date.now() counts whole milliseconds; the monotonic clock adds the microseconds.
    if (!(Math.abs(mono + offsetUs - wall) < RESYNC_US)) offsetUs = wall - mono;
    return mono + offsetUs;
  };
  return { monoUs, unixUs };
}

export const systemClock: Clock = createSystemClock();

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
}
