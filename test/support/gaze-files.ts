import { type EyeRecordingOptions, parseEyeRecording, toEyeRecording } from '../../src/formats/gaze/recording.ts';
import type { Block } from '../../src/samples.ts';

/** Channels of a tracker that sees both eyes, in pixels and millimetres. */
export const BOTH_EYES = ['x_left_px', 'y_left_px', 'x_right_px', 'y_right_px', 'pupil_left_mm', 'pupil_right_mm'];

/** Text as a file of that name. */
export function eyeFile(path: string, text: string) {
  return { path, bytes: Buffer.from(text) };
}

export function readEye(path: string, text: string, options: EyeRecordingOptions = {}) {
  return toEyeRecording(path, parseEyeRecording(eyeFile(path, text), options), options);
}

/** Every row of a recording that has no gaps, [rows][channels]; NaN as null, for toEqual. */
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
