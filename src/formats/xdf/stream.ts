/** One stream of an XDF file: its header, its samples, and its time stamps on the recorder's clock. */
import { isDeepStrictEqual } from 'node:util';
import { readLength, type XdfChunk } from './chunks.ts';
import { type ClockOffset, synchronise } from './clock.ts';
import { child, textAt, type XmlElement } from './xml.ts';

type Read = (view: DataView, at: number) => number;

const numeric: Record<string, { bytes: number; read: Read }> = {
  int8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  int16: { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  int32: { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  int64: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  float32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  double64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};
const maxChannels = 65_536;

export interface XdfStream {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly isNumeric: boolean;
  readonly channelCount: number;
  readonly nominalRateHz: number;
  readonly info: XmlElement;
  readonly format: string;
  readonly samples: XdfChunk[];
  readonly offsets: ClockOffset[];
  /** Number of rows that its chunks declare. */
  declaredRows: number;
}

export interface XdfRows {
  readonly rows: number;
  /** [rows] on the recorder's clock, with clock resets joined and jitter as written. */
  readonly timesS: Float64Array;
  /** One array per channel, [rows]; empty for strings. */
  readonly data: readonly Float32Array[];
  /** The first channel as text, [rows]. */
  readonly labels: readonly string[];
}

/** Whether two streams can be parts of one, as after a restart of the sender. */
export function hasSameShape(a: XdfStream, b: XdfStream): boolean {
  const shapeOf = ({ name, type, format, channelCount, nominalRateHz, info }: XdfStream) =>
    [name, type, format, channelCount, nominalRateHz, textAt(info, 'source_id'), child(info, 'desc')] as const;
  return isDeepStrictEqual(shapeOf(a), shapeOf(b));
}

/** The rows of all parts of a stream, the earliest part first; undefined for parts that overlap in time. */
export function joinXdfRows(parts: readonly XdfRows[]): XdfRows | undefined {
  const [first, ...others] = parts.filter(({ rows }) => rows > 0).sort((a, b) => a.timesS[0]! - b.timesS[0]!);
  if (!first || others.length === 0) return first ?? parts[0];
  const all = [first, ...others];
  if (others.some(({ timesS }, p) => timesS[0]! <= all[p]!.timesS.at(-1)!)) return undefined;
  const rows = all.reduce((sum, part) => sum + part.rows, 0);
  const joined = <Values extends Float32Array | Float64Array>(out: Values, of: (part: XdfRows) => Values): Values => {
    let at = 0;
    for (const part of all) {
      out.set(of(part), at);
      at += part.rows;
    }
    return out;
  };
  return {
    rows,
    timesS: joined(new Float64Array(rows), ({ timesS }) => timesS),
    data: first.data.map((_, c) => joined(new Float32Array(rows), ({ data }) => data[c]!)),
    labels: all.flatMap(({ labels }) => labels),
  };
}

/** The elements of `desc/channels`; empty where they do not describe every channel. */
export function channelsOf({ info, channelCount }: XdfStream): readonly XmlElement[] {
  const described = child(info, 'desc', 'channels')?.children.filter(({ name }) => name === 'channel') ?? [];
  return described.length === channelCount ? described : [];
}

/** Undefined where the header lacks something that reading the stream needs. */
export function xdfStream(id: number, info: XmlElement | undefined): XdfStream | undefined {
  const format = textAt(info, 'channel_format');
  const channelCount = Number(textAt(info, 'channel_count'));
  const isNumeric = Object.hasOwn(numeric, format);
  if (!info || !(isNumeric || format === 'string')) return undefined;
  if (!Number.isInteger(channelCount) || channelCount < 1 || channelCount > maxChannels) return undefined;
  return {
    id,
    name: textAt(info, 'name'),
    type: textAt(info, 'type'),
    isNumeric,
    channelCount,
    nominalRateHz: Number(textAt(info, 'nominal_srate')) || 0,
    info,
    format,
    samples: [],
    offsets: [],
    declaredRows: 0,
  };
}

/** The number of rows that a sample chunk declares; undefined where they do not fit into it. */
export function declaredRows(stream: XdfStream, { body }: XdfChunk): number | undefined {
  const count = readLength(body, 4);
  if (!count) return undefined;
  const leastBytes = 1 + stream.channelCount * (numeric[stream.format]?.bytes ?? 2);
  return count.length * leastBytes <= body.length - count.next ? count.length : undefined;
}

/** Reads every row. Skips a chunk that does not end where its rows end, and passes it to `onDamage`. */
export function readXdfRows(stream: XdfStream, onDamage: (chunk: XdfChunk) => void): XdfRows {
  const stamps = new Float64Array(stream.declaredRows);
  const data = Array.from(
    { length: stream.isNumeric ? stream.channelCount : 0 },
    () => new Float32Array(stream.declaredRows),
  );
  const labels: string[] = [];
  const periodS = stream.nominalRateHz > 0 ? 1 / stream.nominalRateHz : 0;
  let rows = 0;
  for (const chunk of stream.samples) {
    const read = stream.isNumeric
      ? readNumericChunk(chunk.body, stream, rows, stamps, periodS, data)
      : readStringChunk(chunk.body, stream, rows, stamps, periodS, labels);
    if (read === undefined) {
      labels.length = Math.min(labels.length, rows);
      onDamage(chunk);
    } else {
      rows += read;
    }
  }
  return {
    rows,
    timesS: synchronise(stamps.subarray(0, rows), stream.offsets),
    data: data.map((channel) => channel.subarray(0, rows)),
    labels: stream.isNumeric ? Array.from(data[0]!.subarray(0, stream.nominalRateHz > 0 ? 0 : rows), String) : labels,
  };
}

/**
 * Sets `stamps[row]`; a row without a stamp follows the row before by one period.
 * @returns the offset of the row's values; undefined for damaged bytes
 */
function readStamp(view: DataView, at: number, row: number, stamps: Float64Array, periodS: number): number | undefined {
  if (at >= view.byteLength) return undefined;
  const width = view.getUint8(at);
  if (width === 0) {
    stamps[row] = row === 0 ? 0 : stamps[row - 1]! + periodS;
    return at + 1;
  }
  if (width !== 8 || at + 9 > view.byteLength) return undefined;
  stamps[row] = view.getFloat64(at + 1, true);
  return Number.isFinite(stamps[row]) ? at + 9 : undefined;
}

function readNumericChunk(
  body: Buffer,
  stream: XdfStream,
  firstRow: number,
  stamps: Float64Array,
  periodS: number,
  data: readonly Float32Array[],
): number | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const { bytes, read } = numeric[stream.format]!;
  const { length: count, next } = readLength(body, 4)!;
  let at = next;
  for (let row = firstRow; row < firstRow + count; row++) {
    const values = readStamp(view, at, row, stamps, periodS);
    if (values === undefined || values + bytes * data.length > body.length) return undefined;
    at = values;
    for (const channel of data) {
      channel[row] = read(view, at);
      at += bytes;
    }
  }
  return at === body.length ? count : undefined;
}

function readStringChunk(
  body: Buffer,
  stream: XdfStream,
  firstRow: number,
  stamps: Float64Array,
  periodS: number,
  labels: string[],
): number | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const { length: count, next } = readLength(body, 4)!;
  let at = next;
  for (let row = firstRow; row < firstRow + count; row++) {
    const values = readStamp(view, at, row, stamps, periodS);
    if (values === undefined) return undefined;
    at = values;
    for (let c = 0; c < stream.channelCount; c++) {
      const size = readLength(body, at);
      if (!size || size.next + size.length > body.length) return undefined;
      if (c === 0) labels.push(body.toString('utf8', size.next, size.next + size.length));
      at = size.next + size.length;
    }
  }
  return at === body.length ? count : undefined;
}
