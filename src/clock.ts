/** The only place that reads a clock; everything else gets one. */
export interface Clock {
  /** Monotonic microseconds. */
  monoUs(): number;
  /** Microseconds since 1970. */
  unixUs(): number;
}

/** Further than this from the wall clock, the monotonic one is taken to have drifted or the wall clock to have stepped. */
const RESYNC_US = 2000;

function createSystemClock(): Clock {
  let offsetUs = Number.NaN;
  const monoUs = (): number => performance.now() * 1000;
  const unixUs = (): number => {
    const mono = monoUs();
    const wall = Date.now() * 1000;
    // Date.now() counts whole milliseconds: the monotonic clock fills in the microseconds, the wall clock keeps it true.
    if (!(Math.abs(mono + offsetUs - wall) < RESYNC_US)) offsetUs = wall - mono;
    return mono + offsetUs;
  };
  return { monoUs, unixUs };
}

export const systemClock: Clock = createSystemClock();

/** A clock that stands where it is put: a replay at full speed runs on the recording's own time. */
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
