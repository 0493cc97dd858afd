/** Opens a recording of any supported format as one stream of blocks. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { AffectEdgeError, messageOf } from '../errors.ts';
import type { Block, Marker, StreamInfo } from '../samples.ts';
import { readCsv } from './eeg/csv.ts';
import { readEdf } from './eeg/edf/reader.ts';
import { readOpenBciText } from './eeg/openbci-text.ts';
import { readXdf } from './eeg/xdf/reader.ts';
import { fileInvalid, type ParsedRecording, type RecordingOptions, type SourceFile } from './parsed.ts';

export type { RecordingOptions } from './parsed.ts';

export interface Recording {
  readonly path: string;
  readonly format: string;
  readonly info: StreamInfo;
  /** Length of the sample index: the samples that are there and the lost ones between them. */
  readonly totalSamples: number;
  readonly startUnixUs: number | null;
  /** In the order of their samples. */
  readonly markers: readonly Marker[];
  /** What the user should know about how the file was read. */
  readonly notices: readonly string[];
  /**
   * Blocks of up to `blockSamples` (default: a second), losses between them; times in microseconds from the first sample.
   */
  blocks(blockSamples?: number): Iterable<Block>;
}

const RATES_HZ = { min: 1, max: 1e6 };
/** Of the sample index, the lost ones included: 35 years at 1000 Hz. */
const MAX_SAMPLES = 2 ** 40;

/** What every reader gives, of whatever kind the signal is. */
type Rows = Pick<ParsedRecording, 'data' | 'gaps' | 'sampleRateHz'>;
type Reader = (file: SourceFile, options: RecordingOptions) => ParsedRecording;

const magics: readonly { magic: string; read: Reader }[] = [
  { magic: 'XDF:', read: readXdf },
  { magic: '\xffBIOSEMI', read: readEdf },
  { magic: '0       ', read: readEdf },
  { magic: '%OpenBCI', read: readOpenBciText },
];
const extensions: Record<string, Reader> = {
  '.xdf': readXdf,
  '.edf': readEdf,
  '.bdf': readEdf,
  '.csv': readCsv,
  '.tsv': readCsv,
  '.txt': readCsv,
};

/** Throws FILE_NOT_FOUND, FILE_UNSUPPORTED, FILE_INVALID, CONFIG_INVALID or RATE_UNSUPPORTED. */
export async function openRecording(path: string, options: RecordingOptions = {}): Promise<Recording> {
  return toRecording(path, parseRecording(await readSource(path), options), options);
}

/** Throws FILE_NOT_FOUND, FILE_UNSUPPORTED (too large), FILE_INVALID. */
export async function readSource(path: string): Promise<SourceFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw readError(path, error);
  });
  return { path, bytes };
}

/** The format is found by content first, then by the file's extension. */
export function parseRecording(file: SourceFile, options: RecordingOptions): ParsedRecording {
  if (file.bytes.length === 0) throw fileInvalid(file.path, 'is empty');
  const start = file.bytes.toString('latin1', 0, 8);
  const read =
    magics.find(({ magic }) => start.startsWith(magic))?.read ?? extensions[extname(file.path).toLowerCase()];
  if (!read) {
    const packed = start.startsWith('\x1f\x8b') ? ' It is packed by gzip: unpack it first.' : '';
    throw new AffectEdgeError(
      'FILE_UNSUPPORTED',
      `${file.path}: is no recording that can be read.${packed} Supported are EDF, EDF+, BDF, BDF+, XDF, ` +
        'text of the OpenBCI GUI, and CSV with a header (.csv, .tsv, .txt).',
    );
  }
  const parsed = read(file, options);
  checkOptions(file.path, parsed, options);
  return plausible(file.path, parsed);
}

/** What a file states itself can't be said otherwise: another rate would move every window and frequency. */
function checkOptions(path: string, { format, sampleRateHz }: ParsedRecording, options: RecordingOptions): void {
  if (options.rateHz !== undefined && format !== 'CSV') {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${path}: is ${format} and states its own rate, ${sampleRateHz} Hz: leave --rate out, which is for CSV`,
    );
  }
  if (options.stream !== undefined && format !== 'XDF') {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${path}: is ${format}, which holds no streams to choose "${options.stream}" from: leave --stream out, which is for XDF`,
    );
  }
}

/** What holds for every format: a rate that samples can have, and no gap that only a broken time stamp can make. */
export function plausible<Parsed extends Rows>(path: string, parsed: Parsed): Parsed {
  const { sampleRateHz } = parsed;
  if (!(sampleRateHz >= RATES_HZ.min && sampleRateHz <= RATES_HZ.max)) {
    throw new AffectEdgeError(
      'RATE_UNSUPPORTED',
      `${path}: has the sampling rate ${sampleRateHz} Hz, expected ${RATES_HZ.min} to ${RATES_HZ.max}`,
    );
  }
  if (!(samplesOf(parsed) <= MAX_SAMPLES)) {
    const longest = parsed.gaps.reduce((a, b) => (b.lost > a.lost ? b : a));
    throw fileInvalid(
      path,
      `leaps by ${longest.lost / sampleRateHz} s in front of row ${longest.row + 1}: its time stamps are broken`,
    );
  }
  return parsed;
}

/** The length of the sample index. */
export function samplesOf({ data, gaps }: Rows): number {
  return gaps.reduce((sum, gap) => sum + gap.lost, data[0]!.length);
}

export function toRecording(path: string, parsed: ParsedRecording, options: RecordingOptions): Recording {
  const { montage } = options;
  if (montage && montage.length !== parsed.channels.length) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${path}: the montage has ${montage.length} labels and the file ${parsed.channels.length} channels ` +
        `(${parsed.channels.map((c) => c.label).join(', ')})`,
    );
  }
  const info: StreamInfo = {
    deviceId: parsed.deviceId,
    modality: 'eeg',
    channels: montage ? parsed.channels.map(({ unit }, c) => ({ label: montage[c]!, unit })) : parsed.channels,
    sampleRateHz: parsed.sampleRateHz,
    simulated: parsed.simulated,
    ...(parsed.railUv === undefined ? {} : { railUv: parsed.railUv }),
  };
  return {
    path,
    format: parsed.format,
    info,
    totalSamples: samplesOf(parsed),
    startUnixUs: parsed.startUnixUs,
    markers: parsed.markers,
    notices: parsed.notices,
    blocks: (blockSamples = Math.ceil(info.sampleRateHz)) => cutBlocks(info, parsed, blockSamples),
  };
}

/** Rows and gaps as blocks: a gap closes one and opens the next. */
export function* cutBlocks(info: StreamInfo, parsed: Rows, blockSamples: number): Generator<Block> {
  const rows = parsed.data[0]!.length;
  const starts = [{ row: 0, lost: 0 }, ...parsed.gaps];
  let lostSoFar = 0;
  for (const [s, { row: start, lost }] of starts.entries()) {
    lostSoFar += lost;
    const end = starts[s + 1]?.row ?? rows;
    for (let row = start; row < end; row += blockSamples) {
      const length = Math.min(blockSamples, end - row);
      const data = new Float32Array(parsed.data.length * length);
      for (const [c, channel] of parsed.data.entries()) data.set(channel.subarray(row, row + length), c * length);
      const firstSample = row + lostSoFar;
      const timeUs = (firstSample * 1e6) / info.sampleRateHz;
      const lostBefore = row === start ? lost : 0;
      yield { info, firstSample, length, data, lostBefore, deviceTimeUs: timeUs, hostTimeUs: timeUs, clockErrUs: 0 };
    }
  }
}

function readError(path: string, error: unknown): AffectEdgeError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT')
    return new AffectEdgeError('FILE_NOT_FOUND', `${path}: there is no such file`, { cause: error });
  if (code === 'EISDIR') return fileInvalid(path, 'is a folder, expected a recording');
  if (code === 'ERR_FS_FILE_TOO_LARGE') {
    return new AffectEdgeError('FILE_UNSUPPORTED', `${path}: is larger than 2 GiB; split it first`, { cause: error });
  }
  return fileInvalid(path, `can't be read (${messageOf(error)})`);
}
