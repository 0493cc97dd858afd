/** Rows with time stamps: puts them in order, and finds their rate and their losses. */
import type { Gap } from '../parsed.ts';
import type { ReportProblem } from '../problems.ts';
import { orderRows } from './order.ts';
import { type RateRule, rateFromTimeStamps } from './rate.ts';

/** Restarts that a notice names; the others are counted. */
const NAMED = 5;

interface StampedRows {
  /** [rows] finite, as in the file. */
  readonly timesS: Float64Array;
  /** One array per channel, [rows]; changed where rows are not in order. */
  readonly data: readonly Float32Array[];
  /** Where a row is in the file, such as "line 7". */
  readonly placeOf: (row: number) => string;
  /** The rate that the file states. */
  readonly declaredHz?: number | undefined;
  readonly rule?: RateRule | undefined;
}

interface OrderedRows {
  /** [kept rows] */
  readonly timesS: Float64Array;
  readonly data: readonly Float32Array[];
  /** NaN or not positive where the stamps do not rise. */
  readonly rateHz: number;
  readonly gaps: readonly Gap[];
  /** Position among the kept rows of a row of the file, or of the next kept one. */
  readonly rowOf: (row: number) => number;
}

/** Adds a notice of everything that was changed, and of every doubt about the rate. */
export function orderedRows(rows: StampedRows, report: ReportProblem, notices: string[]): OrderedRows {
  const { data, placeOf } = rows;
  const isSame = (a: number, b: number) => data.every((channel) => Object.is(channel[a], channel[b]));
  const order = orderRows(rows.timesS, isSame);
  for (const row of order.damaged) {
    report(
      `${placeOf(row)} has the time ${rows.timesS[row]} s, out of order with the rows around it`,
      'takes the time of the row before',
    );
  }
  if (order.repeated > 0) {
    notices.push(
      order.repeated === 1
        ? '1 row that repeats an earlier one is left out'
        : `${order.repeated} rows that repeat earlier ones are left out`,
    );
  }
  if (order.moved > 0) notices.push(`${count(order.moved)} came late: put in order`);
  if (order.simultaneous > 0) notices.push(`${count(order.simultaneous)} with the time of the row before`);
  const pieces = order.restarts.length;
  if (pieces > 0) {
    const places = order.restarts.slice(0, NAMED).map(placeOf).join(', ');
    const others = pieces > NAMED ? ` and ${pieces - NAMED} more times` : '';
    notices.push(
      `the time restarts at ${places}${others}: ${pieces + 1} pieces are read, with a break of unknown length between them`,
    );
  }
  const { rateHz, gaps, notices: doubts } = rateFromTimeStamps(order.timesS, rows.declaredHz, rows.rule);
  notices.push(...doubts);
  const restarts = new Set(order.restarts);
  const isAsInFile = order.moved + order.repeated === 0;
  return {
    timesS: order.timesS,
    data: isAsInFile ? data : data.map((channel) => Float32Array.from(order.rows, (row) => channel[row]!)),
    rateHz,
    gaps: gaps.map((gap) => (restarts.has(order.rows[gap.row]!) ? { ...gap, isBreak: true } : gap)),
    rowOf: isAsInFile ? (row) => row : placesOf(order.rows),
  };
}

function placesOf(rows: readonly number[]): (row: number) => number {
  const places = new Map(rows.map((row, place) => [row, place]));
  return (row) => places.get(row) ?? rows.findIndex((kept) => kept >= row);
}

function count(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}
