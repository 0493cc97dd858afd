/** The 33-byte packet of the OpenBCI Cyton: 0xA0, counter, 8 x int24 (big endian), 6 auxiliary bytes, 0xC0-0xCF. */

export const PACKET_BYTES = 33;
export const PACKET_CHANNELS = 8;
/** Packets per second. With a Daisy two packets make one sample, which halves the sampling rate. */
export const PACKET_RATE_HZ = 250;

/** The 8-bit counter returns to 0 after this many packets. */
export const TURN = 256;
/** A packet may arrive late by up to this many; serial links hardly reorder. */
export const LATE_PACKETS = 8;

export const HEADER = 0xa0;

/** The low half of the footer gives the type of the auxiliary bytes (0xC0: accelerometer). */
export function isFooter(byte: number): boolean {
  return (byte & 0xf0) === 0xc0;
}

export interface CytonPacket {
  readonly counter: number;
  /** 8 channels in ADC counts. */
  readonly counts: Int32Array;
  /** Arrival of its last byte, on the host's monotonic clock. */
  readonly arrivalUs: number;
}

/** The 8 channels in ADC counts of the packet that starts at `at`. */
export function readCounts(bytes: Uint8Array, at: number): Int32Array {
  const counts = new Int32Array(PACKET_CHANNELS);
  for (let c = 0; c < PACKET_CHANNELS; c++) {
    const i = at + 2 + 3 * c;
    counts[c] = ((bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8)) >> 8;
  }
  return counts;
}

/** A packet as the board sends it, with zero auxiliary bytes; counts beyond 24 bits are clipped as by the ADC. */
export function encodePacket(counter: number, counts: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(PACKET_BYTES);
  bytes[0] = HEADER;
  bytes[1] = counter;
  for (let c = 0; c < PACKET_CHANNELS; c++) {
    const count = Math.max(-(2 ** 23), Math.min(2 ** 23 - 1, counts[c]!));
    const i = 2 + 3 * c;
    bytes[i] = count >> 16;
    bytes[i + 1] = count >> 8;
    bytes[i + 2] = count;
  }
  bytes[PACKET_BYTES - 1] = 0xc0;
  return bytes;
}
