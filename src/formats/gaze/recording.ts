/** Opens a recording of an eye tracker, of any supported format, as one stream of blocks. */
import { extname } from 'node:path';
import { AffectEdgeError } from '../../errors.ts';
import { EyeOrder, SWAPPED } from '../../gaze/eye-order.ts';
import { checkGeometry, type GazeLayout, gazeLayout, isWhole, toDegrees } from '../../gaze/geometry.ts';
import { given } from '../../given.ts';
import type { GazeGeometry, StreamInfo } from '../../samples.ts';
import { fileInvalid, type SourceFile } from '../parsed.ts';
import { cutBlocks, plausible, type Recording, readSource, samplesOf } from '../recording.ts';
import { isEyeCsv, readEyeCsv } from './csv.ts';
import { isEyeLink, readEyeLink } from './eyelink.ts';
import { doubtfulScreen, missingTime } from './notices.ts';
import { isGazepoint, readGazepoint } from './open-gaze/reader.ts';
import type { EyeOptions, ParsedEye } from './parsed.ts';
import { isTobii, readTobii } from './tobii.ts';

/** A file seldom knows where its screen stood. */
export interface EyeRecordingOptions extends EyeOptions {
  readonly screenMm?: readonly [width: number, height: number];
  readonly distanceMm?: number;
}

/**
 * Gaze channels as `gazeLayout` reads them; `startUnixUs` is never known. Throws FILE_NOT_FOUND, FILE_UNSUPPORTED,
 * FILE_INVALID, DATA_INVALID, RATE_UNSUPPORTED or CONFIG_INVALID.
 */
export async function openEyeRecording(path: string, options: EyeRecordingOptions = {}): Promise<Recording> {
  const file = await readSource(path);
  return toEyeRecording(path, parseEyeRecording(file, options), options);
}

/** The format is found by content first, then by the file's extension. */
export function parseEyeRecording(file: SourceFile, options: EyeOptions): ParsedEye {
  if (file.bytes.length === 0) throw fileInvalid(file.path, 'is empty');
  return plausible(file.path, readerOf(file)(file, options));
}

function readerOf(file: SourceFile): (file: SourceFile, options: EyeOptions) => ParsedEye {
  const read = formatOf(file) ?? (isText(file) ? readEyeCsv : undefined);
  if (read) return read;
  throw new AffectEdgeError(
    'FILE_UNSUPPORTED',
    `${file.path}: is no eye recording that can be read. Supported are Tobii's tab-separated samples, EyeLink ASC, ` +
      'a log of the Open Gaze API (Gazepoint), and CSV with a header (.csv, .tsv, .txt).',
  );
}

function formatOf({ bytes }: SourceFile): ((file: SourceFile, options: EyeOptions) => ParsedEye) | undefined {
  const start = bytes.toString('latin1', 0, 4096);
  if (isGazepoint(start)) return readGazepoint;
  if (isEyeLink(start)) return readEyeLink;
  if (isTobii(start)) return readTobii;
  return undefined;
}

/** Whether a file is of gaze, and no other recording. */
export function isEyeRecording(file: SourceFile): boolean {
  return formatOf(file) !== undefined || (isText(file) && isEyeCsv(file.bytes));
}

function isText({ path }: SourceFile): boolean {
  return ['.csv', '.tsv', '.txt'].includes(extname(path).toLowerCase());
}

export function toEyeRecording(path: string, parsed: ParsedEye, options: EyeRecordingOptions): Recording {
  const { channels, sampleRateHz, deviceId } = parsed;
  const geometry = geometryOf(parsed, options);
  const info: StreamInfo = { deviceId, modality: 'eye', channels, sampleRateHz, simulated: false, geometry };
  const layout = gazeLayout(info);
  return {
    path,
    format: parsed.format,
    info,
    totalSamples: samplesOf(parsed),
    startUnixUs: null,
    markers: parsed.markers,
    notices: [
      ...parsed.notices,
      ...missingTime(parsed),
      ...doubtfulScreen(parsed, layout, geometry),
      ...crossedEyes(layout, geometry, parsed),
    ],
    blocks: (blockSamples = Math.ceil(sampleRateHz)) => cutBlocks(info, parsed, blockSamples),
  };
}

function geometryOf(parsed: ParsedEye, options: EyeRecordingOptions): Partial<GazeGeometry> {
  const { screenMm, distanceMm } = options;
  const geometry = given({ screenPx: parsed.screenPx ?? options.screenPx, screenMm, distanceMm });
  return isWhole(geometry) ? checkGeometry(geometry) : geometry;
}

/** Where the tracker measures the eyes' places, an exchange shows; else from gaze alone, where it is in degrees. */
function crossedEyes({ eyes, unit }: GazeLayout, geometry: Partial<GazeGeometry>, parsed: ParsedEye): string[] {
  if (parsed.eyesApart !== undefined) {
    return parsed.eyesApart > 0 ? [`the left eye lies right of the right eye: ${SWAPPED}`] : [];
  }
  const [left, right] = eyes;
  if (!left || !right || (unit === 'px' && !isWhole(geometry))) return [];
  const [degrees] = toDegrees(unit, geometry);
  const order = new EyeOrder();
  parsed.data[left.x]!.forEach((x, i) => {
    order.push(degrees(x), degrees(parsed.data[right.x]![i]!));
  });
  return order.doubt ? [order.doubt] : [];
}
