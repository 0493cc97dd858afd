/** An edge this close to a bin, in bins, is on the bin: 0.3 Hz x 800 / 200 Hz is not exactly 1.2 in binary. */
const TOLERANCE = 1e-9;

/** The first bin at or above `hz` of a discrete Fourier transform of `length` samples. */
export function binFrom(hz: number, length: number, rateHz: number): number {
  return Math.ceil((hz * length) / rateHz - TOLERANCE);
}
