/** Delimited text with a header row: a time column or a given rate, one column a channel. */
import { AffectEdgeError } from '../../errors.ts';
import { electrodePosition } from '../../montage.ts';
import { doubter, fileInvalid, type ParsedRecording, type RecordingOptions, type SourceFile } from '../parsed.ts';
import { countLines, textLines } from '../text-lines.ts';
import { gapsByTime, rateOfTimes } from '../time-stamps.ts';
import { microvoltsPer } from '../units.ts';

/** What exports put in front of an electrode: "EEG.AF3", "RAW_TP9". */
const prefix = /^(EEG|RAW)[ ._-]+/i;
const timeNames = /^(t|time|times|timestamps?|unix|seconds?|sec|millis|milliseconds?|microseconds?)$/i;
const timeUnits = new Map([
  ['s', 1],
  ['sec', 1],
  ['seconds', 1],
  ['ms', 1e-3],
  ['us', 1e-6],
  ['ns', 1e-9],
]);
/** Below it rows are summaries, not samples. */
const lowestRateHz = 10;
const longestName = 256;

interface Column {
  readonly at: number;
  readonly label: string;
  readonly uvPerUnit: number;
}

/** Throws FILE_INVALID naming line and column, RATE_UNSUPPORTED where rows are too sparse to be samples. */
export function readCsv(file: SourceFile, options: RecordingOptions): ParsedRecording {
  const notices: string[] = [];
  const doubt = doubter(file.path, options.salvage, notices);
  const lines = textLines(file.bytes);
  const first = lines.next();
  const header = first.done ? '' : first.value.text;
  const separator = [',', ';', '\t'].reduce((a, b) => (header.split(b).length > header.split(a).length ? b : a));
  const split = (line: string) => line.split(separator).map(unquoted);
  const names = split(header);
  if (
    (names.length < 2 && options.rateHz === undefined) ||
    names.every((name) => toNumber(name, separator) !== undefined)
  ) {
    throw fileInvalid(
      file.path,
      `line 1 is "${header.slice(0, 60)}", expected names of columns, one of them a time: ` +
        'add a header line; with --rate no time column is needed',
    );
  }
  const long = names.find((name) => name.length > longestName);
  if (long) throw fileInvalid(file.path, `line 1 names a column in ${long.length} characters: "${long.slice(0, 60)}"`);
  const lineCount = countLines(file.bytes);
  const timeNamed = timeColumn(names);
  const time = options.rateHz === undefined ? timeNamed : undefined;
  if (timeNamed && !time)
    notices.push(`the rate is given: column ${names[timeNamed.at]} is not used, rows count as gapless`);
  const timesS = new Float64Array(time ? lineCount : 0);
  let columns: Column[] | undefined;
  let data: Float32Array[] = [];
  let rows = 0;
  let short = 0;

  for (const { text, number } of lines) {
    if (text.trim() === '') continue;
    const fields = split(text);
    if (!columns) {
      columns = channelColumns(names, fields, timeNamed?.at, options, notices);
      if (columns.length === 0)
        throw fileInvalid(file.path, `has no numeric column besides the time: ${names.join(', ')}`);
      // a row has a byte at least for every column, so that many short lines claim no memory
      const capacity = Math.min(lineCount, Math.ceil(file.bytes.length / columns.length));
      data = columns.map(() => new Float32Array(capacity));
    }
    const lastUsed = Math.max(time?.at ?? 0, columns.at(-1)!.at);
    if (fields.length > names.length || fields.length <= lastUsed) {
      doubt(`line ${number} has ${fields.length} fields, the header ${names.length}`, 'skips the row');
      continue;
    }
    if (fields.length < names.length) short++;
    if (time) {
      const seconds = toSeconds(fields[time.at]!, time.unit);
      if (Number.isNaN(seconds)) {
        doubt(`line ${number} has "${fields[time.at]}" as ${names[time.at]}, expected a time`, 'skips the row');
        continue;
      }
      timesS[rows] = seconds;
    }
    columns.forEach(({ at, label, uvPerUnit }, c) => {
      const value = toNumber(fields[at]!, separator);
      if (value === undefined)
        doubt(`line ${number} has "${fields[at]}" as ${label}, expected a number`, 'takes it as missing');
      data[c]![rows] = (value ?? Number.NaN) * uvPerUnit;
    });
    rows++;
  }
  if (!columns || rows === 0) throw fileInvalid(file.path, 'holds no rows of samples');
  if (short > 0) notices.push(`${short} rows end before the last columns, which are not used`);
  const times = timesS.subarray(0, rows);
  const rateHz = options.rateHz ?? rateOf(file.path, times, time && names[time.at]);
  return {
    format: 'CSV',
    deviceId: 'csv',
    channels: columns.map(({ label }) => ({ label, unit: 'uV' })),
    sampleRateHz: rateHz,
    data: data.map((channel) => channel.subarray(0, rows)),
    gaps: time ? gapsByTime(times, rateHz) : [],
    markers: [],
    startUnixUs: time && times[0]! > 1e8 ? Math.round(times[0]! * 1e6) : null,
    notices,
    simulated: false,
  };
}

/** "time", "timestamp_ms", "Time (us)" …; `unit` in seconds, undefined where the name has none. */
export function timeColumn(names: readonly string[]): { at: number; unit: number | undefined } | undefined {
  for (const [at, name] of names.entries()) {
    const parts = name.split(/[ _()[\]]+/).filter((part) => part !== '');
    const unit = timeUnits.get(parts.at(-1)?.toLowerCase() ?? '');
    const bare = unit !== undefined && parts.length === 1 && name !== 's';
    if (bare || (parts.length === 2 && unit !== undefined && timeNames.test(parts[0]!)) || timeNames.test(name)) {
      return { at, unit: /^milli/i.test(name) ? 1e-3 : /^micro/i.test(name) ? 1e-6 : unit };
    }
  }
  return undefined;
}

/** A number in `unit`; without one, Unix time is recognised by its size; else a date and time (no zone: UTC). */
export function toSeconds(field: string, unit: number | undefined): number {
  const number = field === '' ? Number.NaN : Number(field.replace(',', '.'));
  if (Number.isNaN(number)) {
    const date = /[zZ]|[+-]\d\d:?\d\d$/.test(field) ? field : `${field.replace(' ', 'T')}Z`;
    return Date.parse(date) / 1000;
  }
  return number * (unit ?? (number > 1e17 ? 1e-9 : number > 1e14 ? 1e-6 : number > 1e11 ? 1e-3 : 1));
}

export function unquoted(field: string): string {
  const value = field.trim();
  return value.startsWith('"') ? value.replace(/^"(.*)"$/, '$1') : value;
}

/** NaN for a cell without a value, undefined for text. */
export function toNumber(field: string, separator: string): number | undefined {
  const value = Number(separator === ',' ? field : field.replace(',', '.'));
  if (field !== '' && !Number.isNaN(value)) return value;
  return field === '' || /^(nan|na|null)$/i.test(field) ? Number.NaN : undefined;
}

/** Columns named after electrodes (only the RAW_ ones where there are such), else all that are numeric. */
function channelColumns(
  names: readonly string[],
  row: readonly string[],
  timeAt: number | undefined,
  options: RecordingOptions,
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
      `no column is named after an electrode; all numeric ones are taken: ${chosen.map((c) => c.name).join(', ')}`,
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

function rateOf(path: string, timesS: Float64Array, column: string | undefined): number {
  if (column === undefined) {
    throw fileInvalid(path, 'has no time column (time, timestamp, t, seconds, ms, us): give its rate with --rate');
  }
  const rateHz = rateOfTimes(timesS);
  if (!(rateHz > 0 && rateHz < 1e6)) {
    throw fileInvalid(path, `column ${column} does not rise from row to row: give the rate with --rate`);
  }
  if (rateHz < lowestRateHz) {
    throw new AffectEdgeError(
      'RATE_UNSUPPORTED',
      `${path}: has ${rateHz.toFixed(2)} rows a second by its column ${column}, so its rows are summaries and no EEG ` +
        `samples (${lowestRateHz} Hz is the least). Record every sample (Mind Monitor: recording interval "Constant"), ` +
        'or name the unit in the column ("time_ms")',
    );
  }
  return rateHz;
}
