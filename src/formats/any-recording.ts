/**
 * Opens a recording of whatever kind: gaze where the file's content says so, else EEG or EOG. What the user says decides
 * where it is said: a screen means gaze, a montage does not.
 */
import { type EyeRecordingOptions, isEyeRecording, parseEyeRecording, toEyeRecording } from './gaze/recording.ts';
import { parseRecording, type Recording, type RecordingOptions, readSource, toRecording } from './recording.ts';

/** Throws as `openRecording` and `openEyeRecording` do. */
export async function openAnyRecording(
  path: string,
  options: RecordingOptions & EyeRecordingOptions = {},
): Promise<Recording> {
  const file = await readSource(path);
  const { montage, screenPx, screenMm, distanceMm } = options;
  const hasScreen = [screenPx, screenMm, distanceMm].some((said) => said !== undefined);
  return montage === undefined && (hasScreen || isEyeRecording(file))
    ? toEyeRecording(path, parseEyeRecording(file, options), options)
    : toRecording(path, parseRecording(file, options), options);
}
