import { type EyeRecordingOptions, parseEye, toEyeRecording } from '../../src/formats/gaze/recording.ts';
import type { Block } from '../../src/samples.ts';

/** Channels of a tracker that sees both eyes: gaze in pixels, pupils in millimetres. */
export const BOTH_EYES = ['x_left_px', 'y_left_px', 'x_right_px', 'y_right_px', 'pupil_left_mm', 'pupil_right_mm'];

/** A file with this text. */
function eyeFile(path: string, text: string) {
  return { path, bytes: Buffer.from(text) };
}

export function readEye(path: string, text: string, options: EyeRecordingOptions = {}) {
  return toEyeRecording(path, parseEye(eyeFile(path, text), options), options);
}

/** The rows of a recording without gaps, [rows][channels], with null for NaN. */
export function rowsOf(recording: { blocks(samples?: number): Iterable<Block> }): (number | null)[][] {
  return [...recording.blocks()].flatMap((block) =>
    Array.from({ length: block.length }, (_, i) =>
      block.info.channels.map((_channel, c) => {
        const value = block.data[c * block.length + i]!;
        return Number.isNaN(value) ? null : Number(value.toPrecision(6));
      }),
    ),
  );
}
