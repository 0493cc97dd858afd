/** EEG as delimited text with a header row: a time column or a given rate, one column per channel. */
import { AffectEdgeError } from '../../errors.ts';
import { delimitedText, isData, type Row, toNumber } from '../delimited-text.ts';
import { bySample, sampleOfRow } from '../parsed.ts';
import { problemReporter } from '../problems.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';
import { countLines } from '../text-lines.ts';
import { timeColumn } from '../time/column.ts';
import { orderedRows } from '../time/stamped-rows.ts';
import { unitNotices } from './amplitude.ts';
import { type CsvColumns, csvColumns } from './csv-columns.ts';
import { CsvRowCollector } from './csv-rows.ts';
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
  const column = timeColumn(names);
  const time = column && { ...column, isUsed: givenHz === undefined };
  if (time && !time.isUsed)
    notices.push(`the rate is given: column ${names[time.at]} is not used, and the rows have no gaps`);
  let rows: CsvRowCollector | undefined;
  let channels: CsvColumns['channels'] = [];
  const early: Row[] = [];
  for (const row of lines) {
    const { fields } = row;
    // A row of numbers shows which columns are numeric; events may come before it.
    if (!rows && !fields.some((field, at) => at !== time?.at && isNumber(field))) {
      early.push(row);
      continue;
    }
    if (!rows) {
      const columns = csvColumns(file.path, names, fields, time?.at, options, notices);
      channels = columns.channels;
      // A row has at least one byte per column, so many short lines do not allocate memory.
      const capacity = Math.min(countLines(file.bytes), Math.ceil(file.bytes.length / channels.length));
      rows = new CsvRowCollector({ names, separator, time, capacity }, columns, report);
    }
    for (const { fields, line } of [...early.splice(0), row]) rows.add(fields, line);
  }
  if (!rows?.hasSamples) throw fileInvalid(file.path, 'has no rows of samples');
  notices.push(...rows.notices());
  if (!time && givenHz === undefined) {
    throw fileInvalid(file.path, 'has no time column (time, timestamp, t, seconds, ms, us): give its rate with --rate');
  }
  const { timesS, lineOfRow, marked } = rows;
  const data = rows.data.map((channel) => channel.subarray(0, rows.rows));
  const placeOf = (row: number) => `line ${lineOfRow[row]}`;
  const stamped = time?.isUsed
    ? orderedRows({ timesS: timesS.subarray(0, rows.rows), data, placeOf, declaredHz }, report, notices)
    : undefined;
  if (stamped) checkRate(file.path, stamped.rateHz, names[time!.at]!);
  const unstated = data.filter((_, c) => !channels[c]!.isUnitStated);
  notices.push(...unitNotices(options.unit, unstated));
  const kept = stamped?.data ?? data;
  const gaps = stamped?.gaps ?? [];
  const rowOf = (row: number) => (row < rows.rows ? (stamped?.rowOf(row) ?? row) : kept[0]!.length);
  return {
    format,
    deviceId,
    channels: channels.map(({ label }) => ({ label, unit: 'uV' })),
    sampleRateHz: stamped?.rateHz ?? givenHz!,
    data: kept,
    gaps,
    markers: marked.map(({ row, label }) => ({ label, sample: sampleOfRow(rowOf(row), gaps) })).sort(bySample),
    startUnixUs: stamped && stamped.timesS[0]! > 1e8 ? Math.round(stamped.timesS[0]! * 1e6) : null,
    notices,
    simulated: false,
  };
}

function isNumber(field: string): boolean {
  return field !== '' && toNumber(field, ';') !== undefined;
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
