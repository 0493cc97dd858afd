/**
 * The columns of the OpenBCI GUI's text. Version 6 names them. Before, their number shows the version: index, EXG, 3
 * accelerometer values and, in version 4 and older, up to two times; version 5 has all columns of BrainFlow's boards.
 */

/** Rows of numbers: comma-separated, with a decimal point, or with a decimal comma and a blank after each separator. */
type Split = (row: string) => string[];

export interface Layout {
  readonly columns: number;
  readonly exg: number;
  readonly time: number | undefined;
  readonly marker: number | undefined;
  readonly split: Split;
}

/** Columns of version 5 without names, by EXG channels; the time stamp is the last or the last but one. */
const VERSION_5: Readonly<Record<number, number>> = { 4: 15, 8: 24, 16: 32 };
/** Columns besides EXG in version 4 and older: without times, with the time of day, with both times. */
const OLD = { plain: 4, timeOfDay: 5, stamped: 6 } as const;
const EXG = [16, 8, 4];
/** A larger number is a Unix time, in seconds or milliseconds. */
const LEAST_STAMP = 1e8;

const byComma: Split = (row) => row.split(',');
const byCommaAndBlank: Split = (row) => row.split(/,\s+/).map((field) => field.replace(',', '.'));

/**
 * @param row the first row of numbers
 * @param names version 6's names of the columns
 * @param declared number of EXG channels by the file's head
 * @returns what is wrong with the row where no layout has such columns
 */
export function layoutOf(
  row: string,
  names: readonly string[] | undefined,
  declared: number | undefined,
): Layout | string {
  const hasDecimalComma = row.split(/,\s+/).some((field) => /^[+-]?\d+,\d+(e[+-]?\d+)?$/i.test(field.trim()));
  const found = [byComma, ...(hasDecimalComma ? [byCommaAndBlank] : [])].flatMap((split) => {
    const layout = names ? namedLayout(names, split) : layoutByCount(split(row), declared, split);
    return layout?.columns === split(row).length ? [layout] : [];
  });
  if (found.length === 1) return found[0]!;
  if (found.length > 1) return 'may have decimal points or decimal commas: separate the columns by semicolons';
  return (
    `has ${byComma(row).length} columns, expected an index and ${declared ?? '4, 8 or 16'} EXG ` +
    `(${names ? names.length : countsFor(declared).join(', ')} columns). Decimal commas are read where a blank follows each separator`
  );
}

/** The first named columns are the index and EXG. */
export function hasExg(names: readonly string[]): boolean {
  return namedLayout(names, byComma) !== undefined;
}

/** Version 5 begins with a row of zeros, and boards that are not ready yet add more. */
export function isFiller(fields: readonly string[], layout: Layout | undefined): boolean {
  const used = layout ? [...fields.slice(1, layout.exg + 1), fields[layout.time ?? 0]!] : fields;
  const isStamped = layout ? layout.time !== undefined : !EXG.some((exg) => fields.length === exg + OLD.plain);
  return isStamped && used.every((field) => field !== undefined && field.trim() !== '' && Number(field) === 0);
}

function namedLayout(names: readonly string[], split: Split): Layout | undefined {
  const find = (name: string) => (names.includes(name) ? names.indexOf(name) : undefined);
  const exg = names.filter((name) => /^EXG Channel \d+$/.test(name)).length;
  if (!EXG.includes(exg) || !/^EXG Channel/.test(names[1] ?? '')) return undefined;
  return { columns: names.length, exg, time: find('Timestamp'), marker: find('Marker Channel'), split };
}

function layoutByCount(fields: readonly string[], declared: number | undefined, split: Split): Layout | undefined {
  const columns = fields.length;
  const exg = EXG.find((n) => (declared === undefined || n === declared) && countsFor(n).includes(columns));
  if (exg === undefined) return undefined;
  const stamped = [columns - 1, columns - 2].find((at) => Number(fields[at]) > LEAST_STAMP);
  if (columns === VERSION_5[exg] && stamped === undefined) return undefined;
  const time = columns === exg + OLD.stamped ? columns - 1 : columns === VERSION_5[exg] ? stamped : undefined;
  return { columns, exg, time, marker: undefined, split };
}

function countsFor(exg: number | undefined): number[] {
  return (exg === undefined ? EXG : [exg]).flatMap((n) => [
    ...Object.values(OLD).map((others) => n + others),
    ...(n in VERSION_5 ? [VERSION_5[n]!] : []),
  ]);
}
