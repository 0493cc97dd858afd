/**
 * Converts a stream's time stamps to the recorder's clock by the measured clock offsets. Method and limits are those of
 * pyxdf (https://github.com/xdf-modules/pyxdf).
 */

export interface ClockOffset {
  /** Time of the measurement on the stream's clock. */
  readonly timeS: number;
  /** The recorder's clock minus the stream's clock. */
  readonly offsetS: number;
  /** Rows of the stream that come before the measurement in the file. */
  readonly rowsBefore: number;
}

interface Line {
  readonly timeS: number;
  readonly offsetS: number;
  readonly slope: number;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Adds to each stamp the offset at its time, fitted separately between resets of the stream's clock. [rows], seconds. */
export function synchronise(stampsS: Float64Array, offsets: readonly ClockOffset[]): Float64Array {
  if (offsets.length === 0) return stampsS;
  const out = stampsS.slice();
  const resets = clockResets(offsets);
  let row = 0;
  [...resets, offsets.length].forEach((end, r) => {
    const begin = r === 0 ? 0 : resets[r - 1]!;
    const line = fitLine(offsets.slice(begin, end));
    const lastRow = end === offsets.length ? stampsS.length : rowOfReset(stampsS, offsets, end, row);
    for (; row < lastRow; row++) out[row]! += line.offsetS + line.slope * (stampsS[row]! - line.timeS);
  });
  return out;
}

/** Indices of the first offsets after a reset, where the clock jumps by more than 5 s and the offset by more than 1 s. */
function clockResets(offsets: readonly ClockOffset[]): number[] {
  const steps = offsets.slice(1).map((offset, i) => offset.timeS - offsets[i]!.timeS);
  const jumps = offsets.slice(1).map((offset, i) => Math.abs(offset.offsetS - offsets[i]!.offsetS));
  const usual = median([...steps]);
  const spread = median(steps.map((step) => Math.abs(step - usual)));
  return steps.flatMap((step, i) =>
    (step < 0 || step - usual > Math.max(5, 5 * spread)) && jumps[i]! > 1 ? [i + 1] : [],
  );
}

/** The row of the largest jump of the stamps, among the rows between the offsets around the reset and one more each way. */
function rowOfReset(stampsS: Float64Array, offsets: readonly ClockOffset[], reset: number, from: number): number {
  const first = Math.max(from, 1, offsets[Math.max(0, reset - 2)]!.rowsBefore);
  const last = Math.min(stampsS.length - 1, offsets[Math.min(offsets.length - 1, reset + 1)]!.rowsBefore);
  let at = Math.min(Math.max(from, offsets[reset]!.rowsBefore), stampsS.length);
  let largest = 1;
  for (let row = first; row <= last; row++) {
    const jump = Math.abs(stampsS[row]! - stampsS[row - 1]!);
    if (jump > largest) [at, largest] = [row, jump];
  }
  return at;
}

/** Least squares without outliers (more than 5 median deviations), which a busy network causes. */
function fitLine(offsets: readonly ClockOffset[]): Line {
  const line = leastSquares(offsets);
  const far = (o: ClockOffset) => Math.abs(o.offsetS - line.offsetS - line.slope * (o.timeS - line.timeS));
  const limit = 5 * median(offsets.map(far));
  const near = offsets.filter((o) => far(o) <= limit);
  return near.length >= 2 ? leastSquares(near) : line;
}

function leastSquares(offsets: readonly ClockOffset[]): Line {
  const mean = (f: (o: ClockOffset) => number) => offsets.reduce((sum, o) => sum + f(o), 0) / offsets.length;
  const timeS = mean((o) => o.timeS);
  const offsetS = mean((o) => o.offsetS);
  const variance = mean((o) => (o.timeS - timeS) ** 2);
  const covariance = mean((o) => (o.timeS - timeS) * (o.offsetS - offsetS));
  return { timeS, offsetS, slope: variance > 0 ? covariance / variance : 0 };
}
