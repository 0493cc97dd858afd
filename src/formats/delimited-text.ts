/** Delimited text (CSV, TSV) with a header row, after lines that describe the file. */
import { textLines } from './text-lines.ts';
import { isTime } from './time/column.ts';

export interface Row {
  readonly fields: string[];
  /** Counts from 1. */
  readonly line: number;
}

interface DelimitedText {
  /** The line of names as written; empty for an empty file. */
  readonly header: string;
  readonly headerLine: number;
  /** Names of the columns. */
  readonly names: readonly string[];
  /** Lines above the header: comments without their mark, and lines of "key:value" pairs. */
  readonly preamble: readonly string[];
  readonly separator: string;
  /** The rows after the header without blank lines, read one at a time and once. */
  readonly rows: Iterable<Row>;
}

const comment = /^\s*(#|%|\/\/)\s*/;
/** EmotivPRO's first line. */
export const properties = /^"?\s*title\s*:.*\bsampling( rate)?\s*:/i;
/** Excel's own first line. */
const separatorLine = /^sep=(.)\s*$/i;
/** "1, 2,5": the comma without a blank after it is a decimal one. */
const commaAndBlank = /,\s+/;

/** Without a `separator`, the header decides between comma, semicolon and tab. */
export function delimitedText(bytes: Buffer, separator?: string): DelimitedText {
  const lines = written(bytes);
  const preamble: string[] = [];
  let found = separator;
  let next = lines.next();
  for (; !next.done && isAboveHeader(next.value.text); next = lines.next()) {
    const { text } = next.value;
    found ??= separatorLine.exec(text)?.[1];
    preamble.push(text.replace(comment, ''));
  }
  const first = next.done ? { text: '', number: 1 } : next.value;
  found ??= separatorOf(first.text);
  const split = splitBy(found);
  // NumPy writes the names as a comment.
  const named = preamble.at(-1) ?? '';
  const isNamedAbove =
    preamble.length > 0 &&
    isData(split(first.text)) &&
    split(named).length === split(first.text).length &&
    !isData(split(named));
  const header = isNamedAbove ? named : first.text;
  const names = split(header);
  const second = isNamedAbove ? first : lines.next().value;
  const splitRow =
    second && found === ',' && hasDecimalCommas(second.text, names.length) ? splitBy(commaAndBlank) : split;
  function* rows(): Generator<Row> {
    if (second) yield { fields: splitRow(second.text), line: second.number };
    for (const { text, number } of lines) yield { fields: splitRow(text), line: number };
  }
  return {
    header,
    headerLine: isNamedAbove ? first.number - 1 : first.number,
    names,
    preamble,
    separator: splitRow === split ? found : ';',
    rows: rows(),
  };
}

/** Whether fields are numbers and times, and not names. */
export function isData(fields: readonly string[]): boolean {
  const filled = fields.filter((field) => field !== '');
  return filled.length > 0 && filled.every((field) => toNumber(field, ';') !== undefined || isTime(field));
}

export function isComment(field: string): boolean {
  return comment.test(field);
}

/** NaN for a cell without a value, undefined for text and for numbers beyond float32. A decimal comma is read where the comma separates nothing. */
export function toNumber(field: string, separator: string): number | undefined {
  const value = Number(separator === ',' ? field : field.replace(',', '.'));
  if (field !== '' && Number.isFinite(Math.fround(value))) return value;
  return field === '' || /^(nan|na|null)$/i.test(field) ? Number.NaN : undefined;
}

function* written(bytes: Buffer): Generator<{ readonly text: string; readonly number: number }, undefined> {
  for (const line of textLines(bytes)) if (line.text.trim() !== '') yield line;
  return undefined;
}

function isAboveHeader(text: string): boolean {
  return comment.test(text) || properties.test(text) || separatorLine.test(text);
}

function separatorOf(header: string): string {
  return [',', ';', '\t'].reduce((a, b) => (header.split(b).length > header.split(a).length ? b : a));
}

function hasDecimalCommas(row: string, columns: number): boolean {
  return row.split(',').length > columns && row.split(commaAndBlank).length === columns;
}

/** Separators between quotes separate nothing. */
function splitBy(separator: string | RegExp): (line: string) => string[] {
  return (line) => {
    const parts = line.split(separator);
    return (line.includes('"') ? joinQuoted(parts, separator) : parts).map(unquoted);
  };
}

function joinQuoted(parts: readonly string[], separator: string | RegExp): string[] {
  const fields: string[] = [];
  let isOpen = false;
  for (const part of parts) {
    if (isOpen) fields[fields.length - 1] += (typeof separator === 'string' ? separator : ', ') + part;
    else fields.push(part);
    if ((part.split('"').length - 1) % 2 === 1) isOpen = !isOpen;
  }
  return fields;
}

function unquoted(field: string): string {
  const value = field.trim();
  return value.startsWith('"') ? value.replace(/^"(.*)"$/s, '$1') : value;
}
