/** What a reader of any format returns: rows of samples, the gaps between them, and facts about the file. */
import { AffectEdgeError } from '../errors.ts';
import type { Channel, Marker } from '../samples.ts';
import { fileInvalid } from './source-file.ts';

/** `lost` samples are missing before row `row`. */
export interface Gap {
  readonly row: number;
  readonly lost: number;
  /** The true length is unknown, as time restarts here; `lost` stands for it. */
  readonly isBreak?: boolean;
}

export interface ParsedFile {
  /** For messages, such as "EDF". */
  readonly format: string;
  readonly deviceId: string;
  readonly channels: readonly Channel[];
  readonly sampleRateHz: number;
  /** One array per channel, [rows]. NaN: the value is missing. */
  readonly data: readonly Float32Array[];
  /** In the order of their rows. */
  readonly gaps: readonly Gap[];
  /** In the order of their samples, on the sample index, which counts lost samples. */
  readonly markers: readonly Marker[];
  /** What the user should know about how the file was read. */
  readonly notices: readonly string[];
}

const RATES_HZ = { min: 1, max: 1e6 };
/** Limit of the sample index, lost samples included: 35 years at 1000 Hz. */
const MAX_SAMPLES = 2 ** 40;

/** Throws RATE_UNSUPPORTED, and FILE_INVALID for a gap that only a damaged time stamp can cause. */
export function checkPlausible(path: string, parsed: ParsedFile): void {
  const { sampleRateHz, gaps } = parsed;
  if (!(sampleRateHz >= RATES_HZ.min && sampleRateHz <= RATES_HZ.max)) {
    throw new AffectEdgeError(
      'RATE_UNSUPPORTED',
      `${path}: has the sampling rate ${sampleRateHz} Hz, expected ${RATES_HZ.min} to ${RATES_HZ.max}`,
    );
  }
  if (!(totalSamples(parsed) <= MAX_SAMPLES)) {
    const longest = gaps.reduce((a, b) => (b.lost > a.lost ? b : a));
    throw fileInvalid(
      path,
      `its time stamps are damaged: they jump by ${longest.lost / sampleRateHz} s before row ${longest.row + 1}`,
    );
  }
}

/** Length of the sample index: the rows and the lost samples between them. */
export function totalSamples({ data, gaps }: Pick<ParsedFile, 'data' | 'gaps'>): number {
  return gaps.reduce((sum, gap) => sum + gap.lost, data[0]!.length);
}

/** Position of row `row` on the sample index, which counts lost samples; `row` may be fractional. */
export function sampleOfRow(row: number, gaps: readonly Gap[]): number {
  let lost = 0;
  for (const gap of gaps) {
    if (gap.row > row) break;
    lost += gap.lost;
  }
  return row + lost;
}

export const bySample = (a: Marker, b: Marker): number => a.sample - b.sample;
