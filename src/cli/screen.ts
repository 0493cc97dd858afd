/** The flags for an eye tracker's screen, for all commands that take gaze. */
import type { Command } from 'commander';
import { AffectEdgeError } from '../errors.ts';
import { given } from '../given.ts';
import { parseNumber, parseSize } from '../main/parse.ts';
import type { GazeGeometry } from '../samples.ts';

export interface ScreenFlags {
  screenPx?: [number, number];
  screenMm?: [number, number];
  distanceMm?: number | string;
}

export function withScreen(command: Command): Command {
  return command
    .option('--screen-px <WxH>', "eye tracker: the screen's pixels, such as 1920x1080", (text) =>
      size('--screen-px', text),
    )
    .option('--screen-mm <WxH>', 'eye tracker: its size in mm, such as 510x287', (text) => size('--screen-mm', text))
    .option('--distance-mm <mm>', 'eye tracker: distance from the eyes to the screen', parseNumber);
}

/** The screen as far as the flags state it. Throws CONFIG_INVALID. */
export function screenOf({ screenPx, screenMm, distanceMm }: ScreenFlags): Partial<GazeGeometry> {
  if (distanceMm !== undefined && !(typeof distanceMm === 'number' && distanceMm > 0)) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--distance-mm is "${distanceMm}": give the distance from the eyes to the screen in millimetres, a number above 0`,
    );
  }
  return given({ screenPx, screenMm, distanceMm });
}

function size(flag: string, text: string): [width: number, height: number] {
  const parsed = parseSize(text);
  if (typeof parsed !== 'string' && parsed.every((side) => side > 0)) return parsed;
  throw new AffectEdgeError('CONFIG_INVALID', `${flag} is "${text}": give width x height, as 1024x768`);
}
