/**
 * Gazepoint: a log of the Open Gaze API, or the table that Gazepoint Analysis exports. Both hold records with gaze as a
 * fraction of the screen, each value with a validity flag.
 */

import type { Marker } from '../../../samples.ts';
import { delimitedText } from '../../delimited-text.ts';
import { sampleOfRow } from '../../parsed.ts';
import { fileInvalid, type SourceFile } from '../../source-file.ts';
import { countLines, textLines } from '../../text-lines.ts';
import type { EyeOptions, ParsedEye } from '../parsed.ts';
import { EyeRowCollector } from '../row-collector.ts';
import { screenSize } from '../screen-size.ts';
import { type OpenGazeMessage, parseOpenGaze } from './message.ts';
import { gazepointRate } from './rate.ts';
import { fieldValue, gazeFields, numberOf, pupilFields, type ScreenPx, screenPxOf } from './values.ts';

/** In order of preference: each eye, the mean of both, the output of the tracker's fixation filter. */
const GAZES = [['LPOG', 'RPOG'], ['BPOG'], ['FPOG']] as const;

/** The table that Gazepoint Analysis exports. */
export function isGazepointTable(start: string): boolean {
  const header = start.split('\n', 1)[0]!;
  return /(^|[,;\t])"?TIME ?\(/.test(header) && /(^|[,;\t])"?[LRBF]POGX\b/.test(header);
}

export function isGazepoint(start: string): boolean {
  return /^\s*<(REC|ACK|NACK|CAL|UPDATE)\b/.test(start);
}

/** Throws FILE_INVALID naming the line, CONFIG_INVALID without a screen size. */
export function readGazepoint(file: SourceFile, options: EyeOptions): ParsedEye {
  const { fields, hasTimes, statedPx, rateHz, isFiltered } = survey(file);
  const screenPx = screenSize(file.path, options, statedPx);
  const rows = new EyeRowCollector(file, options, {
    channels: fields.map(({ channel }) => channel),
    times: hasTimes ? 'stamps' : 'none',
    capacity: countLines(file.bytes),
  });
  if (isFiltered) {
    rows.notices.push(
      "the log has only the tracker's own filtered gaze (FPOG), whose jumps are not saccades as measured",
    );
  }
  const marks: { row: number; label: string }[] = [];
  let mark = '';
  for (const { message, text, number } of messagesOf(file)) {
    if (!message) {
      rows.report(`line ${number} is cut or not closed: "${text.slice(0, 60)}"`, 'skips it');
      continue;
    }
    if (message.tag !== 'REC') continue;
    const user = message.attributes.get('USER')?.trim() ?? '';
    if (user !== '' && user !== mark) marks.push({ row: rows.count, label: user });
    mark = user;
    const value = (name: string): number => numberOf(message, name);
    const seen = (name: string, valid: string) => (value(valid) === 1 ? value(name) : Number.NaN);
    const apart = seen('LEYEX', 'LPUPILV') - seen('REYEX', 'RPUPILV');
    const values = fields.map((field) => fieldValue(message, field, screenPx));
    rows.add(hasTimes ? value('TIME') : Number.NaN, values, number, apart);
  }
  const parsed = rows.finish(rateHz, gazepointRate);
  return {
    format: 'Gazepoint',
    deviceId: 'gazepoint',
    ...parsed,
    markers: marks.map(({ row, label }): Marker => ({ label, sample: sampleOfRow(row, parsed.gaps) })),
    screenPx,
    isFraction: true,
  };
}

interface Line {
  /** Undefined for a line that is not a whole message. */
  readonly message: OpenGazeMessage | undefined;
  readonly text: string;
  readonly number: number;
}

/** A row of a table is a record; "TIME(2024/08/22 08:28:26.460)" and "TIME_TICK(f=10000000)" are TIME and TIME_TICK. */
function* messagesOf({ bytes }: SourceFile): Generator<Line> {
  if (isGazepoint(bytes.toString('utf8', 0, 4096))) {
    for (const { text, number } of textLines(bytes)) {
      if (text.trim() !== '') yield { message: parseOpenGaze(text), text, number };
    }
    return;
  }
  const { names, separator, rows } = delimitedText(bytes);
  const attributes = names.map((name) => name.replace(/\s*\(.*$/, '').replace(/^TIMETICK$/, 'TIME_TICK'));
  for (const { fields, line } of rows) {
    const cells = separator === ',' ? fields : fields.map((field) => field.replace(',', '.'));
    const isWhole = fields.length === names.length || (fields.length === names.length + 1 && fields.at(-1) === '');
    const message = isWhole
      ? { tag: 'REC', attributes: new Map(attributes.map((name, at) => [name, cells[at]!])) }
      : undefined;
    yield { message, text: fields.join(separator), number: line };
  }
}

/** Reads the fields of the first record with gaze, and screen size and rate of the acknowledgements. */
function survey(file: SourceFile) {
  let statedPx: ScreenPx | undefined;
  let rateHz: number | undefined;
  let record: OpenGazeMessage | undefined;
  for (const { message } of messagesOf(file)) {
    const id = message?.attributes.get('ID');
    if (message?.tag === 'ACK' && id === 'SCREEN_SIZE') statedPx = screenPxOf(message) ?? statedPx;
    if (message?.tag === 'ACK' && id === 'PRODUCT_ID' && numberOf(message, 'RATE') > 0)
      rateHz = numberOf(message, 'RATE');
    if (message?.tag === 'REC' && !record && gazeOf(message)) record = message;
  }
  const gaze = record && gazeOf(record);
  if (!record || !gaze) {
    throw fileInvalid(
      file.path,
      'has no record with gaze (LPOGX and RPOGX, BPOGX or FPOGX): switch ENABLE_SEND_POG_LEFT and _RIGHT on',
    );
  }
  const hasTimes = record.attributes.has('TIME');
  const fields = [...gazeFields(gaze), ...pupilFields(record)];
  return { fields, hasTimes, statedPx, rateHz, isFiltered: gaze[0] === 'FPOG' };
}

function gazeOf({ attributes }: OpenGazeMessage): readonly string[] | undefined {
  return GAZES.find((names) => names.every((name) => attributes.has(`${name}X`) && attributes.has(`${name}Y`)));
}
