/** EEG as delimited text with a header row: a time column or a given rate, one column per channel. */
import { AffectEdgeError } from '../../errors.ts';
import { delimitedText, isComment, isData, toNumber } from '../delimited-text.ts';
import { bySample, sampleOfRow } from '../parsed.ts';
import { problemReporter } from '../problems.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';
import { countLines } from '../text-lines.ts';
import { isTime, secondsReader, timeColumn } from '../time/column.ts';
import { orderedRows } from '../time/stamped-rows.ts';
import { amplitudeNotices } from './amplitude.ts';
import { type CsvColumns, csvColumns } from './csv-columns.ts';
import type { EegOptions, ParsedEeg } from './parsed.ts';

/** A lower rate means that the rows are summaries, not samples. */
const lowestRateHz = 10;
const longestName = 256;

/** What the program that wrote a table states beside it. */
interface Origin {
  readonly format: string;
  readonly deviceId: string;
  readonly declaredHz?: number | undefined;
}

/** Throws FILE_INVALID naming line and column, FILE_UNSUPPORTED for gaze, RATE_UNSUPPORTED for rows that are no samples. */
export function readCsv(
  file: SourceFile,
  options: EegOptions,
  { format, deviceId, declaredHz }: Origin = { format: 'CSV', deviceId: 'csv' },
): ParsedEeg {
  const notices: string[] = [];
  const report = problemReporter(file.path, options.salvage, notices);
  const { header, headerLine, names, separator, rows: lines } = delimitedText(file.bytes);
  const givenHz = options.rateHz ?? (timeColumn(names) ? undefined : declaredHz);
  checkHeader(file.path, names, header, headerLine, givenHz);
  const lineCount = countLines(file.bytes);
  const timeNamed = timeColumn(names);
  const time = givenHz === undefined ? timeNamed : undefined;
  if (timeNamed && !time)
    notices.push(`the rate is given: column ${names[timeNamed.at]} is not used, and the rows have no gaps`);
  const secondsOf = secondsReader(time?.unit);
  const timesS = new Float64Array(time ? lineCount : 0);
  const lineOfRow = new Uint32Array(time ? lineCount : 0);
  const marked: { row: number; label: string }[] = [];
  let columns: CsvColumns | undefined;
  let data: Float32Array[] = [];
  let [rows, short, comments, latestMark] = [0, 0, 0, ''];
  const blanks: number[] = [];

  for (const { fields, line } of lines) {
    if (isComment(fields[0]!)) {
      comments++;
      continue;
    }
    if (!columns) {
      columns = csvColumns(file.path, names, fields, timeNamed?.at, options, notices);
      // A row has at least one byte per column, so many short lines do not allocate memory.
      const capacity = Math.min(lineCount, Math.ceil(file.bytes.length / columns.channels.length));
      data = columns.channels.map(() => new Float32Array(capacity));
    }
    const lastUsed = Math.max(time?.at ?? 0, columns.channels.at(-1)!.at);
    const isLong = fields.slice(names.length).some((field) => field !== '');
    if (isLong || fields.length <= lastUsed) {
      const hint = isLong && separator === ',' ? ' (decimal commas need another separator, such as a semicolon)' : '';
      report(`line ${line} has ${fields.length} fields, the header ${names.length}${hint}`, 'skips the row');
      continue;
    }
    if (fields.length < names.length) short++;
    const isBlank = columns.channels.every(({ at }) => fields[at] === '');
    const text = isBlank ? fields.find((field, at) => at !== timeNamed?.at && isText(field)) : undefined;
    if (text !== undefined) {
      marked.push({ row: rows, label: text });
      continue;
    }
    if (isBlank) {
      blanks.push(line);
      if (time) continue;
    }
    if (time) {
      const seconds = secondsOf(fields[time.at]!);
      if (!Number.isFinite(seconds)) {
        report(`line ${line} has "${fields[time.at]}" as ${names[time.at]}, expected a time`, 'skips the row');
        continue;
      }
      timesS[rows] = seconds;
      lineOfRow[rows] = line;
    }
    columns.channels.forEach(({ at, label, uvPerUnit }, c) => {
      const value = toNumber(fields[at]!, separator);
      if (value === undefined)
        report(`line ${line} has "${fields[at]}" as ${label}, expected a number`, 'takes it as missing');
      data[c]![rows] = (value ?? Number.NaN) * uvPerUnit;
    });
    const mark =
      columns.markers.map((at) => fields[at] ?? '').find((field) => field !== '' && Number(field) !== 0) ?? '';
    if (mark !== '' && mark !== latestMark) marked.push({ row: rows, label: mark });
    latestMark = mark;
    rows++;
  }
  if (!columns || rows === 0 || (!time && blanks.length === rows))
    throw fileInvalid(file.path, 'has no rows of samples');
  if (short > 0) notices.push(`${short} rows end before the last columns, which are not used`);
  if (comments > 0) notices.push(`${comments} lines of comments between the rows are left out`);
  if (blanks.length > 0) {
    notices.push(
      `${blanks.length} rows have no values (the first is line ${blanks[0]}): ${time ? 'left out' : 'taken as missing samples'}`,
    );
  }
  if (!time && givenHz === undefined) {
    throw fileInvalid(file.path, 'has no time column (time, timestamp, t, seconds, ms, us): give its rate with --rate');
  }
  const kept = data.map((channel) => channel.subarray(0, rows));
  const placeOf = (row: number) => `line ${lineOfRow[row]}`;
  const stamped =
    time && orderedRows({ timesS: timesS.subarray(0, rows), data: kept, placeOf, declaredHz }, report, notices);
  if (stamped) checkRate(file.path, stamped.rateHz, names[time.at]!);
  const gaps = stamped?.gaps ?? [];
  const last = (stamped?.data ?? kept)[0]!.length;
  const rowOf = (row: number) => (row < rows ? (stamped?.rowOf(row) ?? row) : last);
  if (!columns.hasUnits) notices.push(...amplitudeNotices(kept));
  return {
    format,
    deviceId,
    channels: columns.channels.map(({ label }) => ({ label, unit: 'uV' })),
    sampleRateHz: stamped?.rateHz ?? givenHz!,
    data: stamped?.data ?? kept,
    gaps,
    markers: marked.map(({ row, label }) => ({ label, sample: sampleOfRow(rowOf(row), gaps) })).sort(bySample),
    startUnixUs: stamped && stamped.timesS[0]! > 1e8 ? Math.round(stamped.timesS[0]! * 1e6) : null,
    notices,
    simulated: false,
  };
}

function isText(field: string): boolean {
  return field !== '' && toNumber(field, ';') === undefined && !isTime(field);
}

function checkHeader(
  path: string,
  names: readonly string[],
  header: string,
  line: number,
  givenHz: number | undefined,
): void {
  if ((names.length < 2 && givenHz === undefined) || isData(names)) {
    throw fileInvalid(
      path,
      `line ${line} is "${header.slice(0, 60)}", expected column names, one of them a time: ` +
        'add a header line; with --rate no time column is needed',
    );
  }
  const long = names.find((name) => name.length > longestName);
  if (long)
    throw fileInvalid(path, `line ${line} has a column name of ${long.length} characters: "${long.slice(0, 60)}"`);
}

function checkRate(path: string, rateHz: number, column: string): void {
  if (!(rateHz > 0 && rateHz < 1e6)) {
    throw fileInvalid(path, `column ${column} does not rise from row to row: give the rate with --rate`);
  }
  if (rateHz < lowestRateHz) {
    throw new AffectEdgeError(
      'RATE_UNSUPPORTED',
      `${path}: has ${rateHz.toFixed(2)} rows a second by its column ${column}, so its rows are summaries and not EEG ` +
        `samples (at least ${lowestRateHz} Hz). Record every sample (Mind Monitor: recording interval "Constant"), ` +
        'or name the unit in the column ("time_ms")',
    );
  }
}
