/** A log of Gazepoint's Open Gaze API: records with gaze as a fraction of the screen, each value with a validity. */

import { fileInvalid, type SourceFile } from '../../parsed.ts';
import { countLines, textLines } from '../../text-lines.ts';
import { type EyeOptions, medianOf, type ParsedEye, screenOf } from '../parsed.ts';
import { EyeRows } from '../rows.ts';
import { type OpenGazeMessage, parseOpenGaze } from './message.ts';
import { fieldValue, gazeFields, numberOf, pupilFields, type ScreenPx, screenPxOf } from './values.ts';

/** Best first: each eye, their mean, the tracker's own fixation filter. */
const GAZES = [['LPOG', 'RPOG'], ['BPOG'], ['FPOG']] as const;

export function isGazepoint(start: string): boolean {
  return /^\s*<(REC|ACK|NACK|CAL|UPDATE)\b/.test(start);
}

/** Throws FILE_INVALID naming the line, CONFIG_INVALID without a screen size. */
export function readGazepoint(file: SourceFile, options: EyeOptions): ParsedEye {
  const { fields, hasTimes, statedPx, rateHz, isFiltered } = survey(file);
  const screenPx = screenOf(file.path, options, statedPx);
  const capacity = countLines(file.bytes);
  const rows = new EyeRows(file, options, {
    channels: fields.map(({ channel }) => channel),
    times: hasTimes ? 'stamps' : 'none',
    capacity,
  });
  if (isFiltered)
    rows.notices.push("only the tracker's own filtered gaze (FPOG) is there: its jumps are no saccades as measured");
  const apart = new Float32Array(capacity);
  for (const { text, number } of textLines(file.bytes)) {
    if (text.trim() === '') continue;
    const message = parseOpenGaze(text);
    if (!message) {
      rows.doubt(`line ${number} is cut or not closed: "${text.slice(0, 60)}"`, 'skips it');
      continue;
    }
    if (message.tag !== 'REC') continue;
    const value = (name: string): number => numberOf(message, name);
    const seen = (name: string, valid: string) => (value(valid) === 1 ? value(name) : Number.NaN);
    apart[rows.length] = seen('LEYEX', 'LPUPILV') - seen('REYEX', 'RPUPILV');
    const values = fields.map((field) => fieldValue(message, field, screenPx));
    rows.add(hasTimes ? value('TIME') : Number.NaN, values, number);
  }
  const eyesApart = medianOf(apart.subarray(0, rows.length));
  const parsed = rows.finish(rateHz);
  const measured = Number.isNaN(eyesApart) ? {} : { eyesApart };
  return {
    format: 'Gazepoint',
    deviceId: 'gazepoint',
    ...parsed,
    markers: [],
    notices: rows.notices,
    screenPx,
    ...measured,
  };
}

/** What the records hold, by the first one with gaze, and what the acknowledgements say. */
function survey(file: SourceFile) {
  let statedPx: ScreenPx | undefined;
  let rateHz: number | undefined;
  let record: OpenGazeMessage | undefined;
  for (const { text } of textLines(file.bytes)) {
    const message = parseOpenGaze(text);
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
