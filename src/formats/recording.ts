/** A parsed file as one stream of blocks. */
import type { Block, Marker, StreamInfo } from '../samples.ts';
import { type ParsedFile, totalSamples } from './parsed.ts';

export interface Recording {
  readonly path: string;
  readonly format: string;
  readonly info: StreamInfo;
  /** Length of the sample index: the recorded samples and the lost ones between them. */
  readonly totalSamples: number;
  /** Null where the file does not state it. */
  readonly startUnixUs: number | null;
  /** In the order of their samples. */
  readonly markers: readonly Marker[];
  /** What the user should know about how the file was read. */
  readonly notices: readonly string[];
  /**
   * Blocks of up to `blockSamples` samples (default: one second). A gap ends a block. Times are in microseconds from
   * the first sample.
   */
  blocks(blockSamples?: number): Iterable<Block>;
}

export function recordingOf(
  path: string,
  parsed: ParsedFile,
  { info, startUnixUs, notices }: Pick<Recording, 'info' | 'startUnixUs' | 'notices'>,
): Recording {
  const length = totalSamples(parsed);
  const isInside = ({ sample }: Marker) => sample >= -info.sampleRateHz && sample <= length + info.sampleRateHz;
  const outside = parsed.markers.filter((marker) => !isInside(marker));
  const seconds = outside.length > 0 ? (outside[0]!.sample / info.sampleRateHz).toFixed(1) : '';
  return {
    path,
    format: parsed.format,
    info,
    totalSamples: length,
    startUnixUs,
    markers: parsed.markers.filter(isInside),
    notices:
      outside.length === 0
        ? notices
        : [
            ...notices,
            `${outside.length} of ${parsed.markers.length} markers are left out: they are outside of the recording (the first ` +
              `at ${seconds} s); is their clock another one?`,
          ],
    blocks: (blockSamples = Math.ceil(info.sampleRateHz)) => cutBlocks(info, parsed, blockSamples),
  };
}

function* cutBlocks(info: StreamInfo, { data, gaps }: ParsedFile, blockSamples: number): Generator<Block> {
  const rows = data[0]!.length;
  const starts = [{ row: 0, lost: 0 }, ...gaps];
  let lostSoFar = 0;
  for (const [s, { row: start, lost }] of starts.entries()) {
    lostSoFar += lost;
    const end = starts[s + 1]?.row ?? rows;
    for (let row = start; row < end; row += blockSamples) {
      const length = Math.min(blockSamples, end - row);
      const values = new Float32Array(data.length * length);
      for (const [c, channel] of data.entries()) values.set(channel.subarray(row, row + length), c * length);
      const firstSample = row + lostSoFar;
      const timeUs = (firstSample * 1e6) / info.sampleRateHz;
      const lostBefore = row === start ? lost : 0;
      yield {
        info,
        firstSample,
        length,
        data: values,
        lostBefore,
        deviceTimeUs: timeUs,
        hostTimeUs: timeUs,
        clockErrUs: 0,
      };
    }
  }
}
