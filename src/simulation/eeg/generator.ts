/** EEG of a simulated person as an amplifier samples it, with the true emotion as markers. */
import { normaliseLabel } from '../../montage.ts';
import { DEFAULT_SCHEDULE, emotionSegments } from '../emotion.ts';
import {
  amplifierInfo,
  type GeneratorOptions,
  type SignalGenerator,
  StateMarkers,
  signalGenerator,
} from '../generator.ts';
import { PRESETS } from '../presets.ts';
import { Sampler } from '../sampler.ts';
import { TICK_SAMPLES } from '../sources.ts';
import { Transition } from '../transition.ts';
import { createArtefacts } from './artefacts.ts';
import { createBackground } from './background.ts';
import { Electrode } from './electrode.ts';
import { createRhythms } from './rhythms.ts';
import { positionOf } from './scalp.ts';

/** The subject sets topography, gains and the alpha frequency. */
export interface EegGeneratorOptions extends GeneratorOptions {
  /** 10-20 labels in channel order. */
  readonly montage: readonly string[];
  /** Whole, 125 to 2048 Hz. */
  readonly sampleRateHz: number;
}

/**
 * EEG in microvolts. An electrode's signal depends only on seed, subject, preset, schedule and its label, not on the
 * other electrodes. The sampling rate sets only the times of the samples.
 *
 * @throws MONTAGE_MISSING_ELECTRODE for a label without a known position, RATE_UNSUPPORTED, CONFIG_INVALID.
 */
export function createEegGenerator(options: EegGeneratorOptions): SignalGenerator {
  const { seed, montage, sampleRateHz, subject = seed, schedule = DEFAULT_SCHEDULE } = options;
  const preset = PRESETS[options.preset];
  const positions = montage.map(positionOf);
  const electrodes = montage.map((label) => new Electrode(seed, normaliseLabel(label), preset));
  const transition = new Transition(emotionSegments(seed, schedule));
  const sources = [
    ...createBackground(seed, preset, positions),
    ...createRhythms(seed, subject, preset, positions, transition),
    ...createArtefacts(seed, preset, positions),
  ];
  const activity = new Float64Array(TICK_SAMPLES);

  const sampler = new Sampler(montage.length, sampleRateHz, (tick) => {
    for (const [c, channel] of tick.entries()) electrodes[c]!.fill(channel);
    transition.advance();
    for (const source of sources) {
      if (!source.fill(activity)) continue;
      for (const [c, channel] of tick.entries()) {
        const gain = source.map[c]!;
        for (let i = 0; i < activity.length; i++) channel[i]! += gain * activity[i]!;
      }
    }
  });
  const markers = new StateMarkers(seed, schedule, sampleRateHz);
  return signalGenerator(amplifierInfo('eeg', montage, sampleRateHz), (length) => ({
    data: sampler.next(length),
    markers: markers.next(length),
  }));
}
