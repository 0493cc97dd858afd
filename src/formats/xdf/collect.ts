/** Sorts the chunks of an XDF file into its streams. */
import type { ReportProblem } from '../problems.ts';
import { type XdfChunk, xdfTags } from './chunks.ts';
import { declaredRows, type XdfStream, xdfStream } from './stream.ts';
import { parseXml, textAt } from './xml.ts';

export interface XdfContent {
  readonly streams: readonly XdfStream[];
  /** By stream id: the number of samples that the footer counts. */
  readonly footers: ReadonlyMap<number, number>;
}

export function collectStreams(chunks: readonly XdfChunk[], report: ReportProblem): XdfContent {
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
