/** Warnings about an eye recording: missing time, an implausible screen, and exchanged eyes. */

import { GAZE_EVENTS } from '../../gaze/config.ts';
import { EyeOrder, SWAPPED } from '../../gaze/eye-order.ts';
import { type GazeLayout, isWhole, toDegrees } from '../../gaze/geometry.ts';
import type { GazeGeometry } from '../../samples.ts';
import { missingTime } from '../missing-time.ts';
import type { ParsedEye } from './parsed.ts';

/** Size of a pixel. The range includes telephones and walls of projectors. */
const PITCH_MM = { min: 0.05, max: 1.5 };
/** Visual angle of the screen's width. The range includes small displays at arm's length and headsets. */
const WIDTH_DEG = { min: 8, max: 100 };
const DEG = 180 / Math.PI;

export function gazeNotices(parsed: ParsedEye, layout: GazeLayout, geometry: Partial<GazeGeometry>): string[] {
  return [
    ...missingTime(parsed, GAZE_EVENTS.longestFillMs),
    ...implausibleScreen(parsed, layout, geometry),
    ...exchangedEyes(parsed, layout, geometry),
  ];
}

/** Gaze in degrees does not depend on the screen. */
function implausibleScreen(parsed: ParsedEye, layout: GazeLayout, geometry: Partial<GazeGeometry>): string[] {
  if (layout.unit === 'deg') return [];
  return [...outsideScreen(parsed, layout, geometry), ...implausiblePitch(geometry), ...implausibleAngle(geometry)];
}

function outsideScreen(
  { data, isFraction }: ParsedEye,
  { eyes }: GazeLayout,
  { screenPx }: Partial<GazeGeometry>,
): string[] {
  if (!screenPx) return [];
  let [seen, outside] = [0, 0];
  for (const eye of eyes) {
    const [xs, ys] = [data[eye.x]!, data[eye.y]!];
    for (const [i, x] of xs.entries()) {
      const y = ys[i]!;
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      seen++;
      if (x < 0 || y < 0 || x > screenPx[0] || y > screenPx[1]) outside++;
    }
  }
  if (!(outside > seen / 2)) return [];
  // A fraction below 0 or above 1 is outside the screen for any --screen-px.
  const question = isFraction ? 'was the tracker calibrated on this screen?' : 'is --screen-px right?';
  const share = Math.round((100 * outside) / seen);
  return [`${share} % of the gaze is outside the screen of ${screenPx.join('x')} pixels: ${question}`];
}

function implausiblePitch({ screenPx, screenMm }: Partial<GazeGeometry>): string[] {
  if (!screenPx || !screenMm) return [];
  const pitches = screenMm.map((mm, axis) => mm / screenPx[axis]!);
  const odd = pitches.find((pitch) => pitch < PITCH_MM.min || pitch > PITCH_MM.max);
  if (odd === undefined) return [];
  const question =
    odd < PITCH_MM.min
      ? 'is --screen-mm in cm?'
      : 'is --screen-px too small, or is --screen-mm in another unit than mm?';
  return [
    `a pixel is ${odd.toPrecision(2)} mm large on a screen of ${screenPx.join('x')} pixels and ${screenMm.join('x')} mm ` +
      `(expected ${PITCH_MM.min} to ${PITCH_MM.max}): ${question}`,
  ];
}

function implausibleAngle({ screenMm, distanceMm }: Partial<GazeGeometry>): string[] {
  if (!screenMm || !distanceMm) return [];
  const widthDeg = 2 * Math.atan(screenMm[0] / 2 / distanceMm) * DEG;
  if (widthDeg >= WIDTH_DEG.min && widthDeg <= WIDTH_DEG.max) return [];
  const question =
    widthDeg < WIDTH_DEG.min ? 'is --screen-mm in cm, or --distance-mm too large?' : 'is --distance-mm in cm?';
  return [
    `a screen ${screenMm[0]} mm wide at ${distanceMm} mm is ${widthDeg.toFixed(1)} degrees wide ` +
      `(expected ${WIDTH_DEG.min} to ${WIDTH_DEG.max}): ${question}`,
  ];
}

/** Compares the eyes' positions where the tracker measures them, otherwise gaze in degrees. */
function exchangedEyes(
  { eyesApart, data }: ParsedEye,
  { eyes, unit }: GazeLayout,
  geometry: Partial<GazeGeometry>,
): string[] {
  if (eyesApart !== undefined) return eyesApart > 0 ? [`the left eye is right of the right eye: ${SWAPPED}`] : [];
  const [left, right] = eyes;
  if (!left || !right || (unit === 'px' && !isWhole(geometry))) return [];
  const [degrees] = toDegrees(unit, geometry);
  const order = new EyeOrder();
  for (const [i, x] of data[left.x]!.entries()) order.push(degrees(x), degrees(data[right.x]![i]!));
  return order.warning ? [order.warning] : [];
}
