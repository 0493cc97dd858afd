import { AffectEdgeError } from '../../src/errors.ts';
import { BYTES_PER_SAMPLE, DATA_OVERHEAD_BYTES, type Descriptor } from './frame.ts';

/** Start bit, eight data bits, stop bit. */
const BITS_PER_BYTE = 10;
const COMMON_BAUDS = [
  115_200, 230_400, 460_800, 500_000, 921_600, 1_000_000, 1_500_000, 2_000_000, 3_000_000, 4_000_000,
];

/**
 * *
 * @throws BAUD_TOO_LOW where the samples alone exceed the line's capacity. The proposed rate and baud also fit the
 * framing of one frame a sample.
 */
export function checkBaud({ channels, sampleFormat, sampleRateHz }: Descriptor, baud: number): void {
  const sampleBytes = channels.length * BYTES_PER_SAMPLE[sampleFormat];
  const neededBaud = sampleBytes * sampleRateHz * BITS_PER_BYTE;
  if (neededBaud <= baud) return;
  const frameBits = (sampleBytes + DATA_OVERHEAD_BYTES) * BITS_PER_BYTE;
  const fittingBaud = COMMON_BAUDS.find((common) => common >= frameBits * sampleRateHz);
  throw new AffectEdgeError(
    'BAUD_TOO_LOW',
    `${baud} baud is too low: the device declares ${channels.length} channels of ${sampleFormat} at ${sampleRateHz} Hz, ` +
      `which need ${Math.ceil(neededBaud)} baud for the samples alone. At ${baud} baud ` +
      `${Math.floor(baud / frameBits)} Hz would fit; for ${sampleRateHz} Hz use ` +
      `${fittingBaud === undefined ? 'a USB CDC link' : `--baud ${fittingBaud}`} or fewer channels.`,
  );
}
