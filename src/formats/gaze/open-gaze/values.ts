/** Values in the records of the Open Gaze API. Each has a flag that is 1 where the value is valid. */
import type { Channel } from '../../../samples.ts';
import type { OpenGazeMessage } from './message.ts';

/** The attributes of a record that one channel comes from. */
export interface OpenGazeField {
  readonly channel: Channel;
  readonly name: string;
  readonly valid: string;
  /** For gaze: the screen's axis that the value is a fraction of. */
  readonly axis?: 0 | 1;
  readonly scale?: number;
}

export type ScreenPx = readonly [width: number, height: number];

const PUPILS = [
  { left: ['LPMM', 'LPMMV'], right: ['RPMM', 'RPMMV'], unit: 'mm', scale: 1 },
  // in metres
  { left: ['LPUPILD', 'LPUPILV'], right: ['RPUPILD', 'RPUPILV'], unit: 'mm', scale: 1000 },
  // in pixels of the camera
  { left: ['LPD', 'LPV'], right: ['RPD', 'RPV'], unit: 'px', scale: 1 },
] as const;

/** NaN where the attribute is absent, empty or not a number. */
export function numberOf({ attributes }: OpenGazeMessage, name: string): number {
  const text = attributes.get(name)?.trim();
  return text === undefined || text === '' ? Number.NaN : Number(text);
}

/** In the channel's unit; NaN where the value is absent, invalid or a pupil of 0 or less. */
export function fieldValue(record: OpenGazeMessage, field: OpenGazeField, screenPx: ScreenPx): number {
  const { name, valid, axis, scale = 1 } = field;
  if (numberOf(record, valid) !== 1) return Number.NaN;
  const value = numberOf(record, name) * (axis === undefined ? scale : screenPx[axis]);
  return Number.isFinite(value) && (axis !== undefined || value > 0) ? value : Number.NaN;
}

/** x and y of each name: `LPOG` and `RPOG` are the left and the right eye, `BPOG` is their mean. */
export function gazeFields(names: readonly string[]): OpenGazeField[] {
  const eyes = names.length === 2 ? ['_left', '_right'] : [''];
  return names.flatMap((name, e) =>
    ([0, 1] as const).map((axis) => ({
      channel: { label: `${'xy'[axis]}${eyes[e]}_px`, unit: 'px' },
      name: `${name}${'XY'[axis]}`,
      valid: `${name}V`,
      axis,
    })),
  );
}

/** Both pupils of a record, in millimetres if it has them, otherwise in pixels of the camera, otherwise none. */
export function pupilFields({ attributes }: OpenGazeMessage): OpenGazeField[] {
  const found = PUPILS.find(({ left, right }) => attributes.has(left[0]) && attributes.has(right[0]));
  if (!found) return [];
  const { left, right, unit, scale } = found;
  return [
    { channel: { label: `pupil_left_${unit}`, unit }, name: left[0], valid: left[1], scale },
    { channel: { label: `pupil_right_${unit}`, unit }, name: right[0], valid: right[1], scale },
  ];
}

/** The screen size in an answer to SCREEN_SIZE or in an UPDATE. */
export function screenPxOf(message: OpenGazeMessage): ScreenPx | undefined {
  const [width, height] = [numberOf(message, 'WIDTH'), numberOf(message, 'HEIGHT')];
  return width > 0 && height > 0 && Number.isFinite(width * height) ? [width, height] : undefined;
}
