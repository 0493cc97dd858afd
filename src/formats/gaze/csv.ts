/** Eye tracking as delimited text with a header row: a time column or a given rate, gaze and pupil columns. */
import { AffectEdgeError } from '../../errors.ts';
import type { Channel } from '../../samples.ts';
import { delimitedText } from '../delimited-text.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';
import { countLines } from '../text-lines.ts';
import { secondsReader, timeColumn } from '../time/column.ts';
import type { EyeOptions, ParsedEye } from './parsed.ts';
import { EyeRowCollector } from './row-collector.ts';

const gazeName = /^([xy])(?:_(left|right))?(?:_(px|deg))?$/;
const pupilName = /^pupil(?:_(left|right|h|v))?(?:_([a-z]+))?$/;

/** A lower rate means that the time column has another unit, or that the rows are not samples. */
const LOWEST_RATE_HZ = 10;

interface Column {
  readonly at: number;
  readonly channel: Channel;
  readonly kind: 'x' | 'y' | 'pupil';
}

/**
 * Columns are named as the channels are (`x_px`, `y_left_deg`, `pupil_left_mm`); `x` and `y` alone are pixels.
 * Empty cells, NaN, NA and ".", a pupil of 0 or less, and gaze at x = y = 0 mean that the value is missing.
 * Throws FILE_INVALID naming line and column, CONFIG_INVALID.
 */
export function readEyeCsv(file: SourceFile, options: EyeOptions): ParsedEye {
  const { header, names, separator, rows: lines } = delimitedText(file.bytes);
  const unitNotices: string[] = [];
  const columns = columnsOf(names, unitNotices);
  checkColumns(file.path, columns, header);
  const time = timeColumn(names);
  const named = time && names[time.at]!;
  if (!time && options.rateHz === undefined) {
    throw fileInvalid(file.path, 'has no time column (time_s, time_ms, t_us …): give its rate with --rate');
  }
  const channels = columns.map(({ channel }) => channel);
  const rows = new EyeRowCollector(file, options, {
    channels,
    times: time ? 'stamps' : 'none',
    capacity: countLines(file.bytes),
  });
  rows.notices.push(...unitNotices);
  const left = names.filter((_, at) => at !== time?.at && !columns.some((column) => column.at === at));
  if (left.length > 0) rows.notices.push(`left out: ${left.join(', ')}`);
  const values = new Array<number>(columns.length);
  const secondsOf = secondsReader(time?.unit);
  for (const { fields, line } of lines) {
    if (!rows.isWhole(fields, names, line)) continue;
    const seconds = time ? secondsOf(fields[time.at]!) : Number.NaN;
    if (time && !Number.isFinite(seconds) && options.rateHz === undefined) {
      rows.report(
        `line ${line} has "${fields[time.at]}" as ${named}, expected a time (or give --rate)`,
        'skips the row',
      );
      continue;
    }
    for (const [c, { at, channel }] of columns.entries()) {
      values[c] = fields[at] === '.' ? Number.NaN : rows.numberIn(fields[at]!, separator, channel.label, line);
    }
    blankMissing(values, columns);
    rows.add(seconds, values, line);
  }
  const parsed = rows.finish();
  if (parsed.sampleRateHz < LOWEST_RATE_HZ) {
    throw new AffectEdgeError(
      'RATE_UNSUPPORTED',
      `${file.path}: has ${parsed.sampleRateHz.toFixed(2)} rows a second by its column ${named}: ` +
        'name the unit in the column ("time_ms"), or give the rate with --rate',
    );
  }
  return { format: 'CSV', deviceId: 'csv', ...parsed, markers: [] };
}

/** Gaze columns must have a unit or a pupil column beside them: `x` and `y` alone may mean anything. */
export function isEyeCsv(bytes: Buffer): boolean {
  const names = delimitedText(bytes).names.map((name) => name.toLowerCase());
  const gazes = names.map((name) => gazeName.exec(name));
  const has = (axis: string) => gazes.some((gaze) => gaze?.[1] === axis);
  const isNamed = gazes.some((gaze) => gaze?.[3] !== undefined) || names.some((name) => pupilName.test(name));
  return has('x') && has('y') && isNamed;
}

function columnsOf(names: readonly string[], notices: string[]): Column[] {
  return names.flatMap((name, at): Column[] => {
    const lower = name.toLowerCase();
    const gaze = gazeName.exec(lower);
    if (gaze) {
      const unit = gaze[3] ?? 'px';
      if (!gaze[3]) notices.push(`column ${name} has no unit: taken as pixels (name it ${lower}_px or ${lower}_deg)`);
      const label = gaze[3] ? lower : `${lower}_px`;
      return [{ at, channel: { label, unit }, kind: gaze[1] as 'x' | 'y' }];
    }
    const pupil = pupilName.exec(lower);
    if (!pupil) return [];
    const stem = pupil[1] ? `pupil_${pupil[1]}` : 'pupil';
    const unit = pupil[2] === 'mm' || pupil[2] === 'px' ? pupil[2] : 'au';
    if (unit === 'au' && pupil[2] !== 'au') {
      const problem = pupil[2] ? `the unknown unit "${pupil[2]}"` : 'no unit';
      notices.push(
        `column ${name} has ${problem}: it shows blinks and changes but no diameter (name it ${stem}_mm or ${stem}_px)`,
      );
    }
    return [{ at, channel: { label: `${stem}_${unit}`, unit }, kind: 'pupil' }];
  });
}

function checkColumns(path: string, columns: readonly Column[], header: string): void {
  const labels = columns.map(({ channel }) => channel.label);
  const double = labels.find((label, c) => labels.indexOf(label) !== c);
  if (double) throw fileInvalid(path, `has two columns for ${double}`);
  const axis = (kind: string) =>
    columns.filter((column) => column.kind === kind).map(({ channel }) => channel.label.slice(1));
  const [x, y] = [axis('x'), axis('y')];
  if (x.length > 0 && x.join() === y.join()) return;
  throw fileInvalid(
    path,
    `line 1 is "${header.slice(0, 80)}", expected columns x_px and y_px, or x_left_px, y_left_px, x_right_px and y_right_px ` +
      '(or _deg), and pupil_left_mm, pupil_right_mm where there are pupils',
  );
}

/** Sets what trackers write for missing values to NaN. Columns of x and y may be in any order. */
function blankMissing(values: number[], columns: readonly Column[]): void {
  for (const [c, { kind, channel }] of columns.entries()) {
    if (kind === 'pupil' && !(values[c]! > 0)) values[c] = Number.NaN;
    if (kind !== 'x' || values[c] !== 0) continue;
    const y = columns.findIndex((other) => other.channel.label === `y${channel.label.slice(1)}`);
    if (values[y] === 0) values[c] = values[y] = Number.NaN;
  }
}
