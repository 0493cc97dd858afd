/** Tobii's tab-separated samples as its SDK names them: gaze as a fraction of the screen, pupils in mm, validity codes. */
import { type EyeOptions, medianOf, type ParsedEye, screenOf } from './eye-parsed.ts';
import { EyeRows } from './eye-rows.ts';
import { fileInvalid, type SourceFile } from './parsed.ts';
import { countLines, textLines } from './text-lines.ts';

/** 0: surely this eye, 1: probably. 2 to 4: not known which eye, probably not, not found. */
const LAST_VALID = 1;
const NEEDED = [
  'LGazePos2dx',
  'LGazePos2dy',
  'LPupilDm',
  'LValidity',
  'RGazePos2dx',
  'RGazePos2dy',
  'RPupilDm',
  'RValidity',
];
/** The clock, and seconds in its unit. */
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
  const lines = textLines(file.bytes);
  const names = (lines.next().value?.text ?? '').split('\t').map((name: string) => name.trim());
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw fileInvalid(file.path, `its header has no column ${missing.join(', ')}, which Tobii's samples have`);
  }
  const clock = CLOCKS.find(([name]) => names.includes(name));
  const [lx, ly, lp, lv, rx, ry, rp, rv] = NEEDED.map((name) => names.indexOf(name)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [width, height] = screenOf(file.path, options);
  const capacity = countLines(file.bytes);
  const rows = new EyeRows(file, options, { channels: CHANNELS, times: clock ? 'stamps' : 'none', capacity });
  const time = clock ? names.indexOf(clock[0]) : -1;
  const eyeX = [names.indexOf('LEyePos3dx'), names.indexOf('REyePos3dx')] as const;
  const apart = new Float32Array(eyeX.includes(-1) ? 0 : capacity);
  for (const { text, number } of lines) {
    if (text.trim() === '') continue;
    const fields = text.split('\t');
    if (fields.length !== names.length) {
      rows.doubt(`line ${number} has ${fields.length} fields, the header ${names.length}`, 'skips the row');
      continue;
    }
    const value = (at: number) => (fields[at]!.trim() === '' ? Number.NaN : Number(fields[at]));
    const seen = (validity: number, at: number) => (value(validity) <= LAST_VALID ? value(at) : Number.NaN);
    const pupil = (validity: number, at: number) => positive(seen(validity, at));
    apart[rows.length] = seen(lv, eyeX[0]) - seen(rv, eyeX[1]);
    const gaze = [seen(lv, lx) * width, seen(lv, ly) * height, seen(rv, rx) * width, seen(rv, ry) * height];
    rows.add(clock ? value(time) * clock[1] : Number.NaN, [...gaze, pupil(lv, lp), pupil(rv, rp)], number);
  }
  const eyesApart = medianOf(apart.subarray(0, rows.length));
  const parsed = rows.finish();
  const measured = Number.isNaN(eyesApart) ? {} : { eyesApart };
  return {
    format: 'Tobii',
    deviceId: 'tobii',
    ...parsed,
    markers: [],
    notices: rows.notices,
    screenPx: [width, height],
    ...measured,
  };
}

function positive(diameter: number): number {
  return diameter > 0 ? diameter : Number.NaN;
}
