/** The time column of delimited text: which column it is, and its cells in seconds. */

const timeNames =
  /^(t|time|times|timestamps?|datetime|time[ _]of[ _]day|unix|seconds?|sec|millis|milliseconds?|microseconds?)$/i;
const timeUnits = new Map([
  ['s', 1],
  ['sec', 1],
  ['seconds', 1],
  ['ms', 1e-3],
  ['us', 1e-6],
  ['\u00b5s', 1e-6],
  ['\u03bcs', 1e-6],
  ['ns', 1e-9],
]);

const CLOCK = /(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,:](\d+))?)?/;
const timeOfDay = new RegExp(`^${CLOCK.source}$`);
const dateAndTime = new RegExp(
  `^(\\d{4})[-/.](\\d\\d?)[-/.](\\d\\d?)[ T]+${CLOCK.source} ?(Z|[+-]\\d\\d:?\\d\\d)?$`,
  'i',
);
const DAY_S = 86_400;

interface TimeColumn {
  /** Index of the column. */
  readonly at: number;
  /** Seconds per unit; undefined where the name states no unit. */
  readonly unit: number | undefined;
}

/** Finds a column named "time", "timestamp_ms", "Time (us)", OpenViBE's "Time:512Hz" and the like. */
export function timeColumn(names: readonly string[]): TimeColumn | undefined {
  for (const [at, written] of names.entries()) {
    const name = written.replace(/:\d+ ?hz$/i, '');
    const parts = name.split(/[ _()[\]]+/).filter((part) => part !== '');
    const unit = timeUnits.get(parts.at(-1)?.toLowerCase() ?? '');
    const bare = unit !== undefined && parts.length === 1 && name !== 's';
    if (bare || (parts.length === 2 && unit !== undefined && timeNames.test(parts[0]!)) || timeNames.test(name)) {
      return { at, unit: /^milli/i.test(name) ? 1e-3 : /^micro/i.test(name) ? 1e-6 : unit };
    }
  }
  return undefined;
}

/** Reads the cells of one column in their order: times of day go on after midnight. NaN for what is no time. */
export function secondsReader(unit: number | undefined): (field: string) => number {
  let days = 0;
  let latest: number | undefined;
  return (field) => {
    const clock = timeOfDay.exec(field);
    if (!clock) return toSeconds(field, unit);
    const seconds = clockSeconds(clock.slice(1));
    const step = seconds - (latest ?? seconds);
    if (Math.abs(step) > DAY_S / 2) days -= Math.sign(step);
    latest = seconds;
    return days * DAY_S + seconds;
  };
}

/** Whether a cell is a date with a time, or a time of day. */
export function isTime(field: string): boolean {
  return dateAndTime.test(field) || timeOfDay.test(field);
}

/** A number in `unit`. Without a unit, the size of the number shows the unit of Unix time. Dates without a zone are UTC. */
function toSeconds(field: string, unit: number | undefined): number {
  const number = field === '' ? Number.NaN : Number(field.replace(',', '.'));
  if (Number.isNaN(number)) return dateSeconds(field);
  return number * (unit ?? (number > 1e17 ? 1e-9 : number > 1e14 ? 1e-6 : number > 1e11 ? 1e-3 : 1));
}

function dateSeconds(field: string): number {
  const match = dateAndTime.exec(field);
  if (!match) return Number.NaN;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1) return Number.NaN;
  return date.getTime() / 1000 + clockSeconds(match.slice(4, 8)) - zoneSeconds(match[8]);
}

/** NaN for an hour, minute or second that does not exist. */
function clockSeconds([hour, minute, second = '0', fraction = '0']: readonly (string | undefined)[]): number {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  return h < 24 && m < 60 && s < 61 ? 3600 * h + 60 * m + s + Number(`0.${fraction}`) : Number.NaN;
}

/** "+05:30" or "-0800" east of UTC. */
function zoneSeconds(zone = 'Z'): number {
  if (/z/i.test(zone)) return 0;
  const [hours, minutes] = [zone.slice(1, 3), zone.slice(-2)].map(Number) as [number, number];
  return (zone.startsWith('-') ? -60 : 60) * (60 * hours + minutes);
}
