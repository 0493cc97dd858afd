/** Tobii's tab-separated samples as its SDK names them: gaze as a fraction of the screen, pupils in mm, validity codes. */
import { delimitedText } from '../delimited-text.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';
import { countLines } from '../text-lines.ts';
import type { EyeOptions, ParsedEye } from './parsed.ts';
import { EyeRowCollector } from './row-collector.ts';
import { screenSize } from './screen-size.ts';

/** Validity codes: 0 certainly this eye, 1 probably, 2 unknown which eye, 3 probably not this eye, 4 not found. */
const LAST_VALID = 1;
/** Columns of each eye, after an L or an R. */
const NEEDED = ['GazePos2dx', 'GazePos2dy', 'PupilDm', 'Validity'] as const;
/** Position of the eye along the tracker's x axis, mm. */
const POSITION = 'EyePos3dx';
/** Columns of the time, the preferred one first, and seconds per unit. */
const CLOCKS = [
  ['RelTimestamp', 1e-3],
  ['Time', 1e-6],
] as const;
const CHANNELS = [
  ...['x_left_px', 'y_left_px', 'x_right_px', 'y_right_px'].map((label) => ({ label, unit: 'px' })),
  ...['pupil_left_mm', 'pupil_right_mm'].map((label) => ({ label, unit: 'mm' })),
];

export function isTobii(start: string): boolean {
  return /\bLGazePos2dx\b|\bRGazePos2dx\b/.test(start.split('\n', 1)[0]!);
}

/** Throws FILE_INVALID naming line and column, CONFIG_INVALID without a screen size. */
export function readTobii(file: SourceFile, options: EyeOptions): ParsedEye {
  const { names, rows: lines } = delimitedText(file.bytes, '\t');
  const missing = ['L', 'R'].flatMap((eye) => NEEDED.map((name) => eye + name)).filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw fileInvalid(file.path, `its header has no column ${missing.join(', ')}, which Tobii's samples have`);
  }
  const clock = CLOCKS.find(([name]) => names.includes(name));
  const eyes = ['L', 'R'].map((eye) => {
    const at = (name: string) => names.indexOf(eye + name);
    return {
      x: at('GazePos2dx'),
      y: at('GazePos2dy'),
      pupil: at('PupilDm'),
      validity: at('Validity'),
      position: at(POSITION),
    };
  });
  const [width, height] = screenSize(file.path, options);
  const rows = new EyeRowCollector(file, options, {
    channels: CHANNELS,
    times: clock ? 'stamps' : 'none',
    capacity: countLines(file.bytes),
  });
  const time = clock ? names.indexOf(clock[0]) : -1;
  const hasPositions = eyes.every(({ position }) => position !== -1);
  for (const { fields, line } of lines) {
    if (!rows.isWhole(fields, names, line)) continue;
    const value = (at: number): number => rows.numberIn(fields[at]!, '\t', names[at]!, line);
    const isValid = eyes.map(({ validity }) => value(validity) <= LAST_VALID);
    const seen = (e: number, at: number) => (isValid[e] ? value(at) : Number.NaN);
    const gaze = eyes.flatMap(({ x, y }, e) => [seen(e, x) * width, seen(e, y) * height]);
    const pupils = eyes.map(({ pupil }, e) => positive(seen(e, pupil)));
    const apart = hasPositions ? seen(0, eyes[0]!.position) - seen(1, eyes[1]!.position) : Number.NaN;
    rows.add(clock ? value(time) * clock[1] : Number.NaN, [...gaze, ...pupils], line, apart);
  }
  return {
    format: 'Tobii',
    deviceId: 'tobii',
    ...rows.finish(),
    markers: [],
    screenPx: [width, height],
    isFraction: true,
  };
}

function positive(diameter: number): number {
  return diameter > 0 ? diameter : Number.NaN;
}
