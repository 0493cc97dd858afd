/** A log of Gazepoint's Open Gaze API: records with gaze as a fraction of the screen, each value with a validity flag. */

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
  for (const { text, number } of textLines(file.bytes)) {
    if (text.trim() === '') continue;
    const message = parseOpenGaze(text);
    if (!message) {
      rows.report(`line ${number} is cut or not closed: "${text.slice(0, 60)}"`, 'skips it');
      continue;
    }
    if (message.tag !== 'REC') continue;
    const value = (name: string): number => numberOf(message, name);
    const seen = (name: string, valid: string) => (value(valid) === 1 ? value(name) : Number.NaN);
    const apart = seen('LEYEX', 'LPUPILV') - seen('REYEX', 'RPUPILV');
    const values = fields.map((field) => fieldValue(message, field, screenPx));
    rows.add(hasTimes ? value('TIME') : Number.NaN, values, number, apart);
  }
  return {
    format: 'Gazepoint',
    deviceId: 'gazepoint',
    ...rows.finish(rateHz, gazepointRate),
    markers: [],
    screenPx,
    isFraction: true,
  };
}

/** Reads the fields of the first record with gaze, and screen size and rate of the acknowledgements. */
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
