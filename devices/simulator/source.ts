import type { Recording } from '../../src/formats/recording.ts';
import { type StreamInfo, sliceBlock } from '../../src/samples.ts';
import type { SignalGenerator } from '../../src/simulation/generator.ts';

export interface SourceChunk {
  readonly length: number;
  /** Channel-major, [channels, length], in the channels' units. */
  readonly data: Float32Array;
  /** Samples missing in the source before this chunk. */
  readonly lostBefore: number;
  readonly markers: readonly { readonly label: string; readonly offset: number }[];
}

/** The signal that a simulated device samples. */
export interface SampleSource {
  readonly info: StreamInfo;
  /** The source has no end, so it need not wait for a listener. */
  readonly endless?: true;
  /** One chunk of at most `length` samples; undefined once there are no more. */
  next(length: number): SourceChunk | undefined;
}

/** An endless source of a simulated person. */
export function generatorSource(generator: SignalGenerator): SampleSource {
  return {
    info: generator.info,
    endless: true,
    next: (length) => ({ ...generator.next(length), length, lostBefore: 0 }),
  };
}

/** Plays a recording once, with its gaps and markers. */
export function recordingSource(recording: Recording): SampleSource {
  const blocks = recording.blocks()[Symbol.iterator]();
  let block = blocks.next().value;
  let taken = 0;
  let nextMarker = 0;
  return {
    info: recording.info,
    next(wanted) {
      if (block && taken === block.length) {
        block = blocks.next().value;
        taken = 0;
      }
      if (!block) return undefined;
      const from = taken;
      const length = Math.min(wanted, block.length - from);
      taken += length;
      const { data, lostBefore } = sliceBlock(block, from, taken);
      const first = block.firstSample + from;
      const markers: { label: string; offset: number }[] = [];
      for (let marker = recording.markers[nextMarker]; marker && marker.sample < first + length; ) {
        markers.push({ label: marker.label, offset: marker.sample - first });
        marker = recording.markers[++nextMarker];
      }
      return { length, data, lostBefore, markers };
    },
  };
}
