import { AffectEdgeError } from '../../errors.ts';
import type { EyeOptions } from './parsed.ts';

/** Screen size in pixels. Throws CONFIG_INVALID where it is unknown or where file and user disagree. */
export function screenSize(
  path: string,
  { screenPx }: EyeOptions,
  stated?: readonly [number, number],
): readonly [width: number, height: number] {
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
