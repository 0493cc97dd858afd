/** The time column of delimited text: which column it is, and its cells in seconds. */

const timeNames = /^(t|time|times|timestamps?|unix|seconds?|sec|millis|milliseconds?|microseconds?)$/i;
const timeUnits = new Map([
  ['s', 1],
  ['sec', 1],
  ['seconds', 1],
  ['ms', 1e-3],
  ['us', 1e-6],
  ['ns', 1e-9],
]);

interface TimeColumn {
  /** Index of the column. */
  readonly at: number;
  /** Seconds per unit; undefined where the name states no unit. */
  readonly unit: number | undefined;
}

/** Finds a column named "time", "timestamp_ms", "Time (us)" and the like. */
export function timeColumn(names: readonly string[]): TimeColumn | undefined {
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

/** A number in `unit`. Without a unit, the size of the number shows the unit of Unix time. Dates without a zone are UTC. */
export function toSeconds(field: string, unit: number | undefined): number {
  const number = field === '' ? Number.NaN : Number(field.replace(',', '.'));
  if (Number.isNaN(number)) {
    const date = /[zZ]|[+-]\d\d:?\d\d$/.test(field) ? field : `${field.replace(' ', 'T')}Z`;
    return Date.parse(date) / 1000;
  }
  return number * (unit ?? (number > 1e17 ? 1e-9 : number > 1e14 ? 1e-6 : number > 1e11 ? 1e-3 : 1));
}
