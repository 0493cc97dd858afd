/** One signal of an XDF 1.0 file (Lab Streaming Layer), with its rate, its losses and the markers of the other streams. */
import type { Marker } from '../../samples.ts';
import { bySample, type Gap, sampleOfRow } from '../parsed.ts';
import { problemReporter, type ReportProblem } from '../problems.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';
import { orderedRows } from '../time/stamped-rows.ts';
import { type ChooseStream, choiceNeeded, describeStream, isMarkers } from './choose.ts';
import { readXdfChunks, type XdfChunk } from './chunks.ts';
import { collectStreams } from './collect.ts';
import { joinXdfRows, readXdfRows, type XdfRows, type XdfStream } from './stream.ts';
import { parseXml, textAt } from './xml.ts';

interface XdfSignal {
  readonly stream: XdfStream;
  /** [channels][rows] */
  readonly data: readonly Float32Array[];
  readonly rateHz: number;
  readonly gaps: readonly Gap[];
  readonly markers: readonly Marker[];
  readonly startUnixUs: number | null;
  readonly simulated: boolean;
  readonly notices: string[];
}

interface XdfOptions {
  readonly rateHz?: number;
  readonly salvage?: boolean;
  readonly stream?: string;
}

/** Throws FILE_INVALID where chunks are damaged or cut, unless `salvage`; CONFIG_INVALID where a stream must be chosen. */
export function readXdfSignal(file: SourceFile, options: XdfOptions, choose: ChooseStream): XdfSignal {
  const notices: string[] = [];
  const report = problemReporter(file.path, options.salvage, notices);
  const chunks = readXdfChunks(file, report);
  const { streams, footers } = collectStreams(chunks, report);
  const parts = choose(file.path, streams, options.stream);
  const stream = parts[0]!;
  const onDamage = (chunk: XdfChunk) =>
    report(
      `the samples at byte ${chunk.offset} do not fill their chunk, or have a time that is not a number`,
      `skips its ${chunk.body.length} bytes`,
    );

  const read = joinXdfRows(parts.map((part) => readXdfRows(part, onDamage)));
  if (read === undefined) throw choiceNeeded(file.path, parts);
  const { rows } = read;
  if (rows === 0) throw fileInvalid(file.path, `stream "${stream.name}" has no samples`);
  const { timesS, data, rateHz, gaps } = stampedRows(stream, read, options.rateHz, report, notices);
  if (!(rateHz > 0 && rateHz < 1e7)) {
    throw fileInvalid(
      file.path,
      `stream "${stream.name}" declares no rate, and its time stamps give ${rateHz} Hz, expected above 0`,
    );
  }
  notices.push(...footerNotices(parts, footers, rows), ...choiceNotices(streams, parts));
  const clock = { timesS, gaps, rateHz };
  const markers = streams
    .filter((other) => !parts.includes(other) && isMarkers(other) && other.declaredRows > 0)
    .flatMap((other): Marker[] => {
      const { labels, timesS: markedS } = readXdfRows(other, onDamage);
      return labels.map((label, i) => ({ label, sample: sampleAtTime(markedS[i]!, clock) }));
    });
  const datetime = Date.parse(textAt(parseXml(chunks[0]?.body.toString('utf8') ?? ''), 'datetime'));
  return {
    stream,
    data,
    rateHz,
    gaps,
    markers: markers.sort(bySample),
    startUnixUs: Number.isNaN(datetime) ? null : datetime * 1000,
    simulated: textAt(stream.info, 'desc', 'simulated') === 'true',
    notices,
  };
}

function footerNotices(parts: readonly XdfStream[], footers: ReadonlyMap<number, number>, rows: number): string[] {
  const { name } = parts[0]!;
  if (parts.some(({ id }) => !footers.has(id))) {
    return [`stream "${name}" has no footer: the recording was not stopped properly`];
  }
  const counted = parts.reduce((sum, { id }) => sum + footers.get(id)!, 0);
  return counted === rows ? [] : [`stream "${name}" has ${rows} samples, its footer counts ${counted}`];
}

function choiceNotices(streams: readonly XdfStream[], parts: readonly XdfStream[]): string[] {
  const left = streams.filter((stream) => !parts.includes(stream) && !isMarkers(stream) && stream.declaredRows > 0);
  return [
    ...(parts.length > 1 ? [`stream "${parts[0]!.name}" was restarted: its ${parts.length} parts are read`] : []),
    ...(left.length > 0 ? [`left out: ${left.map(describeStream).join(', ')}`] : []),
  ];
}

/** With a given rate, the stamps only place the markers. */
function stampedRows(
  stream: XdfStream,
  { timesS, data }: XdfRows,
  givenHz: number | undefined,
  report: ReportProblem,
  notices: string[],
) {
  if (givenHz !== undefined) {
    notices.push('the rate is given: the time stamps are not used, and the rows have no gaps');
    return { timesS, data, rateHz: givenHz, gaps: [] };
  }
  const placeOf = (row: number) => `sample ${row + 1} of stream "${stream.name}"`;
  const declaredHz = stream.nominalRateHz > 0 ? stream.nominalRateHz : undefined;
  return orderedRows({ timesS, data, placeOf, declaredHz }, report, notices);
}

/** Position of a time on the sample index: interpolated between rows, extrapolated by the rate beyond the ends. */
function sampleAtTime(timeS: number, clock: { timesS: Float64Array; gaps: readonly Gap[]; rateHz: number }): number {
  const { timesS, gaps, rateHz } = clock;
  let low = 0;
  let high = timesS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timesS[middle]! <= timeS) low = middle + 1;
    else high = middle;
  }
  const row = Math.max(0, low - 1);
  const sample = sampleOfRow(row, gaps);
  const step = (timeS - timesS[row]!) * rateHz;
  const next = row + 1 < timesS.length ? sampleOfRow(row + 1, gaps) - sample : Number.POSITIVE_INFINITY;
  return sample + (low === 0 ? step : Math.min(step, next));
}
