/** The rows of an eye recording as they come, and what is wrong with their times. */
import { AffectEdgeError } from '../../errors.ts';
import type { Channel } from '../../samples.ts';
import { type Doubt, doubter, fileInvalid, type Gap, type SourceFile } from '../parsed.ts';
import { gapsByTime, rateOfTimes } from '../time-stamps.ts';
import { type EyeOptions, medianOf, type ParsedEye } from './parsed.ts';

/** A rate further than this from the declared one is another rate. */
const RATE_TOLERANCE = 0.05;
/** A pupil between these has been seen by someone. */
const PUPIL_MM = { min: 0.5, max: 12 };

interface RowLayout {
  readonly channels: readonly Channel[];
  /** `none`: no times; `exact`: multiples of the sampling period; `stamps`: they jitter. */
  readonly times: 'none' | 'exact' | 'stamps';
  /** No more rows will come. */
  readonly capacity: number;
}

/** Collects the rows of a file, and knows what is wrong with their times. */
export class EyeRows {
  readonly notices: string[] = [];
  readonly doubt: Doubt;
  readonly #path: string;
  readonly #options: EyeOptions;
  readonly #channels: readonly Channel[];
  readonly #data: readonly Float32Array[];
  readonly #timesS: Float64Array;
  readonly #times: RowLayout['times'];
  #rows = 0;
  #latest = Number.NEGATIVE_INFINITY;
  /** Where rows at time 0 began that may be the padding of the file's end; -1: not there. */
  #padding = -1;

  constructor(file: SourceFile, options: EyeOptions, layout: RowLayout) {
    this.#path = file.path;
    this.#options = options;
    this.doubt = doubter(file.path, options.salvage, this.notices);
    this.#channels = layout.channels;
    this.#data = layout.channels.map(() => new Float32Array(layout.capacity));
    this.#timesS = new Float64Array(layout.capacity);
    this.#times = layout.times;
  }

  get length(): number {
    return this.#rows;
  }

  /** `values[c]` of each channel at `timeS` (NaN where the file has no times); `line` from 1. */
  add(timeS: number, values: readonly number[], line: number): void {
    if (this.#times !== 'none' && !this.#isInOrder(timeS, line)) return;
    this.#timesS[this.#rows] = timeS;
    for (const [c, value] of values.entries()) this.#data[c]![this.#rows] = value;
    this.#rows++;
  }

  /** Where `timeS` lies on the rows, fractional, for markers. */
  rowAt(timeS: number): number {
    let [low, high] = [0, this.#rows];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#timesS[middle]! < timeS) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * @param declaredHz what the file says of its rate besides its times
   * Throws FILE_INVALID: no rows, a rate that is not the declared one, pupils that are none. DATA_INVALID: no gaze.
   */
  finish(declaredHz?: number): Pick<ParsedEye, 'channels' | 'sampleRateHz' | 'data' | 'gaps'> {
    this.#trim();
    if (this.#rows === 0) throw fileInvalid(this.#path, 'holds no samples of gaze');
    const times = this.#timesS.subarray(0, this.#rows);
    const data = this.#data.map((channel) => channel.subarray(0, this.#rows));
    const isEmpty = this.#channels.every(({ label }, c) => label.startsWith('pupil') || data[c]!.every(Number.isNaN));
    if (isEmpty) {
      throw new AffectEdgeError(
        'DATA_INVALID',
        `${this.#path}: none of its ${this.#rows} samples holds valid gaze: was the tracker calibrated, and did it see the eyes?`,
      );
    }
    const sampleRateHz = this.#rate(times, declaredHz);
    const gaps = this.#options.rateHz === undefined ? this.#gaps(times, sampleRateHz) : [];
    return { channels: this.#channels.map((channel, c) => this.#checked(channel, data[c]!)), sampleRateHz, data, gaps };
  }

  #isInOrder(timeS: number, line: number): boolean {
    const given = this.#options.rateHz !== undefined;
    if (timeS === 0 && this.#latest > 0 && this.#padding === -1) this.#padding = this.#rows;
    // Only the end of a file is padded.
    if (timeS === 0 && this.#padding !== -1) return true;
    if (this.#padding !== -1) {
      if (!given) this.doubt(`the time falls back to 0 before line ${line} and rises again`, 'skips the rows at 0');
      if (!given) this.#rows = this.#padding;
      this.#padding = -1;
    }
    if (!given && !(timeS > this.#latest)) {
      const how = timeS === this.#latest ? 'repeats the time' : 'goes back in time, to';
      this.doubt(
        `line ${line} ${how} ${timeS} s${timeS === this.#latest ? '' : ` from ${this.#latest} s`}`,
        'skips the row',
      );
      return false;
    }
    if (timeS > this.#latest) this.#latest = timeS;
    return true;
  }

  #gaps(timesS: Float64Array, rateHz: number): Gap[] {
    if (this.#times !== 'exact') return this.#times === 'none' ? [] : gapsByTime(timesS, rateHz);
    const gaps: Gap[] = [];
    for (let row = 1; row < timesS.length; row++) {
      const lost = Math.round((timesS[row]! - timesS[row - 1]!) * rateHz) - 1;
      if (lost > 0) gaps.push({ row, lost });
    }
    return gaps;
  }

  #trim(): void {
    if (this.#padding === -1) return;
    this.notices.push(`${this.#rows - this.#padding} rows at the end, whose time falls back to 0, are left out`);
    this.#rows = this.#padding;
  }

  #rate(timesS: Float64Array, declaredHz: number | undefined): number {
    const hasSteps = this.#times !== 'none' && timesS.length > 1;
    const steps = timesS.subarray(1).map((time, i) => time - timesS[i]!);
    const measured = hasSteps ? rateOfTimes(timesS) : Number.NaN;
    // Losses make steps longer: exact times tell the rate by the shortest step, jittering ones by the usual step.
    const usual = hasSteps ? 1 / (this.#times === 'exact' ? steps.toSorted()[0]! : medianOf(steps)) : Number.NaN;
    const isOther = (rateHz: number) =>
      [measured, usual].every((found) => Math.abs(found / rateHz - 1) > RATE_TOLERANCE);
    const { rateHz } = this.#options;
    if (rateHz !== undefined) {
      const says = isOther(rateHz) ? `, though they say ${measured.toFixed(1)} Hz` : '';
      if (this.#times !== 'none') this.notices.push(`the rate is given: the file's times are not used${says}`);
      return rateHz;
    }
    if (declaredHz !== undefined && isOther(declaredHz)) {
      const rates = `declares ${declaredHz} Hz, and its rows come at ${measured.toFixed(1)} Hz`;
      this.doubt(rates, "takes the rows' rate");
      return measured;
    }
    const found = declaredHz ?? measured;
    if (found > 0) return found;
    throw fileInvalid(this.#path, 'has no times to tell its rate by: give it with --rate');
  }

  /** A diameter in mm is that of an eye, or the unit is not known. */
  #checked(channel: Channel, values: Float32Array): Channel {
    if (!channel.label.startsWith('pupil') || channel.unit !== 'mm') return channel;
    const median = medianOf(values);
    if (Number.isNaN(median) || (median >= PUPIL_MM.min && median <= PUPIL_MM.max)) return channel;
    this.doubt(
      `${channel.label} has the median ${median.toFixed(2)}, which is no pupil in mm`,
      'takes its unit as unknown',
    );
    return { label: channel.label.replace(/_mm$/, '_au'), unit: 'au' };
  }
}
