/** Tobii's tab-separated samples as its SDK names them: gaze as a fraction of the screen, pupils in mm, validity codes. */
import { toNumber } from '../eeg/csv.ts';
import { fileInvalid, type SourceFile } from '../parsed.ts';
import { countLines, textLines } from '../text-lines.ts';
import { type EyeOptions, medianOf, type ParsedEye, screenOf } from './parsed.ts';
import { EyeRows } from './rows.ts';

/** 0: surely this eye, 1: probably. 2 to 4: not known which eye, probably not, not found. */
const LAST_VALID = 1;
/** Of each eye, behind an L or an R. */
const NEEDED = ['GazePos2dx', 'GazePos2dy', 'PupilDm', 'Validity'] as const;
/** Where the eye is along the tracker's x, mm. */
const PLACE = 'EyePos3dx';
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
      place: at(PLACE),
    };
  });
  const [width, height] = screenOf(file.path, options);
  const capacity = countLines(file.bytes);
  const rows = new EyeRows(file, options, { channels: CHANNELS, times: clock ? 'stamps' : 'none', capacity });
  const time = clock ? names.indexOf(clock[0]) : -1;
  const hasPlaces = eyes.every(({ place }) => place !== -1);
  const apart = new Float32Array(hasPlaces ? capacity : 0);
  for (const { text, number } of lines) {
    if (text.trim() === '') continue;
    const fields = text.split('\t');
    if (fields.length !== names.length) {
      rows.doubt(`line ${number} has ${fields.length} fields, the header ${names.length}`, 'skips the row');
      continue;
    }
    const value = (at: number): number => {
      const found = toNumber(fields[at]!.trim(), '\t');
      if (found === undefined) {
        rows.doubt(`line ${number} has "${fields[at]}" as ${names[at]}, expected a number`, 'takes it as missing');
      }
      return found ?? Number.NaN;
    };
    const isValid = eyes.map(({ validity }) => value(validity) <= LAST_VALID);
    const seen = (e: number, at: number) => (isValid[e] ? value(at) : Number.NaN);
    if (hasPlaces) apart[rows.length] = seen(0, eyes[0]!.place) - seen(1, eyes[1]!.place);
    const gaze = eyes.flatMap(({ x, y }, e) => [seen(e, x) * width, seen(e, y) * height]);
    const pupils = eyes.map(({ pupil }, e) => positive(seen(e, pupil)));
    rows.add(clock ? value(time) * clock[1] : Number.NaN, [...gaze, ...pupils], number);
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
