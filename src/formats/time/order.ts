/**
 * Puts rows with time stamps in order. Packets that came twice are dropped, and packets that came late are moved. Time that
 * restarts (a new trial, a clock that was set back) begins a new piece.
 */
import { quantile, stepsOf } from './steps.ts';

/** Between pieces, whose true distance is unknown. It is longer than any gap that is interpolated. */
const BREAK_S = 1;
/** Rows of a packet that comes late. */
const LATEST_ROWS = 2048;
/** Stamps that fall by at most this many interquartile ranges of the steps only jitter. */
const JITTER_RANGES = 3;
/** Stamps of whole packets fall by at most this where they only jitter. No trial is that short. */
const PACKET_JITTER_S = 0.1;
/** Steps that a gap is longer than the rows that fill it, at least; two but for jitter. */
const GAP_STEPS = 1.5;
/** Where a larger share of rows has the time of the row before, rows come in bursts. */
const BURST_SHARE = 0.05;

export interface RowOrder {
  /** [kept rows] indices of rows in the file, in order of time. */
  readonly rows: readonly number[];
  /** [kept rows] seconds. Each piece begins 1 s after the last one, whatever its stamps. */
  readonly timesS: Float64Array;
  /** Rows of the file that begin a piece, but for the first. */
  readonly restarts: readonly number[];
  /** Rows of the file whose stamp alone is out of order; `timesS` has the stamp of the row before. */
  readonly damaged: readonly number[];
  /** Number of rows that repeat others, values and all, and are dropped. */
  readonly repeated: number;
  /** Number of rows that came late and are moved. */
  readonly moved: number;
  /** Number of kept rows with the time of the row before; 0 where rows come in bursts. */
  readonly simultaneous: number;
}

/**
 * @param timesS [rows] finite stamps as in the file
 * @param isSame whether two rows of the file have the same values
 */
export function orderRows(timesS: Float64Array, isSame: (a: number, b: number) => boolean): RowOrder {
  const pieces = new Pieces(timesS, isSame);
  for (let row = 0; row < timesS.length; ) row = pieces.add(row);
  return pieces.ordered();
}

class Pieces {
  readonly #timesS: Float64Array;
  readonly #isSame: (a: number, b: number) => boolean;
  readonly #stepS: number;
  /** How far stamps fall that only jitter. */
  readonly #jitterS: number;
  readonly #hasBursts: boolean;
  readonly #rows: number[] = [];
  /** Positions in `rows` where pieces begin. */
  readonly #starts: number[] = [0];
  readonly #damaged: number[] = [];
  #latest = Number.NEGATIVE_INFINITY;
  #repeated = 0;
  #moved = 0;
  #simultaneous = 0;

  constructor(timesS: Float64Array, isSame: (a: number, b: number) => boolean) {
    this.#timesS = timesS.slice();
    this.#isSame = isSame;
    const steps = stepsOf(timesS);
    this.#stepS = quantile(steps, 0.5);
    this.#jitterS = JITTER_RANGES * Math.max(0, quantile(steps, 0.75) - quantile(steps, 0.25)) || 0;
    this.#hasBursts = steps.filter((step) => step === 0).length > BURST_SHARE * timesS.length;
  }

  /** Returns the row that follows the added ones. */
  add(row: number): number {
    const [times, jitterS] = [this.#timesS, this.#jitterS];
    if (times[row] === this.#latest && !this.#hasBursts) {
      if (this.#isSame(this.#rows.at(-1)!, row)) {
        this.#repeated++;
        return row + 1;
      }
      this.#simultaneous++;
    }
    if (times[row]! >= this.#latest - jitterS) return this.#append(row);
    if (this.#isSpike(row)) {
      this.#repair(this.#rows.at(-1)!, this.#rows.at(-2)!);
      return this.#append(row);
    }
    let end = row + 1;
    while (end < times.length && times[end]! <= this.#latest && times[end]! >= times[end - 1]! - jitterS) end++;
    if (end - row <= LATEST_ROWS && this.#takeLate(row, end)) return end;
    if (end === row + 1 && times[row - 1] === this.#latest && times[end]! > this.#latest) {
      this.#repair(row, this.#rows.at(-1)!);
      return this.#append(row);
    }
    if (this.#latest - times[row]! <= PACKET_JITTER_S) return this.#append(row);
    this.#starts.push(this.#rows.length);
    this.#latest = Number.NEGATIVE_INFINITY;
    return this.#append(row);
  }

  ordered(): RowOrder {
    const [rows, starts] = [this.#rows, this.#starts];
    const timesS = Float64Array.from(rows, (row) => this.#timesS[row]!);
    for (const [s, start] of starts.slice(1).entries()) {
      const shift = timesS[start - 1]! + BREAK_S - timesS[start]!;
      for (let i = start; i < (starts[s + 2] ?? rows.length); i++) timesS[i]! += shift;
    }
    return {
      rows,
      timesS,
      restarts: starts.slice(1).map((start) => rows[start]!),
      damaged: this.#damaged,
      repeated: this.#repeated,
      moved: this.#moved,
      simultaneous: this.#simultaneous,
    };
  }

  #append(row: number): number {
    this.#rows.push(row);
    this.#latest = Math.max(this.#latest, this.#timesS[row]!);
    return row + 1;
  }

  /** Whether `row` and the next one follow the last row but one, so that only the stamp of the last row is out of order. */
  #isSpike(row: number): boolean {
    const times = this.#timesS;
    const [before, last] = this.#rows.slice(Math.max(this.#starts.at(-1)!, this.#rows.length - 2));
    return (
      last === row - 1 &&
      times[last] === this.#latest &&
      times[row]! > times[before!]! + this.#jitterS &&
      times[row + 1]! < times[last]!
    );
  }

  #repair(row: number, before: number): void {
    this.#damaged.push(row);
    this.#timesS[row] = this.#timesS[before]!;
    this.#latest = this.#timesS[before]!;
  }

  /** Drops rows that repeat others, or moves them to the gap that they fill. Returns false where they do neither. */
  #takeLate(row: number, end: number): boolean {
    const [times, rows] = [this.#timesS, this.#rows];
    let place = rows.length;
    while (place > this.#starts.at(-1)! && times[rows[place - 1]!]! >= times[row]!) place--;
    const lateRows = Array.from({ length: end - row }, (_, i) => row + i);
    const repeats = lateRows.every((late, i) => {
      const other = rows[place + i];
      return other !== undefined && times[other] === times[late] && this.#isSame(other, late);
    });
    if (repeats) {
      this.#repeated += end - row;
      return true;
    }
    if (place === this.#starts.at(-1)) return false;
    // Late rows fill one gap between rows of this piece.
    const gapS = times[rows[place]!]! - times[rows[place - 1]!]!;
    if (times[rows[place]!]! <= times[end - 1]! || gapS < times[end - 1]! - times[row]! + GAP_STEPS * this.#stepS)
      return false;
    rows.splice(place, 0, ...lateRows);
    this.#moved += end - row;
    return true;
  }
}
