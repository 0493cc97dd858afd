import type { DeviceCounts, DeviceEvent } from '../../src/samples.ts';

/** What a driver counts itself; the link counts connections and the time without one. */
export type DriverCounts = Omit<DeviceCounts, 'reconnects' | 'awayMs'>;

/**
 * A device's protocol without I/O: the link passes it bytes and times, and writes what it asks for. It reads no
 * clock, so the same code runs on a port, on a socket and on arrays in tests.
 */
export interface ProtocolDriver {
  /** The link was opened, for the first time or again: returns the bytes to write first. */
  opened(nowUs: number): Uint8Array[];
  /**
   * Bytes that arrived together at `arrivalUs` (host's monotonic clock). How they are cut does not change the outcome.
   *
   * @throws AffectEdgeError where a retry cannot help (`BAUD_TOO_LOW`, `DEVICE_WRONG`).
   */
  push(bytes: Uint8Array, arrivalUs: number): DeviceEvent[];
  /** Called about every 100 ms while open, for requests that time out; throws as `push` does. */
  tick(nowUs: number): DeviceEvent[];
  /** Bytes to write that `push` or `tick` have asked for since the last call. */
  takeWrites(): Uint8Array[];
  /**
   * The link broke: incomplete frames count as discarded. The sample index goes on, with the loss taken from the
   * clocks.
   */
  interrupted(): DeviceEvent[];
  /** Bytes to write before the link is closed on purpose. */
  closing(): Uint8Array[];
  /** The likely reason why no sample comes, and what to do: a sentence. */
  readonly silence?: string;
  readonly counts: DriverCounts;
}
