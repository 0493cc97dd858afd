/** What every generator of a simulated person's signal is: the same person in the same minute, however it is sampled. */
import { type EmotionSchedule, type EmotionSegment, emotionSegments, formatStateMarker } from './emotion.ts';
import type { PresetName } from './presets.ts';

export interface GeneratorOptions {
  /** Everything that differs from one session to the next; generators of one seed are one recording. */
  readonly seed: number;
  readonly preset: PresetName;
  /** The person. Default: a new seed is a new person. */
  readonly subject?: number;
  readonly schedule?: EmotionSchedule;
}

interface ChunkMarker {
  readonly label: string;
  /** Samples from the chunk's first one. */
  readonly offset: number;
}

export interface SignalChunk {
  /** Channel-major, [channels, length], in the generator's unit. */
  readonly data: Float32Array;
  readonly markers: readonly ChunkMarker[];
}

export interface SignalGenerator {
  readonly labels: readonly string[];
  readonly sampleRateHz: number;
  readonly simulationVersion: number;
  /** The next `length` samples of every channel; how the signal is cut into chunks never changes it. */
  next(length: number): SignalChunk;
}

/** The true emotion, each state told at the first sample that it holds for. */
export class StateMarkers {
  readonly #sampleRateHz: number;
  readonly #segments: Iterator<EmotionSegment, void>;
  #upcoming: EmotionSegment | null;
  #position = 0;

  constructor(seed: number, schedule: EmotionSchedule, sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#segments = emotionSegments(seed, schedule);
    this.#upcoming = this.#segments.next().value ?? null;
  }

  /** Of the next `length` samples. */
  next(length: number): ChunkMarker[] {
    const markers: ChunkMarker[] = [];
    const rateHz = this.#sampleRateHz;
    while (this.#upcoming !== null && this.#upcoming.startS * rateHz < this.#position + length) {
      const { emotion, startS } = this.#upcoming;
      markers.push({ label: formatStateMarker(emotion), offset: startS * rateHz - this.#position });
      this.#upcoming = this.#segments.next().value ?? null;
    }
    this.#position += length;
    return markers;
  }
}
