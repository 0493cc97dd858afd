/** Common interface of the generators. Generators of one seed simulate the same person and recording at any rate. */
import type { StreamInfo } from '../samples.ts';
import { type EmotionSchedule, type EmotionSegment, emotionSegments, formatStateMarker } from './emotion.ts';
import { type PresetName, SIMULATION_VERSION } from './presets.ts';

export interface GeneratorOptions {
  /** Sets everything that differs between recordings; generators of one seed simulate one recording. */
  readonly seed: number;
  readonly preset: PresetName;
  /** The person. Default: the seed, so a new seed is a new person. */
  readonly subject?: number;
  readonly schedule?: EmotionSchedule;
}

interface ChunkMarker {
  readonly label: string;
  /** In samples from the chunk's first sample. */
  readonly offset: number;
}

interface SignalChunk {
  /** Channel-major, [channels, length], in the channels' units. */
  readonly data: Float32Array;
  readonly markers: readonly ChunkMarker[];
}

export interface SignalGenerator {
  readonly info: StreamInfo;
  readonly labels: readonly string[];
  readonly sampleRateHz: number;
  readonly simulationVersion: number;
  /** The next `length` samples of every channel. The signal does not depend on how it is cut into chunks. */
  next(length: number): SignalChunk;
}

export function signalGenerator(info: StreamInfo, next: SignalGenerator['next']): SignalGenerator {
  const { channels, sampleRateHz } = info;
  const labels = channels.map(({ label }) => label);
  return { info, labels, sampleRateHz, simulationVersion: SIMULATION_VERSION, next };
}

/** Stream info of a simulated amplifier. */
export function amplifierInfo(modality: 'eeg' | 'eog', labels: readonly string[], sampleRateHz: number): StreamInfo {
  const channels = labels.map((label) => ({ label, unit: 'uV' }));
  return { deviceId: `simulated-${modality}-amplifier`, modality, channels, sampleRateHz, simulated: true };
}

/** Markers of the true emotion, each at the first sample of its state. */
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

  /** Markers of the next `length` samples. */
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
