/** Text recordings of the OpenBCI GUI, of every version. */
import type { Marker } from '../../../samples.ts';
import { type Gap, sampleOfRow } from '../../parsed.ts';
import { problemReporter } from '../../problems.ts';
import { fileInvalid, type SourceFile } from '../../source-file.ts';
import { countLines, textLines } from '../../text-lines.ts';
import { lossBeforeRowS } from '../../time/gaps.ts';
import { orderedRows } from '../../time/stamped-rows.ts';
import { unitNotices } from '../amplitude.ts';
import type { EegOptions, ParsedEeg } from '../parsed.ts';
import { cytonMontage, RAIL_UV, UV_PER_COUNT } from './board.ts';
import { hasExg, isFiller, type Layout, layoutOf } from './layout.ts';

/** Rounding error of the text: half of its last decimal, plus the error of the GUI's float32 arithmetic per microvolt. */
const textErrorUv = 0.0055;
const textErrorPerUv = 1.2e-7;

const expectedNames = 'expected an index and 4, 8 or 16 EXG named "EXG Channel 0" and so on';

interface Board {
  readonly id: string;
  readonly rateHz: number;
  readonly labels?: readonly string[];
  /** False for the Ganglion, whose sample index does not count rows. */
  readonly countsRows: boolean;
}

/** By the number of EXG channels. */
const boards: Readonly<Record<number, Board>> = {
  4: { id: 'openbci-ganglion', rateHz: 200, countsRows: false },
  8: { id: 'openbci-cyton', rateHz: 250, labels: cytonMontage(false), countsRows: true },
  16: { id: 'openbci-cyton-daisy', rateHz: 125, labels: cytonMontage(true), countsRows: true },
};

interface Table {
  readonly board: Board;
  readonly rateHz: number;
  readonly gaps: readonly Gap[];
  /** In uV, one array per channel. */
  readonly data: readonly Float32Array[];
  readonly timesS: Float64Array | undefined;
  readonly marked: readonly { row: number; label: string }[];
  readonly notices: string[];
  /** Share of the values that are not a whole number of counts. */
  readonly offGrid: number;
}

/**
 * Values that fit the ADC's grid are rounded to it, so that both layouts and the serial bytes give equal samples.
 * Throws FILE_INVALID naming the line, unless `salvage`.
 */
export function readOpenBciText(file: SourceFile, options: EegOptions): ParsedEeg {
  let table = readTable(file, options, true);
  if (table.offGrid > 0.01) {
    table = readTable(file, options, false);
    table.notices.push('values are not counts of a Cyton at gain 24; they are taken as written');
  }
  const { board, rateHz, data, gaps, timesS, notices } = table;
  if (board.labels && !options.montage) {
    notices.push(
      `the file names no electrodes: ${board.labels.join(' ')} are assumed (OpenBCI's default); use --montage to change them`,
    );
  }
  const labels = board.labels ?? options.montage;
  if (!labels) throw fileInvalid(file.path, `has ${data.length} channels without labels: name them with --montage`);
  if (!timesS && gaps.length > 0) {
    notices.push('no time stamps: losses are counted by the 8-bit sample index, so multiples of 256 are missed');
  }
  notices.push(...unitNotices(options.unit, []));
  return {
    format: 'OpenBCI text',
    deviceId: board.id,
    channels: data.map((_, c) => ({ label: labels[c] ?? `${c + 1}`, unit: 'uV' })),
    sampleRateHz: rateHz,
    data,
    gaps,
    markers: table.marked.map(({ row, label }): Marker => ({ label, sample: sampleOfRow(row, gaps) })),
    startUnixUs: timesS && timesS[0]! > 1e8 ? Math.round(timesS[0]! * 1e6) : null,
    notices,
    simulated: false,
    ...(board.labels ? { railUv: RAIL_UV } : {}),
  };
}

function readTable(file: SourceFile, { salvage, rateHz: givenHz }: EegOptions, toGrid: boolean): Table {
  const notices: string[] = [];
  const report = problemReporter(file.path, salvage, notices);
  const capacity = countLines(file.bytes);
  const indices = new Float32Array(capacity);
  const timesS = new Float64Array(capacity);
  const lineOfRow = new Uint32Array(capacity);
  const marked: { row: number; label: string }[] = [];
  let data: Float32Array[] = [];
  let declaredChannels: number | undefined;
  let declaredHz: number | undefined;
  let names: string[] | undefined;
  let layout: Layout | undefined;
  let rows = 0;
  let fillers = 0;
  let offGrid = 0;

  for (const { text, number, terminated } of textLines(file.bytes)) {
    if (text.startsWith('%')) {
      const [name, value = ''] = text.slice(1).split('=');
      if (/^number of channels/i.test(name!)) declaredChannels = Number.parseInt(value, 10);
      if (/^sample rate/i.test(name!)) declaredHz = Number.parseFloat(value);
      continue;
    }
    if (text.trim() === '') continue;
    if (!layout && !names && Number.isNaN(Number(text.split(',')[0]))) {
      names = text.split(',').map((name) => name.trim());
      if (!hasExg(names)) throw fileInvalid(file.path, `line ${number} has ${names.length} columns, ${expectedNames}`);
      continue;
    }
    if (!layout && !names && isFiller(text.split(','), undefined)) {
      fillers++;
      continue;
    }
    if (!layout) {
      const found = layoutOf(text, names, declaredChannels);
      if (typeof found === 'string') throw fileInvalid(file.path, `line ${number} ${found}`);
      layout = found;
      data = Array.from({ length: layout.exg }, () => new Float32Array(capacity));
    }
    const fields = layout.split(text);
    if (isFiller(fields, layout)) {
      fillers++;
      continue;
    }
    const problem = rowProblem(fields, layout, terminated, rows === 0 ? 0 : timesS[rows - 1]!);
    if (problem !== undefined) {
      report(`line ${number} ${problem}`, 'skips the row');
      continue;
    }
    if (fields.length < layout.columns) {
      notices.push(
        `line ${number} ends after ${fields.length} of ${layout.columns} fields; its EXG values are complete`,
      );
    }
    for (let c = 0; c < layout.exg; c++) {
      const uv = Number(fields[c + 1]);
      const gridUv = Math.round(uv / UV_PER_COUNT) * UV_PER_COUNT;
      if (Math.abs(uv - gridUv) > textErrorUv + textErrorPerUv * Math.abs(uv)) offGrid++;
      data[c]![rows] = toGrid ? gridUv : uv;
    }
    indices[rows] = Number(fields[0]);
    lineOfRow[rows] = number;
    if (layout.time !== undefined) timesS[rows] = secondsOf(fields[layout.time]!);
    const mark = layout.marker === undefined ? 0 : Number(fields[layout.marker]);
    if (mark) marked.push({ row: rows, label: String(mark) });
    rows++;
  }

  if (!layout || rows === 0) throw fileInvalid(file.path, 'has no rows of samples');
  if (fillers > 0) notices.push(`${fillers} rows of zeros without a time are fillers: left out`);
  const board = boards[layout.exg]!;
  const statedHz = declaredHz ?? board.rateHz;
  if (!(statedHz > 0 && statedHz < 1e6))
    throw fileInvalid(file.path, `sample rate is ${statedHz}, expected Hz above 0`);
  const columns = [indices, ...data].map((column) => column.subarray(0, rows));
  if (layout.time !== undefined && givenHz !== undefined) {
    notices.push('the rate is given: the time stamps are not used, and losses are counted by the sample index alone');
  }
  const placeOf = (row: number) => `line ${lineOfRow[row]}`;
  const stamped =
    layout.time === undefined || givenHz !== undefined
      ? undefined
      : orderedRows(
          { timesS: timesS.subarray(0, rows), data: columns, placeOf, declaredHz: statedHz },
          report,
          notices,
        );
  const [kept, ...channels] = stamped?.data ?? columns;
  const rateHz = givenHz ?? stamped?.rateHz ?? statedHz;
  return {
    board,
    rateHz,
    gaps: board.countsRows ? gapsByIndex(kept!, stamped?.timesS, rateHz) : (stamped?.gaps ?? []),
    data: channels,
    timesS: stamped?.timesS,
    marked: stamped ? marked.map(({ row, label }) => ({ row: stamped.rowOf(row), label })) : marked,
    notices,
    offGrid: offGrid / (rows * layout.exg),
  };
}

function rowProblem(fields: string[], layout: Layout, terminated: boolean, lastTimeS: number): string | undefined {
  const needed = Math.max(layout.exg, layout.time ?? 0, layout.marker ?? 0) + 1;
  // The last row may be cut inside an unused column. The last value before a cut may be incomplete.
  const isCutAfterUsed = !terminated && fields.length > needed && fields.length < layout.columns;
  if (fields.length !== layout.columns && !isCutAfterUsed) {
    return `has ${fields.length} fields, expected ${layout.columns}`;
  }
  const index = Number(fields[0]);
  if (fields[0]!.trim() === '' || !Number.isInteger(index) || index < 0 || index > 255) {
    return `has the sample index "${fields[0]}", expected 0 to 255`;
  }
  for (let c = 1; c <= layout.exg; c++) {
    if (fields[c]!.trim() === '' || Number.isNaN(Number(fields[c]))) {
      return `has "${fields[c]}" in column ${c + 1}, expected microvolts`;
    }
  }
  if (layout.time !== undefined) {
    const timeS = secondsOf(fields[layout.time]!);
    if (Number.isNaN(timeS) || (!terminated && timeS < lastTimeS / 2)) {
      return `has the time stamp "${fields[layout.time]}", expected one after ${lastTimeS} s`;
    }
  }
  return undefined;
}

/** Time stamps are Unix time in milliseconds (up to version 5) or seconds. */
function secondsOf(field: string): number {
  const time = field.trim() === '' ? Number.NaN : Number(field);
  return time > 1e11 ? time / 1000 : time;
}

/**
 * Counts losses by the 8-bit sample index, and whole turns of the index by the time stamps. The index steps by 1, or by 2
 * where a Daisy makes one row of two packets.
 */
function gapsByIndex(indices: Float32Array, timesS: Float64Array | undefined, rateHz: number): Gap[] {
  let twos = 0;
  for (let row = 1; row < indices.length; row++) if (((indices[row]! - indices[row - 1]!) & 255) === 2) twos++;
  const step = twos * 2 > indices.length ? 2 : 1;
  const turn = 256 / step;
  const gaps: Gap[] = [];
  let from = 0;
  for (let row = 1; row < indices.length; row++) {
    let lost = Math.floor(((indices[row]! - indices[row - 1]! - step) & 255) / step);
    const seconds = timesS ? timesS[row]! - timesS[row - 1]! : 0;
    if (timesS && (lost > 0 || seconds * rateHz > turn / 2)) {
      const byTime = lossBeforeRowS(timesS, row, from, 1 / rateHz) * rateHz;
      lost += turn * Math.max(0, Math.round((byTime - lost) / turn) || 0);
    }
    if (lost === 0) continue;
    gaps.push({ row, lost });
    from = row;
  }
  return gaps;
}
