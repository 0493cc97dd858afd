/** What every reader of an eye recording takes and gives. */
import { AffectEdgeError } from '../../errors.ts';
import type { Marker } from '../../samples.ts';
import type { ParsedRecording } from '../parsed.ts';

export interface EyeOptions {
  /** In the place of what the file says of its rate and times. */
  readonly rateHz?: number;
  /** Read on where a file disagrees with itself, and note what was skipped. */
  readonly salvage?: boolean;
  /** Of the screen, for gaze that is a fraction of it; a file that says it itself must agree. */
  readonly screenPx?: readonly [width: number, height: number];
}

/** As the parsed EEG: rows that are there, gaps between them; a value that is missing is NaN. */
export interface ParsedEye extends Pick<ParsedRecording, 'deviceId' | 'channels' | 'sampleRateHz' | 'data' | 'gaps'> {
  readonly format: 'Tobii' | 'EyeLink' | 'Gazepoint' | 'CSV';
  readonly markers: readonly Marker[];
  readonly notices: readonly string[];
  /** Where the file says it. */
  readonly screenPx?: readonly [width: number, height: number];
  /** Median of the left eye's place less the right eye's, along x, where the tracker measures it: below 0. */
  readonly eyesApart?: number;
}

/** Of the values that are there; NaN without one. */
export function medianOf(values: Float32Array | Float64Array): number {
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  return present[present.length >> 1] ?? Number.NaN;
}

/** The screen in pixels that fractions are of. Throws CONFIG_INVALID where nobody says it, or two don't agree. */
export function screenOf(
  path: string,
  options: EyeOptions,
  stated?: readonly [number, number],
): readonly [number, number] {
  const { screenPx } = options;
  const text = (px: readonly [number, number]) => px.join('x');
  if (screenPx && stated && text(screenPx) !== text(stated)) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${path}: was recorded on a screen of ${text(stated)} pixels, and --screen-px says ${text(screenPx)}: leave it out`,
    );
  }
  const found = screenPx ?? stated;
  if (found) return found;
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `${path}: gives gaze as a fraction of the screen: give its size with --screen-px (as 1920x1080)`,
  );
}
