import type { DeviceCounts, DeviceEvent } from '../../src/samples.ts';

/**
 * A device's protocol without any I/O: the link feeds it bytes and times and writes what it asks for, so that the same
 * code is tested with arrays, runs on a real port or socket, and never reads a clock.
 */
export interface ProtocolSession {
  /** The link was opened, for the first time or again: returns the bytes to write first. */
  opened(nowUs: number): Uint8Array[];
  /**
   * Bytes that arrived together at `arrivalUs` (host's monotonic clock). How they are cut does not change the outcome.
   * Throws `AffectEdgeError` for what no retry mends (`BAUD_TOO_LOW`, `DEVICE_WRONG`).
   */
  push(bytes: Uint8Array, arrivalUs: number): DeviceEvent[];
  /** Called about every 100 ms while open, for requests that time out; throws as `push` does. */
  tick(nowUs: number): DeviceEvent[];
  /** Bytes to write that `push` or `tick` have asked for since the last call. */
  takeWrites(): Uint8Array[];
  /** The link broke: what was half received counts as discarded; the index goes on with the loss told by the clocks. */
  interrupted(): DeviceEvent[];
  /** Bytes to write before the link is closed on purpose. */
  closing(): Uint8Array[];
  /** Why no sample comes, as far as the bytes so far tell, and the way out: a sentence. */
  readonly silence?: string;
  readonly counts: Omit<DeviceCounts, 'reconnects'>;
}
