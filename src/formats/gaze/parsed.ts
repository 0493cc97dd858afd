/** What every reader of an eye recording takes and returns. */
import type { ParsedFile } from '../parsed.ts';

export interface EyeOptions {
  /** Replaces the rate and the times that the file states. */
  readonly rateHz?: number;
  /** Read on after a problem in the file, and add a notice of what was skipped. */
  readonly salvage?: boolean;
  /** Needed where gaze is a fraction of the screen; must agree with a size that the file states. */
  readonly screenPx?: readonly [width: number, height: number];
}

export interface ParsedEye extends ParsedFile {
  /** Size of the screen that the gaze in pixels refers to, where it is known. */
  readonly screenPx?: readonly [width: number, height: number];
  /** True where the file writes gaze as a fraction of the screen. */
  readonly isFraction?: boolean;
  /**
   * Median of the left eye's position minus the right eye's along x, where the tracker measures it. Negative unless the
   * eyes are exchanged. The unit is the tracker's.
   */
  readonly eyesApart?: number;
}
