/** EEG as delimited text with a header row: a time column or a given rate, one column per channel. */
import { AffectEdgeError } from '../../errors.ts';
import { electrodePosition } from '../../montage.ts';
import { delimitedText, toNumber } from '../delimited-text.ts';
import { problemReporter } from '../problems.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';
import { countLines } from '../text-lines.ts';
import { timeColumn, toSeconds } from '../time/column.ts';
import { orderedRows } from '../time/stamped-rows.ts';
import { microvoltsPer } from '../units.ts';
import type { EegOptions, ParsedEeg } from './parsed.ts';

/** Exports write it before the electrode's name: "EEG.AF3", "RAW_TP9". */
const prefix = /^(EEG|RAW)[ ._-]+/i;
/** A lower rate means that the rows are summaries, not samples. */
const lowestRateHz = 10;
const longestName = 256;

interface Column {
  readonly at: number;
  readonly label: string;
  readonly uvPerUnit: number;
}

/** Throws FILE_INVALID naming line and column, RATE_UNSUPPORTED where rows are too sparse to be samples. */
export function readCsv(file: SourceFile, options: EegOptions): ParsedEeg {
  const notices: string[] = [];
  const report = problemReporter(file.path, options.salvage, notices);
  const { header, names, separator, rows: lines } = delimitedText(file.bytes);
  if (
    (names.length < 2 && options.rateHz === undefined) ||
    names.every((name) => toNumber(name, separator) !== undefined)
  ) {
    throw fileInvalid(
      file.path,
      `line 1 is "${header.slice(0, 60)}", expected column names, one of them a time: ` +
        'add a header line; with --rate no time column is needed',
    );
  }
  const long = names.find((name) => name.length > longestName);
  if (long)
    throw fileInvalid(file.path, `line 1 has a column name of ${long.length} characters: "${long.slice(0, 60)}"`);
  const lineCount = countLines(file.bytes);
  const timeNamed = timeColumn(names);
  const time = options.rateHz === undefined ? timeNamed : undefined;
  if (timeNamed && !time)
    notices.push(`the rate is given: column ${names[timeNamed.at]} is not used, and the rows have no gaps`);
  const timesS = new Float64Array(time ? lineCount : 0);
  const lineOfRow = new Uint32Array(time ? lineCount : 0);
  let columns: Column[] | undefined;
  let data: Float32Array[] = [];
  let rows = 0;
  let short = 0;

  for (const { fields, line } of lines) {
    if (!columns) {
      columns = channelColumns(names, fields, timeNamed?.at, options, notices);
      if (columns.length === 0)
        throw fileInvalid(file.path, `has no numeric column besides the time: ${names.join(', ')}`);
      // A row has at least one byte per column, so many short lines do not allocate memory.
      const capacity = Math.min(lineCount, Math.ceil(file.bytes.length / columns.length));
      data = columns.map(() => new Float32Array(capacity));
    }
    const lastUsed = Math.max(time?.at ?? 0, columns.at(-1)!.at);
    if (fields.length > names.length || fields.length <= lastUsed) {
      report(`line ${line} has ${fields.length} fields, the header ${names.length}`, 'skips the row');
      continue;
    }
    if (fields.length < names.length) short++;
    if (time) {
      const seconds = toSeconds(fields[time.at]!, time.unit);
      if (!Number.isFinite(seconds)) {
        report(`line ${line} has "${fields[time.at]}" as ${names[time.at]}, expected a time`, 'skips the row');
        continue;
      }
      timesS[rows] = seconds;
      lineOfRow[rows] = line;
    }
    columns.forEach(({ at, label, uvPerUnit }, c) => {
      const value = toNumber(fields[at]!, separator);
      if (value === undefined)
        report(`line ${line} has "${fields[at]}" as ${label}, expected a number`, 'takes it as missing');
      data[c]![rows] = (value ?? Number.NaN) * uvPerUnit;
    });
    rows++;
  }
  if (!columns || rows === 0) throw fileInvalid(file.path, 'has no rows of samples');
  if (short > 0) notices.push(`${short} rows end before the last columns, which are not used`);
  if (!time && options.rateHz === undefined) {
    throw fileInvalid(file.path, 'has no time column (time, timestamp, t, seconds, ms, us): give its rate with --rate');
  }
  const kept = data.map((channel) => channel.subarray(0, rows));
  const placeOf = (row: number) => `line ${lineOfRow[row]}`;
  const stamped = time && orderedRows({ timesS: timesS.subarray(0, rows), data: kept, placeOf }, report, notices);
  if (stamped) checkRate(file.path, stamped.rateHz, names[time.at]!);
  return {
    format: 'CSV',
    deviceId: 'csv',
    channels: columns.map(({ label }) => ({ label, unit: 'uV' })),
    sampleRateHz: stamped?.rateHz ?? options.rateHz!,
    data: stamped?.data ?? kept,
    gaps: stamped?.gaps ?? [],
    markers: [],
    startUnixUs: stamped && stamped.timesS[0]! > 1e8 ? Math.round(stamped.timesS[0]! * 1e6) : null,
    notices,
    simulated: false,
  };
}

/** The columns named after electrodes (only those with RAW_ if there are any), otherwise all numeric columns. */
function channelColumns(
  names: readonly string[],
  row: readonly string[],
  timeAt: number | undefined,
  options: EegOptions,
  notices: string[],
): Column[] {
  const all = names
    .map((name, at) => ({ name, at, unit: /[ _]?[([]([^)\]]+)[)\]]$/.exec(name)?.[1] }))
    .map(({ name, at, unit }) => ({ name: unit ? name.replace(/[ _]?[([][^)\]]+[)\]]$/, '') : name, at, unit }))
    .filter(({ at }) => at !== timeAt);
  const electrodes = all.filter(({ name }) => electrodePosition(name.replace(prefix, '')) !== null);
  const raw = electrodes.filter(({ name }) => /^RAW[ ._-]/i.test(name));
  const chosen =
    raw.length > 0
      ? raw
      : electrodes.length > 0
        ? electrodes
        : all.filter(({ at }) => row[at] !== undefined && row[at] !== '' && toNumber(row[at], ';') !== undefined);
  if (electrodes.length === 0 && chosen.length > 0) {
    notices.push(
      `no column is named after an electrode; all numeric columns are taken: ${chosen.map((c) => c.name).join(', ')}`,
    );
  }
  const left = all.filter((column) => !chosen.includes(column));
  if (left.length > 0) notices.push(`left out: ${left.map((column) => column.name).join(', ')}`);
  const given = microvoltsPer(options.unit ?? 'uV');
  if (given === undefined) {
    throw new AffectEdgeError('CONFIG_INVALID', `unit is "${options.unit}", expected uV, nV, mV or V`);
  }
  return chosen.map(({ name, at, unit }) => ({
    at,
    label: electrodes.length > 0 ? name.replace(prefix, '') : name,
    uvPerUnit: (unit === undefined ? undefined : microvoltsPer(unit)) ?? given,
  }));
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
