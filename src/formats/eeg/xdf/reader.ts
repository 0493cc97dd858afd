/** XDF 1.0 (Lab Streaming Layer) recordings: one numeric stream; string streams become markers. */
import { AffectEdgeError } from '../../../errors.ts';
import type { Channel, Marker } from '../../../samples.ts';
import { bySample, type Gap, sampleOfRow } from '../../parsed.ts';
import { problemReporter, type ReportProblem } from '../../problems.ts';
import { fileInvalid, type SourceFile } from '../../source-file.ts';
import { orderedRows } from '../../time/stamped-rows.ts';
import { microvoltsPer } from '../../units.ts';
import type { EegOptions, ParsedEeg } from '../parsed.ts';
import { readXdfChunks, type XdfChunk, xdfTags } from './chunks.ts';
import { declaredRows, readXdfRows, type XdfRows, type XdfStream, xdfStream } from './stream.ts';
import { child, parseXml, textAt } from './xml.ts';

/** Throws FILE_INVALID where chunks are damaged or cut, unless `salvage`; CONFIG_INVALID where a stream must be chosen. */
export function readXdf(file: SourceFile, options: EegOptions): ParsedEeg {
  const notices: string[] = [];
  const report = problemReporter(file.path, options.salvage, notices);
  const chunks = readXdfChunks(file, report);
  const { streams, footers } = collectStreams(chunks, report);
  const stream = chooseStream(file.path, streams, options.stream);
  const onDamage = (chunk: XdfChunk) =>
    report(`the samples at byte ${chunk.offset} do not fill their chunk`, `skips its ${chunk.body.length} bytes`);

  const read = readXdfRows(stream, onDamage);
  const { rows } = read;
  if (rows === 0) throw fileInvalid(file.path, `stream "${stream.name}" has no samples`);
  const { timesS, data, rateHz, gaps } = stampedRows(stream, read, options.rateHz, report, notices);
  if (!(rateHz > 0 && rateHz < 1e7)) {
    throw fileInvalid(
      file.path,
      `stream "${stream.name}" declares no rate, and its time stamps give ${rateHz} Hz, expected above 0`,
    );
  }
  if (!footers.has(stream.id))
    notices.push(`stream "${stream.name}" has no footer: the recording was not stopped properly`);
  const footer = footers.get(stream.id);
  if (footer !== undefined && footer !== rows) {
    notices.push(`stream "${stream.name}" has ${rows} samples, its footer counts ${footer}`);
  }

  const { channels, factors, kept } = describeChannels(stream, notices);
  const clock = { timesS, gaps, rateHz };
  const markers = streams
    .filter((other) => !other.isNumeric && other.declaredRows > 0)
    .flatMap((other): Marker[] => {
      const { labels, timesS: markedS } = readXdfRows(other, onDamage);
      return labels.map((label, i) => ({ label, sample: sampleAtTime(markedS[i]!, clock) }));
    });
  const datetime = Date.parse(textAt(parseXml(chunks[0]?.body.toString('utf8') ?? ''), 'datetime'));
  return {
    format: 'XDF',
    deviceId: stream.name || 'xdf',
    channels,
    sampleRateHz: rateHz,
    data: kept.map((c, i) => (factors[i] === 1 ? data[c]! : data[c]!.map((value) => value * factors[i]!))),
    gaps,
    markers: markers.sort(bySample),
    startUnixUs: Number.isNaN(datetime) ? null : datetime * 1000,
    notices,
    simulated: textAt(stream.info, 'desc', 'simulated') === 'true',
  };
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

function collectStreams(chunks: readonly XdfChunk[], report: ReportProblem) {
  const streams = new Map<number, XdfStream>();
  const footers = new Map<number, number>();
  for (const chunk of chunks) {
    const { tag, body, offset } = chunk;
    if (tag === xdfTags.fileHeader || tag === xdfTags.boundary) continue;
    if (body.length < 4) {
      report(`the chunk at byte ${offset} has ${body.length} bytes, expected a stream id of 4`, 'skips it');
      continue;
    }
    const id = body.readUInt32LE(0);
    if (tag === xdfTags.streamHeader) {
      const stream = xdfStream(id, parseXml(body.toString('utf8', 4)));
      if (stream) streams.set(id, stream);
      else
        report(`the header of stream ${id} at byte ${offset} is damaged or has an unknown format`, 'skips the stream');
      continue;
    }
    const stream = streams.get(id);
    if (!stream) {
      report(`the chunk at byte ${offset} belongs to stream ${id}, which has no header`, 'skips it');
    } else if (tag === xdfTags.streamFooter) {
      const count = textAt(parseXml(body.toString('utf8', 4)), 'sample_count');
      footers.set(id, count === '' ? stream.declaredRows : Number(count));
    } else if (tag === xdfTags.clockOffset) {
      const [timeS, offsetS] = body.length === 20 ? [body.readDoubleLE(4), body.readDoubleLE(12)] : [Number.NaN, 0];
      if (Number.isFinite(timeS) && Number.isFinite(offsetS)) {
        stream.offsets.push({ timeS, offsetS, rowsBefore: stream.declaredRows });
      } else report(`the clock offset at byte ${offset} is damaged`, 'skips it');
    } else {
      const rows = declaredRows(stream, chunk);
      if (rows === undefined) report(`the samples at byte ${offset} do not fit their chunk`, 'skips them');
      else {
        stream.samples.push(chunk);
        stream.declaredRows += rows;
      }
    }
  }
  return { streams: [...streams.values()], footers };
}

/** The named stream, otherwise the one of type EEG, otherwise the only numeric one with more than one channel. */
function chooseStream(path: string, streams: readonly XdfStream[], name: string | undefined): XdfStream {
  const listed = streams
    .map((s) => `"${s.name}" (${s.type || 'no type'}, ${s.channelCount} x ${s.format}, ${s.declaredRows} samples)`)
    .join(', ');
  if (name !== undefined) {
    const named = streams.find((s) => s.isNumeric && s.name === name);
    if (named) return named;
    throw new AffectEdgeError('CONFIG_INVALID', `${path}: no numeric stream is named "${name}"; there are ${listed}`);
  }
  const filled = streams.filter((s) => s.isNumeric && s.declaredRows > 0);
  const eeg = filled.filter((s) => /^eeg$/i.test(s.type));
  const candidates = eeg.length > 0 ? eeg : filled.filter((s) => s.channelCount > 1);
  if (candidates.length === 1) return candidates[0]!;
  if (candidates.length > 1) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${path}: several streams could be the EEG; choose with --stream: ${listed}`,
    );
  }
  throw fileInvalid(path, `has no EEG stream with samples${listed === '' ? '' : `; there are ${listed}`}`);
}

/** Labels and units of `desc/channels`. If any channels are of type EEG, only these are kept. */
function describeChannels(stream: XdfStream, notices: string[]) {
  const described = child(stream.info, 'desc', 'channels')?.children.filter((c) => c.name === 'channel') ?? [];
  const full = described.length === stream.channelCount ? described : [];
  if (full.length === 0) notices.push(`stream "${stream.name}" does not name its channels: they are numbered, in uV`);
  const all = Array.from({ length: stream.channelCount }, (_, c) => c);
  const eeg = all.filter((c) => /^eeg$/i.test(textAt(full[c], 'type')));
  const kept = eeg.length > 0 ? eeg : all;
  const name = (c: number) => textAt(full[c], 'label') || `${c + 1}`;
  if (kept.length < all.length) {
    notices.push(
      `left out, as not of type EEG: ${all
        .filter((c) => !kept.includes(c))
        .map(name)
        .join(', ')}`,
    );
  }
  const factors = kept.map((c) => microvoltsPer(textAt(full[c], 'unit')));
  const unknown = kept.filter((_, i) => full.length > 0 && factors[i] === undefined);
  if (unknown.length > 0) notices.push(`unit is not a voltage, taken as uV: ${unknown.map(name).join(', ')}`);
  const channels = kept.map((c): Channel => ({ label: name(c), unit: 'uV' }));
  return { channels, factors: factors.map((factor) => factor ?? 1), kept };
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
