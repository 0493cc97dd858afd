/** Opens a recording file: reads it, finds its format, parses it, and returns it as a stream of blocks. */
import type { EegOptions } from './eeg/parsed.ts';
import { parseEeg, toEegRecording } from './eeg/recording.ts';
import { type EyeRecordingOptions, parseEye, toEyeRecording } from './gaze/recording.ts';
import type { Recording } from './recording.ts';
import { EYE_FORMATS, recognisedFormat } from './registry.ts';
import { readSourceFile, type SourceFile } from './source-file.ts';

/**
 * EEG, EOG or gaze. The options decide where they can: a montage means EEG, a screen means gaze. Otherwise the content
 * decides. Throws as `openEegRecording` and `openEyeRecording` do.
 */
export async function openRecording(path: string, options: EegOptions & EyeRecordingOptions = {}): Promise<Recording> {
  const file = await readSourceFile(path);
  return isEye(file, options) ? eyeRecording(file, options) : eegRecording(file, options);
}

/** EEG or EOG. Throws FILE_NOT_FOUND, FILE_UNSUPPORTED, FILE_INVALID, CONFIG_INVALID or RATE_UNSUPPORTED. */
export async function openEegRecording(path: string, options: EegOptions = {}): Promise<Recording> {
  return eegRecording(await readSourceFile(path), options);
}

/** Throws FILE_NOT_FOUND, FILE_UNSUPPORTED, FILE_INVALID, DATA_INVALID, RATE_UNSUPPORTED or CONFIG_INVALID. */
export async function openEyeRecording(path: string, options: EyeRecordingOptions = {}): Promise<Recording> {
  return eyeRecording(await readSourceFile(path), options);
}

function eegRecording(file: SourceFile, options: EegOptions): Recording {
  return toEegRecording(file.path, parseEeg(file, options), options);
}

function eyeRecording(file: SourceFile, options: EyeRecordingOptions): Recording {
  return toEyeRecording(file.path, parseEye(file, options), options);
}

function isEye(file: SourceFile, options: EegOptions & EyeRecordingOptions): boolean {
  const { montage, screenPx, screenMm, distanceMm } = options;
  if (montage !== undefined) return false;
  const hasScreen = [screenPx, screenMm, distanceMm].some((size) => size !== undefined);
  return hasScreen || recognisedFormat(file, EYE_FORMATS) !== undefined;
}
