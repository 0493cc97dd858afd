/** Collects the rows of a table of EEG: samples, markers, and rows that are neither. */
import { isComment, toNumber } from '../delimited-text.ts';
import type { ReportProblem } from '../problems.ts';
import { isTime, secondsReader } from '../time/column.ts';
import type { CsvColumns } from './csv-columns.ts';

interface Table {
  readonly names: readonly string[];
  readonly separator: string;
  /** The column of the time; `isUsed` is false where the rate is given instead. */
  readonly time: { readonly at: number; readonly unit: number | undefined; readonly isUsed: boolean } | undefined;
  /** Upper limit of the number of rows. */
  readonly capacity: number;
}

export class CsvRowCollector {
  /** [rows] where the time is used */
  readonly timesS: Float64Array;
  readonly lineOfRow: Uint32Array;
  readonly data: readonly Float32Array[];
  /** At the next row of samples. */
  readonly marked: { readonly row: number; readonly label: string }[] = [];
  readonly #table: Table;
  readonly #columns: CsvColumns;
  readonly #report: ReportProblem;
  readonly #secondsOf: (field: string) => number;
  readonly #timeAt: number;
  readonly #lastUsed: number;
  readonly #blankLines: number[] = [];
  #rows = 0;
  #short = 0;
  #comments = 0;
  #latestMark = '';

  constructor(table: Table, columns: CsvColumns, report: ReportProblem) {
    const { time, capacity } = table;
    this.#table = table;
    this.#columns = columns;
    this.#report = report;
    this.#secondsOf = secondsReader(time?.unit);
    this.#timeAt = time?.isUsed ? time.at : -1;
    this.#lastUsed = Math.max(this.#timeAt, columns.channels.at(-1)!.at);
    this.timesS = new Float64Array(this.#timeAt === -1 ? 0 : capacity);
    this.lineOfRow = new Uint32Array(this.#timeAt === -1 ? 0 : capacity);
    this.data = columns.channels.map(() => new Float32Array(capacity));
  }

  get rows(): number {
    return this.#rows;
  }

  /** Whether any row has a value. */
  get hasSamples(): boolean {
    return this.#rows > (this.#timeAt === -1 ? this.#blankLines.length : 0);
  }

  add(fields: readonly string[], line: number): void {
    if (isComment(fields[0]!)) this.#comments++;
    else if (this.#hasColumns(fields, line) && !this.#isWithoutValues(fields, line)) this.#addSample(fields, line);
  }

  notices(): string[] {
    const [first] = this.#blankLines;
    const fate = this.#timeAt === -1 ? 'taken as missing samples' : 'left out';
    return [
      ...(this.#short > 0 ? [`${this.#short} rows end before the last columns, which are not used`] : []),
      ...(this.#comments > 0 ? [`${this.#comments} lines of comments between the rows are left out`] : []),
      ...(first ? [`${this.#blankLines.length} rows have no values (the first is line ${first}): ${fate}`] : []),
    ];
  }

  #hasColumns(fields: readonly string[], line: number): boolean {
    const { names, separator } = this.#table;
    const isLong = fields.slice(names.length).some((field) => field !== '');
    if (!isLong && fields.length > this.#lastUsed) {
      if (fields.length < names.length) this.#short++;
      return true;
    }
    const hint = isLong && separator === ',' ? ' (decimal commas need another separator, such as a semicolon)' : '';
    this.#report(`line ${line} has ${fields.length} fields, the header ${names.length}${hint}`, 'skips the row');
    return false;
  }

  /** A text makes such a row a marker. Without stamps the others are missing samples, so that no later one moves. */
  #isWithoutValues(fields: readonly string[], line: number): boolean {
    if (this.#columns.channels.some(({ at }) => fields[at] !== '')) return false;
    const text = fields.find((field, at) => at !== this.#table.time?.at && isText(field));
    if (text !== undefined) this.marked.push({ row: this.#rows, label: text });
    else this.#blankLines.push(line);
    return text !== undefined || this.#timeAt !== -1;
  }

  #addSample(fields: readonly string[], line: number): void {
    if (this.#timeAt !== -1) {
      const seconds = this.#secondsOf(fields[this.#timeAt]!);
      if (!Number.isFinite(seconds)) {
        const [field, name] = [fields[this.#timeAt], this.#table.names[this.#timeAt]];
        this.#report(`line ${line} has "${field}" as ${name}, expected a time`, 'skips the row');
        return;
      }
      this.timesS[this.#rows] = seconds;
      this.lineOfRow[this.#rows] = line;
    }
    for (const [c, { at, label, uvPerUnit }] of this.#columns.channels.entries()) {
      const value = toNumber(fields[at]!, this.#table.separator);
      if (value === undefined)
        this.#report(`line ${line} has "${fields[at]}" as ${label}, expected a number`, 'takes it as missing');
      this.data[c]![this.#rows] = (value ?? Number.NaN) * uvPerUnit;
    }
    this.#mark(fields);
    this.#rows++;
  }

  /** A column of markers marks the samples at which it changes to anything but 0. */
  #mark(fields: readonly string[]): void {
    const { markers } = this.#columns;
    const label = markers.map((at) => fields[at] ?? '').find((field) => field !== '' && Number(field) !== 0) ?? '';
    if (label !== '' && label !== this.#latestMark) this.marked.push({ row: this.#rows, label });
    this.#latestMark = label;
  }
}

function isText(field: string): boolean {
  return field !== '' && toNumber(field, ';') === undefined && !isTime(field);
}
