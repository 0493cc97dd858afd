/** The channels of an eye tracker, and the conversion from screen positions to degrees of visual angle. */
import { AffectEdgeError } from '../errors.ts';
import type { Channel, GazeGeometry, StreamInfo } from '../samples.ts';

export type GazeUnit = 'px' | 'deg';
/** `au`: the tracker's arbitrary unit, which shows pupil loss and changes but no diameter. */
export type PupilUnit = 'mm' | 'px' | 'au';
const GAZE_UNITS: readonly GazeUnit[] = ['px', 'deg'];
export const PUPIL_UNITS: readonly PupilUnit[] = ['mm', 'px', 'au'];

/** One direction of gaze: channel indices. */
interface GazePair {
  readonly x: number;
  readonly y: number;
}

/**
 * The channels of an eye stream. Labels name quantity and unit, as in the biosignal protocol:
 * - gaze: `x_px` `y_px` (one eye, or both eyes' mean), or per eye `x_left_px` `y_left_px` `x_right_px` `y_right_px`;
 *   `_deg` instead of `_px` where the tracker reports angles. y grows downwards, like pixels.
 * - pupil: `pupil_left_mm`, `pupil_right_mm` (or `_px`, `_au`), `pupil_mm` for a single pupil, `pupil_h_px` and
 *   `pupil_v_px` for the horizontal and vertical diameter of one eye.
 * A missing value is NaN.
 */
export interface GazeLayout {
  readonly unit: GazeUnit;
  /** One pair: one eye or the mean. Two: left, right. */
  readonly eyes: readonly GazePair[];
  /** Channel indices of the pupils: none, one, or two (left and right, or horizontal and vertical). */
  readonly pupils: readonly number[];
  readonly pupilUnit: PupilUnit | null;
  /** Whether two pupils belong to two eyes; false: two diameters of one eye. */
  readonly pupilPerEye: boolean;
}

const gazeLabel = /^([xy])(?:_(left|right))?_(px|deg)$/;
const pupilLabel = /^pupil(?:_(left|right|h|v))?_(mm|px|au)$/;

/** Throws `CONFIG_INVALID` for channels without gaze, and for labels that contradict their units. */
export function gazeLayout(info: StreamInfo): GazeLayout {
  const at = new Map(info.channels.map(({ label }, c) => [label, c]));
  for (const channel of info.channels) checkUnit(channel);
  const pair = (eye: string, unit: GazeUnit): GazePair | undefined => {
    const [x, y] = [at.get(`x${eye}_${unit}`), at.get(`y${eye}_${unit}`)];
    return x === undefined || y === undefined ? undefined : { x, y };
  };
  for (const unit of GAZE_UNITS) {
    const [mean, left, right] = [pair('', unit), pair('_left', unit), pair('_right', unit)];
    const eyes = left && right ? [left, right] : [mean ?? left ?? right].filter((eye) => eye !== undefined);
    if (eyes.length > 0) return { unit, eyes, ...pupilsOf(at) };
  }
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `${info.deviceId} has the channels ${info.channels.map(({ label }) => label).join(', ')}: an eye tracker needs ` +
      'x_px and y_px, or x_left_px, y_left_px, x_right_px and y_right_px (or the same in _deg)',
  );
}

function checkUnit({ label, unit }: Channel): void {
  const named = (gazeLabel.exec(label)?.[3] ?? pupilLabel.exec(label)?.[2]) as string | undefined;
  if (named === undefined || named === unit) return;
  throw new AffectEdgeError('CONFIG_INVALID', `channel ${label} says its unit is "${unit}", expected ${named}`);
}

function pupilsOf(at: ReadonlyMap<string, number>): Pick<GazeLayout, 'pupils' | 'pupilUnit' | 'pupilPerEye'> {
  for (const pupilUnit of PUPIL_UNITS) {
    for (const names of [['left', 'right'], ['h', 'v'], ['left'], ['right']]) {
      const pupils = names.map((name) => at.get(`pupil_${name}_${pupilUnit}`)).filter((c) => c !== undefined);
      if (pupils.length === names.length)
        return { pupils, pupilUnit, pupilPerEye: names[0] !== 'h' && names.length > 1 };
    }
    const only = at.get(`pupil_${pupilUnit}`);
    if (only !== undefined) return { pupils: [only], pupilUnit, pupilPerEye: false };
  }
  return { pupils: [], pupilUnit: null, pupilPerEye: false };
}

/** Throws `CONFIG_INVALID` for a size that is not a positive number. */
export function checkGeometry(geometry: GazeGeometry): GazeGeometry {
  const sizes: Record<string, number> = {
    'screen width in px': geometry.screenPx[0],
    'screen height in px': geometry.screenPx[1],
    'screen width in mm': geometry.screenMm[0],
    'screen height in mm': geometry.screenMm[1],
    'viewing distance in mm': geometry.distanceMm,
  };
  for (const [name, size] of Object.entries(sizes)) {
    if (!(size > 0 && Number.isFinite(size))) {
      throw new AffectEdgeError('CONFIG_INVALID', `the ${name} is ${size}, expected a number above 0`);
    }
  }
  return geometry;
}

/**
 * Converts one gaze coordinate to degrees. The angle of a pixel from the screen's centre is exact, without small-angle
 * approximation: atan((px - size / 2) * pitch / distance). Degrees are unchanged.
 */
export type ToDegrees = (value: number) => number;

/**
 * The conversions of x and y. Throws `CONFIG_INVALID` for pixels of a screen whose geometry is incomplete; it is never
 * guessed.
 */
export function toDegrees(unit: GazeUnit, geometry: StreamInfo['geometry']): readonly [x: ToDegrees, y: ToDegrees] {
  if (unit === 'deg') return [(value) => value, (value) => value];
  const { screenPx, screenMm, distanceMm } = checkGeometry(demandGeometry(geometry));
  const axis = (a: 0 | 1): ToDegrees => {
    const centre = screenPx[a] / 2;
    const slope = screenMm[a] / screenPx[a] / distanceMm;
    return (px) => Math.atan((px - centre) * slope) * DEG;
  };
  return [axis(0), axis(1)];
}

const EXAMPLES: Readonly<Record<keyof GazeGeometry, string>> = {
  screenPx: '--screen-px 1920x1080',
  screenMm: '--screen-mm 510x287',
  distanceMm: '--distance-mm 650',
};

function demandGeometry(geometry: StreamInfo['geometry']): GazeGeometry {
  if (isWhole(geometry)) return geometry;
  const missing = FLAGS.filter((name) => geometry?.[name] === undefined).map((name) => EXAMPLES[name]);
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `gaze is in pixels and degrees are needed: give the screen and the viewing distance (${missing.join(' ')})`,
  );
}

const FLAGS = Object.keys(EXAMPLES) as (keyof GazeGeometry)[];

/**
 * The screen as the stream reports it, completed by the user. Throws `CONFIG_INVALID` where they contradict each other,
 * because the tracker's pixels belong to its own screen.
 */
export function completeGeometry(
  { deviceId, geometry = {} }: StreamInfo,
  stated: Partial<GazeGeometry>,
): Partial<GazeGeometry> {
  for (const field of FLAGS) {
    const [own, other] = [geometry[field], stated[field]];
    if (own === undefined || other === undefined || String(own) === String(other)) continue;
    const [flag] = EXAMPLES[field].split(' ');
    const text = (value: number | readonly number[]) => (typeof value === 'number' ? value : value.join('x'));
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${deviceId} reports that ${field} is ${text(own)}, and ${flag} says ${text(other)}: leave ${flag} out`,
    );
  }
  return { ...stated, ...geometry };
}

export function isWhole(geometry: StreamInfo['geometry']): geometry is GazeGeometry {
  return geometry?.screenPx !== undefined && geometry.screenMm !== undefined && geometry.distanceMm !== undefined;
}

const DEG = 180 / Math.PI;

/** The exact angle in degrees between two directions, each given by its angles from the screen's centre along x and y. */
export function visualAngleDeg(fromX: number, fromY: number, toX: number, toY: number): number {
  const [ax, ay, bx, by] = [fromX, fromY, toX, toY].map((deg) => Math.tan(deg / DEG)) as [
    number,
    number,
    number,
    number,
  ];
  // atan2 of |a x b| and a . b, for a = (ax, ay, 1): accurate for small angles, where acos is not.
  const across = Math.hypot(ay - by, bx - ax, ax * by - ay * bx);
  return Math.atan2(across, ax * bx + ay * by + 1) * DEG;
}
