/** Parses a recording of an eye tracker and returns it as a stream of blocks. */
import { checkGeometry, gazeLayout, isWhole } from '../../gaze/geometry.ts';
import { given } from '../../given.ts';
import type { GazeGeometry } from '../../samples.ts';
import { checkPlausible } from '../parsed.ts';
import { type Recording, recordingOf } from '../recording.ts';
import { EYE_FORMATS, findFormat } from '../registry.ts';
import type { SourceFile } from '../source-file.ts';
import { gazeNotices } from './notices.ts';
import type { EyeOptions, ParsedEye } from './parsed.ts';

/** Files rarely state the screen's size in mm and the viewing distance. */
export interface EyeRecordingOptions extends EyeOptions {
  readonly screenMm?: readonly [width: number, height: number];
  readonly distanceMm?: number;
}

/** Throws FILE_UNSUPPORTED, FILE_INVALID, DATA_INVALID, CONFIG_INVALID or RATE_UNSUPPORTED. */
export function parseEye(file: SourceFile, options: EyeOptions): ParsedEye {
  const parsed = findFormat(file, EYE_FORMATS, 'eye recording').read(file, options);
  checkPlausible(file.path, parsed);
  return parsed;
}

/** Channels as `gazeLayout` reads them; `startUnixUs` is null. Throws CONFIG_INVALID for an impossible screen. */
export function toEyeRecording(path: string, parsed: ParsedEye, options: EyeRecordingOptions): Recording {
  const { channels, sampleRateHz, deviceId } = parsed;
  const geometry = geometryOf(parsed, options);
  const info = { deviceId, modality: 'eye' as const, channels, sampleRateHz, simulated: false, geometry };
  const notices = [...parsed.notices, ...gazeNotices(parsed, gazeLayout(info), geometry)];
  return recordingOf(path, parsed, { info, startUnixUs: null, notices });
}

function geometryOf(parsed: ParsedEye, options: EyeRecordingOptions): Partial<GazeGeometry> {
  const { screenMm, distanceMm } = options;
  const geometry = given({ screenPx: parsed.screenPx ?? options.screenPx, screenMm, distanceMm });
  return isWhole(geometry) ? checkGeometry(geometry) : geometry;
}
