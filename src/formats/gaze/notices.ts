/** What of an eye recording the user should look at: time that is missing, and a screen that can't be the gaze's own. */

import { GAZE_EVENTS } from '../../gaze/config.ts';
import type { GazeLayout } from '../../gaze/geometry.ts';
import type { GazeGeometry } from '../../samples.ts';
import { samplesOf } from '../recording.ts';
import type { ParsedEye } from './parsed.ts';

/** A telephone's pixels and a wall of projectors lie between. */
const PITCH_MM = { min: 0.05, max: 1.5 };
/** Of the screen's width: a small display at arm's length and a headset lie between. */
const WIDTH_DEG = { min: 8, max: 100 };
const DEG = 180 / Math.PI;

/** Gaps that are too long to be filled; none where the samples that are missing are not known. */
export function missingTime(parsed: ParsedEye): string[] {
  const { gaps, sampleRateHz } = parsed;
  const { longestFillMs } = GAZE_EVENTS;
  const long = gaps.filter(({ lost }) => (lost / sampleRateHz) * 1000 > longestFillMs);
  if (long.length === 0) return [];
  const lost = long.reduce((sum, gap) => sum + gap.lost, 0);
  const [lostS, wholeS] = [lost, samplesOf(parsed)].map((samples) => (samples / sampleRateHz).toFixed(1));
  const where = long.length === 1 ? '1 gap' : `${long.length} gaps`;
  return [`${lostS} s of ${wholeS} s are missing, in ${where} of more than ${longestFillMs} ms`];
}

/** Sizes by which no person looks at a screen. Gaze in degrees needs none. */
export function doubtfulScreen(parsed: ParsedEye, layout: GazeLayout, geometry: Partial<GazeGeometry>): string[] {
  if (layout.unit === 'deg') return [];
  return [...outsideScreen(parsed, layout, geometry), ...doubtfulPitch(geometry), ...doubtfulAngle(geometry)];
}

function outsideScreen(
  { data, format }: ParsedEye,
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
  // Fractions of the screen lie outside of it whatever its size.
  const isFraction = format === 'Tobii' || format === 'Gazepoint';
  const question = isFraction ? 'was the tracker calibrated on this screen?' : 'is --screen-px right?';
  const share = Math.round((100 * outside) / seen);
  return [`${share} % of the gaze lies outside the screen of ${screenPx.join('x')} pixels: ${question}`];
}

function doubtfulPitch({ screenPx, screenMm }: Partial<GazeGeometry>): string[] {
  if (!screenPx || !screenMm) return [];
  const pitches = screenMm.map((mm, axis) => mm / screenPx[axis]!);
  const odd = pitches.find((pitch) => pitch < PITCH_MM.min || pitch > PITCH_MM.max);
  if (odd === undefined) return [];
  const question =
    odd < PITCH_MM.min ? 'is --screen-mm in cm?' : 'is --screen-px too small, or is --screen-mm no millimetres?';
  return [
    `a pixel is ${odd.toPrecision(2)} mm large on a screen of ${screenPx.join('x')} pixels and ${screenMm.join('x')} mm ` +
      `(expected ${PITCH_MM.min} to ${PITCH_MM.max}): ${question}`,
  ];
}

function doubtfulAngle({ screenMm, distanceMm }: Partial<GazeGeometry>): string[] {
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
