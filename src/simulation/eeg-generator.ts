/** The simulated person's EEG as an amplifier would sample it, with the true emotion as markers. */
import { AffectEdgeError } from '../errors.ts';
import { normaliseLabel } from '../montage.ts';
import { createArtefacts } from './artefacts.ts';
import { createBackground } from './background.ts';
import { Electrode } from './electrode.ts';
import { DEFAULT_SCHEDULE, type EmotionSchedule, emotionSegments, formatStateMarker } from './emotion.ts';
import { designInterpolation } from './interpolation.ts';
import { PRESETS, type PresetName, SIMULATION_VERSION } from './presets.ts';
import { createRhythms } from './rhythms.ts';
import { positionOf } from './scalp.ts';
import { LEAD_IN_TICKS, SOURCE_RATE_HZ, TICK_SAMPLES } from './sources.ts';
import { Transition } from './transition.ts';

export interface EegGeneratorOptions {
  /** Everything that differs from one session to the next. */
  readonly seed: number;
  readonly preset: PresetName;
  /** 10-20 labels in channel order. */
  readonly montage: readonly string[];
  /** Whole, 125 to 2048 Hz. */
  readonly sampleRateHz: number;
  /** The person: topography, gains, alpha frequency. Default: a new seed is a new person. */
  readonly subject?: number;
  readonly schedule?: EmotionSchedule;
}

export interface EegChunk {
  /** Channel-major, [channels, length], in microvolts. */
  readonly data: Float32Array;
  /** `offset` counts samples from the chunk's first one. */
  readonly markers: readonly { readonly label: string; readonly offset: number }[];
}

export interface EegGenerator {
  readonly labels: readonly string[];
  readonly sampleRateHz: number;
  readonly simulationVersion: number;
  /** The next `length` samples of every channel; how the signal is cut into chunks never changes it. */
  next(length: number): EegChunk;
}

/**
 * An electrode's signal depends on the seed, the subject, the preset and its label only: not on the other electrodes
 * of the montage, and the sampling rate decides only where it is sampled.
 *
 * @throws MONTAGE_MISSING_ELECTRODE for a label without a known position, RATE_UNSUPPORTED, CONFIG_INVALID.
 */
export function createEegGenerator(options: EegGeneratorOptions): EegGenerator {
  const { seed, montage, sampleRateHz, subject = seed, schedule = DEFAULT_SCHEDULE } = options;
  if (!Number.isInteger(sampleRateHz) || sampleRateHz < 125 || sampleRateHz > 2048) {
    throw new AffectEdgeError(
      'RATE_UNSUPPORTED',
      `the simulator samples at whole rates from 125 to 2048 Hz, got ${sampleRateHz}`,
    );
  }
  const preset = PRESETS[options.preset];
  const positions = montage.map(positionOf);
  const electrodes = montage.map((label) => new Electrode(seed, normaliseLabel(label), preset));
  const transition = new Transition(emotionSegments(seed, schedule));
  const sources = [
    ...createBackground(seed, preset, positions),
    ...createRhythms(seed, subject, preset, positions, transition),
    ...createArtefacts(seed, preset, positions),
  ];

  // Per channel the last `history` source samples, a tick appended at a time; `end` is the time index after the newest.
  const { phases, step, half, taps } = designInterpolation(SOURCE_RATE_HZ, sampleRateHz);
  const history = 2 * half + TICK_SAMPLES;
  const samples = new Float64Array(montage.length * history);
  const activity = new Float64Array(TICK_SAMPLES);
  let end = -LEAD_IN_TICKS * TICK_SAMPLES;

  function advance(): void {
    samples.copyWithin(0, TICK_SAMPLES);
    for (let c = 0; c < electrodes.length; c++) {
      electrodes[c]!.fill(samples, (c + 1) * history - TICK_SAMPLES, TICK_SAMPLES);
    }
    transition.advance();
    for (const source of sources) {
      if (!source.fill(activity)) continue;
      for (let c = 0; c < electrodes.length; c++) {
        const gain = source.map[c]!;
        const from = (c + 1) * history - TICK_SAMPLES;
        for (let i = 0; i < activity.length; i++) samples[from + i]! += gain * activity[i]!;
      }
    }
    end += TICK_SAMPLES;
  }

  const segments = emotionSegments(seed, schedule);
  let upcoming = segments.next().value ?? null;
  /** Index of the next output sample. */
  let position = 0;

  /** Fills samples [from, to) of a chunk; the history reaches far enough. */
  function interpolate(data: Float32Array, length: number, from: number, to: number): void {
    const width = 2 * half;
    for (let c = 0; c < electrodes.length; c++) {
      for (let i = from; i < to; i++) {
        const scaled = (position + i) * step;
        const phase = scaled % phases;
        const first = (scaled - phase) / phases - half + 1 - end + (c + 1) * history;
        const row = phase * width;
        let sum = 0;
        for (let k = 0; k < width; k++) sum += taps[row + k]! * samples[first + k]!;
        data[c * length + i] = sum;
      }
    }
  }

  return {
    labels: montage,
    sampleRateHz,
    simulationVersion: SIMULATION_VERSION,
    next(length) {
      const data = new Float32Array(montage.length * length);
      for (let done = 0; done < length; ) {
        // The last output whose taps end before `end`.
        const reach = Math.ceil(((end - half) * phases) / step) - position;
        if (reach <= done) {
          advance();
          continue;
        }
        const to = Math.min(length, reach);
        interpolate(data, length, done, to);
        done = to;
      }
      const markers: { label: string; offset: number }[] = [];
      while (upcoming !== null && upcoming.startS * sampleRateHz < position + length) {
        markers.push({
          label: formatStateMarker(upcoming.emotion),
          offset: upcoming.startS * sampleRateHz - position,
        });
        upcoming = segments.next().value ?? null;
      }
      position += length;
      return { data, markers };
    },
  };
}
