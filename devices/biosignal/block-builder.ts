import { given } from '../../src/given.ts';
import type { Block, StreamInfo } from '../../src/samples.ts';
import { BYTES_PER_SAMPLE, type Descriptor } from './frame.ts';
import type { Timeline } from './timeline.ts';
import { unpack } from './unpack.ts';

/** A descriptor in the form that decoding samples needs. */
export interface Layout {
  readonly info: StreamInfo;
  readonly descriptor: Descriptor;
  readonly scales: Float64Array;
  /** Bytes of one sample of every channel. */
  readonly columnBytes: number;
}

export function layoutOf(descriptor: Descriptor): Layout {
  const { deviceId, modality, simulated, sampleRateHz, sampleFormat, rail, channels, geometry } = descriptor;
  return {
    info: {
      deviceId,
      modality,
      channels: channels.map(({ label, unit }) => ({ label, unit })),
      sampleRateHz,
      simulated,
      ...given({ railUv: rail, geometry }),
    },
    descriptor,
    scales: Float64Array.from(channels, ({ scale }) => scale),
    columnBytes: channels.length * BYTES_PER_SAMPLE[sampleFormat],
  };
}

/** Collects contiguous frames and converts them together once the length of the block is known. */
export class BlockBuilder {
  /** Pairs: offset of a frame's samples in `#bytes`, number of samples. */
  #frames = new Int32Array(256);
  #used = 0;
  #bytes: Uint8Array = new Uint8Array();
  #length = 0;
  #lostBefore = 0;
  #firstSample = 0;
  #deviceTimeUs = 0;
  #hostTimeUs = 0;
  #clockErrUs = 0;

  /** Adds the frame that `timeline` has just placed; `bytes` must not change until `take`. */
  add(timeline: Timeline, bytes: Uint8Array, at: number, samples: number): void {
    if (this.#length === 0) {
      this.#lostBefore = timeline.lost;
      this.#firstSample = timeline.sample;
      this.#deviceTimeUs = timeline.deviceTimeUs;
      this.#hostTimeUs = timeline.hostTimeUs;
      this.#clockErrUs = timeline.clockErrUs;
    }
    if (this.#used === this.#frames.length) {
      const larger = new Int32Array(2 * this.#used);
      larger.set(this.#frames);
      this.#frames = larger;
    }
    this.#frames[this.#used++] = at;
    this.#frames[this.#used++] = samples;
    this.#bytes = bytes;
    this.#length += samples;
  }

  /** A block of the frames added since the last call. */
  take({ info, descriptor, scales }: Layout): Block | undefined {
    if (this.#length === 0) return undefined;
    const length = this.#length;
    const data = new Float32Array(scales.length * length);
    let column = 0;
    for (let i = 0; i < this.#used; i += 2) {
      const samples = this.#frames[i + 1]!;
      unpack(descriptor.sampleFormat, this.#bytes, this.#frames[i]!, samples, scales, data, length, column);
      column += samples;
    }
    this.#used = 0;
    this.#length = 0;
    return {
      info,
      firstSample: this.#firstSample,
      length,
      data,
      lostBefore: this.#lostBefore,
      deviceTimeUs: this.#deviceTimeUs,
      hostTimeUs: this.#hostTimeUs,
      clockErrUs: this.#clockErrUs,
    };
  }
}
