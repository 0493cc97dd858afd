/** The only place that reads a clock; everything else gets one. */
export interface Clock {
  /** Monotonic microseconds. */
  monoUs(): number;
  /** Microseconds since 1970. */
  unixUs(): number;
}

export const systemClock: Clock = {
  monoUs: () => performance.now() * 1000,
  unixUs: () => Date.now() * 1000,
};
