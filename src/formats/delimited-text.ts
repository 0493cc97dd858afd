/** Delimited text (CSV, TSV) with a header row. */
import { textLines } from './text-lines.ts';

interface DelimitedText {
  /** The first line as written; empty for an empty file. */
  readonly header: string;
  /** Names of the columns. */
  readonly names: readonly string[];
  readonly separator: string;
  /** The rows after the header without blank lines, read one at a time and once; `line` counts from 1. */
  readonly rows: Iterable<{ readonly fields: string[]; readonly line: number }>;
}

/** Without a `separator`, the header decides between comma, semicolon and tab. */
export function delimitedText(bytes: Buffer, separator?: string): DelimitedText {
  const lines = textLines(bytes);
  const first = lines.next();
  const header = first.done ? '' : first.value.text;
  const found =
    separator ?? [',', ';', '\t'].reduce((a, b) => (header.split(b).length > header.split(a).length ? b : a));
  const split = (line: string) => line.split(found).map(unquoted);
  function* rows() {
    for (const { text, number } of lines) if (text.trim() !== '') yield { fields: split(text), line: number };
  }
  return { header, names: split(header), separator: found, rows: rows() };
}

export function unquoted(field: string): string {
  const value = field.trim();
  return value.startsWith('"') ? value.replace(/^"(.*)"$/, '$1') : value;
}

/** NaN for a cell without a value, undefined for text. A decimal comma is read where the comma separates nothing. */
export function toNumber(field: string, separator: string): number | undefined {
  const value = Number(separator === ',' ? field : field.replace(',', '.'));
  if (field !== '' && !Number.isNaN(value)) return value;
  return field === '' || /^(nan|na|null)$/i.test(field) ? Number.NaN : undefined;
}
