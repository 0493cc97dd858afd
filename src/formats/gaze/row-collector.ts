/** Collects the rows of an eye recording and checks their times, rate and pupils. */
import { AffectEdgeError } from '../../errors.ts';
import { given } from '../../given.ts';
import type { Channel } from '../../samples.ts';
import { toNumber } from '../delimited-text.ts';
import type { Gap } from '../parsed.ts';
import { problemReporter, type ReportProblem } from '../problems.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';
import { hz, type RateRule, rateFromTimeStamps } from '../time/rate.ts';
import { orderedRows } from '../time/stamped-rows.ts';
import { medianStep, stepsOf } from '../time/steps.ts';
import type { EyeOptions, ParsedEye } from './parsed.ts';

/** Relative difference from the declared rate above which the measured rate contradicts it. */
const RATE_TOLERANCE = 0.05;
/** Plausible medians of a pupil's diameter. */
const PUPIL_MM = { min: 0.5, max: 12 };

interface RowLayout {
  readonly channels: readonly Channel[];
  /** `none`: the file has no times; `exact`: they are multiples of the sampling period; `stamps`: they jitter. */
  readonly times: 'none' | 'exact' | 'stamps';
  /** Upper limit of the number of rows. */
  readonly capacity: number;
}

export class EyeRowCollector {
  readonly notices: string[] = [];
  readonly report: ReportProblem;
  readonly #path: string;
  readonly #options: EyeOptions;
  readonly #channels: readonly Channel[];
  readonly #data: readonly Float32Array[];
  readonly #timesS: Float64Array;
  readonly #lines: Uint32Array;
  /** [rows], as `eyesApart` of `ParsedEye`. */
  readonly #eyesApart: Float32Array;
  readonly #times: RowLayout['times'];
  #rows = 0;
  #latest = Number.NEGATIVE_INFINITY;
  /** First of the last rows that are all at time 0 and may be padding at the file's end; -1: there is none. */
  #padding = -1;

  constructor(file: SourceFile, options: EyeOptions, layout: RowLayout) {
    this.#path = file.path;
    this.#options = options;
    this.report = problemReporter(file.path, options.salvage, this.notices);
    this.#channels = layout.channels;
    this.#data = layout.channels.map(() => new Float32Array(layout.capacity));
    this.#timesS = new Float64Array(layout.capacity);
    this.#lines = new Uint32Array(layout.capacity);
    this.#eyesApart = new Float32Array(layout.capacity);
    this.#times = layout.times;
  }

  /**
   * @param timeS NaN where the file has no times
   * @param values one per channel
   * @param line of the file, from 1
   * @param eyesApart the left eye's position minus the right eye's along x; NaN where it is not measured
   */
  add(timeS: number, values: readonly number[], line: number, eyesApart = Number.NaN): void {
    if (this.#times !== 'none' && !this.#isInOrder(timeS, line)) return;
    this.#timesS[this.#rows] = timeS;
    this.#lines[this.#rows] = line;
    this.#eyesApart[this.#rows] = eyesApart;
    for (const [c, value] of values.entries()) this.#data[c]![this.#rows] = value;
    this.#rows++;
  }

  /** Whether a row of a table has as many fields as the header; reports one that has not. */
  isWhole(fields: readonly string[], names: readonly string[], line: number): boolean {
    if (fields.length === names.length) return true;
    this.report(`line ${line} has ${fields.length} fields, the header ${names.length}`, 'skips the row');
    return false;
  }

  /** The number in a cell, NaN for an empty one; reports text. `name`: the column's, for messages. */
  numberIn(cell: string, separator: string, name: string, line: number): number {
    const value = toNumber(cell, separator);
    if (value === undefined) {
      this.report(`line ${line} has "${cell}" as ${name}, expected a number`, 'takes it as missing');
    }
    return value ?? Number.NaN;
  }

  /** Number of rows so far. */
  get count(): number {
    return this.#rows;
  }

  /** The first row at or after `timeS`. */
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
   * Throws FILE_INVALID: no rows, a rate unlike the declared one, implausible pupils. DATA_INVALID: no valid gaze.
   * @param declaredHz the rate that the file states besides its times
   * @param rule gives the rate of a device that has a rule of its own
   */
  finish(
    declaredHz?: number,
    rule?: RateRule,
  ): Pick<ParsedEye, 'channels' | 'sampleRateHz' | 'data' | 'gaps' | 'notices' | 'eyesApart'> {
    this.#trim();
    if (this.#rows === 0) throw fileInvalid(this.#path, 'has no samples of gaze');
    const times = this.#timesS.subarray(0, this.#rows);
    const data = this.#data.map((channel) => channel.subarray(0, this.#rows));
    const isEmpty = this.#channels.every(({ label }, c) => label.startsWith('pupil') || data[c]!.every(Number.isNaN));
    if (isEmpty) {
      throw new AffectEdgeError(
        'DATA_INVALID',
        `${this.#path}: none of its ${this.#rows} samples has valid gaze: was the tracker calibrated, and did it see the eyes?`,
      );
    }
    const { rateHz: sampleRateHz, gaps, data: kept } = this.#timed(times, data, declaredHz, rule);
    const channels = this.#channels.map((channel, c) => this.#checkedPupil(channel, kept[c]!));
    const apart = medianOf(this.#eyesApart.subarray(0, this.#rows));
    const eyesApart = Number.isNaN(apart) ? undefined : apart;
    return { channels, sampleRateHz, data: kept, gaps, notices: this.notices, ...given({ eyesApart }) };
  }

  #isInOrder(timeS: number, line: number): boolean {
    const hasRate = this.#options.rateHz !== undefined;
    if (timeS === 0 && this.#latest > 0 && this.#padding === -1) this.#padding = this.#rows;
    // Padding can only be at the end of a file.
    if (timeS === 0 && this.#padding !== -1) return true;
    if (this.#padding !== -1) {
      if (!hasRate) this.report(`the time falls back to 0 before line ${line} and rises again`, 'skips the rows at 0');
      if (!hasRate) this.#rows = this.#padding;
      this.#padding = -1;
    }
    if (this.#times === 'exact' && !hasRate && !(timeS > this.#latest)) {
      const how = timeS === this.#latest ? 'repeats the time' : 'goes back in time, to';
      this.report(
        `line ${line} ${how} ${timeS} s${timeS === this.#latest ? '' : ` from ${this.#latest} s`}`,
        'skips the row',
      );
      return false;
    }
    if (timeS > this.#latest) this.#latest = timeS;
    return true;
  }

  #timed(
    timesS: Float64Array,
    data: readonly Float32Array[],
    declaredHz: number | undefined,
    rule: RateRule | undefined,
  ): { rateHz: number; gaps: readonly Gap[]; data: readonly Float32Array[] } {
    const { rateHz } = this.#options;
    if (rateHz !== undefined) {
      if (this.#times !== 'none')
        this.notices.push(`the rate is given: the file's times are not used${this.#contradicted(timesS, rateHz)}`);
      return { rateHz, gaps: [], data };
    }
    if (this.#times === 'exact') return { ...this.#exact(timesS, declaredHz), data };
    if (this.#times === 'stamps') {
      const placeOf = (row: number) => `line ${this.#lines[row]}`;
      const stamped = orderedRows({ timesS, data, placeOf, declaredHz, rule }, this.report, this.notices);
      if (stamped.rateHz > 0) return stamped;
    } else if (declaredHz !== undefined) return { rateHz: declaredHz, gaps: [], data };
    throw fileInvalid(this.#path, 'has no times to measure its rate by: give it with --rate');
  }

  #contradicted(timesS: Float64Array, rateHz: number): string {
    const measured = rateFromTimeStamps(timesS).rateHz;
    return Math.abs(measured / rateHz - 1) > RATE_TOLERANCE ? `, though they show ${hz(measured)}` : '';
  }

  /** Losses make steps longer, so the shortest step is the period. */
  #exact(timesS: Float64Array, declaredHz: number | undefined): { rateHz: number; gaps: Gap[] } {
    const measured = 1 / stepsOf(timesS).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    let rateHz = declaredHz ?? measured;
    if (
      Math.abs(measured / rateHz - 1) > RATE_TOLERANCE &&
      Math.abs(1 / medianStep(timesS) / rateHz - 1) > RATE_TOLERANCE
    ) {
      this.report(`declares ${rateHz} Hz, and its rows come at ${hz(measured)}`, "takes the rows' rate");
      rateHz = measured;
    }
    const gaps: Gap[] = [];
    for (let row = 1; row < timesS.length; row++) {
      const lost = Math.round((timesS[row]! - timesS[row - 1]!) * rateHz) - 1;
      if (lost > 0) gaps.push({ row, lost });
    }
    return { rateHz, gaps };
  }

  #trim(): void {
    if (this.#padding === -1) return;
    this.notices.push(`${this.#rows - this.#padding} rows at the end, whose time falls back to 0, are left out`);
    this.#rows = this.#padding;
  }

  /** Salvage changes the unit of a pupil that can't be in mm to `au`. */
  #checkedPupil(channel: Channel, values: Float32Array): Channel {
    if (!channel.label.startsWith('pupil') || channel.unit !== 'mm') return channel;
    const median = medianOf(values);
    if (Number.isNaN(median) || (median >= PUPIL_MM.min && median <= PUPIL_MM.max)) return channel;
    this.report(
      `${channel.label} has the median ${median.toFixed(2)}, which is not a pupil in mm`,
      'takes its unit as unknown',
    );
    return { label: channel.label.replace(/_mm$/, '_au'), unit: 'au' };
  }
}

/** Median of the values that are not NaN; NaN without one. */
function medianOf(values: Float32Array | Float64Array): number {
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  return present[present.length >> 1] ?? Number.NaN;
}
