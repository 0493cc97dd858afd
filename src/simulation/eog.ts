/**
 * Electro-oculogram (EOG) of a simulated person as an amplifier samples it: the potentials of gaze and lids at
 * electrodes beside and above the eyes. The eye movements depend on the emotion (gaze/statistics.ts); the noise and
 * drift added here do not.
 */

import { Random } from '../random.ts';
import { DEFAULT_SCHEDULE } from './emotion.ts';
import { GazePath } from './gaze/path.ts';
import {
  amplifierInfo,
  type GeneratorOptions,
  type SignalGenerator,
  StateMarkers,
  signalGenerator,
} from './generator.ts';
import { Sampler } from './sampler.ts';
import { LEAD_IN_TICKS, SOURCE_RATE_HZ, TICK_SAMPLES } from './sources.ts';

/** Right and up are positive. */
const LABELS: readonly string[] = ['hEOG', 'vEOG'];
/** Corneo-retinal potential: about 16 uV per degree horizontally, less vertically (Malmivuo & Plonsey 1995, ch. 28). */
const UV_PER_DEG = [16, 12] as const;
/** Peak of a blink in each channel. The lid moves over the cornea, mainly a vertical potential. */
const BLINK_UV = [15, 220] as const;
/** Standard deviation between people of the logarithm of the gain. */
const GAIN_SD = 0.15;
const NOISE_UV = 2;
/** Drift of the electrodes' potential: standard deviation and time constant. */
const DRIFT_UV = 10;
const DRIFT_S = 5;

export interface EogGeneratorOptions extends GeneratorOptions {
  /** Whole, 125 to 2048 Hz. */
  readonly sampleRateHz: number;
}

/**
 * Channels hEOG and vEOG, in microvolts.
 *
 * @throws RATE_UNSUPPORTED, CONFIG_INVALID.
 */
export function createEogGenerator(options: EogGeneratorOptions): SignalGenerator {
  const { seed, preset, sampleRateHz, subject = seed, schedule = DEFAULT_SCHEDULE } = options;
  const path = new GazePath({ seed, subject, preset, schedule });
  const random = new Random(seed, 'eog');
  const gain = Math.exp(GAIN_SD * new Random('subject', subject, 'eog').normal());
  const keep = Math.exp(-1 / (DRIFT_S * SOURCE_RATE_HZ));
  const drift = LABELS.map(() => DRIFT_UV * random.normal());
  let sample = -LEAD_IN_TICKS * TICK_SAMPLES;

  const sampler = new Sampler(LABELS.length, sampleRateHz, (tick) => {
    for (let i = 0; i < TICK_SAMPLES; i++) {
      // Before time 0 the gaze stays at its first position.
      path.moveTo(Math.max(0, sample++ / SOURCE_RATE_HZ));
      const gaze = [path.xDeg, path.yDeg];
      for (const [c, channel] of tick.entries()) {
        drift[c] = keep * drift[c]! + DRIFT_UV * Math.sqrt(1 - keep ** 2) * random.normal();
        const eye = gain * (gaze[c]! * UV_PER_DEG[c]! + path.lid * BLINK_UV[c]!);
        channel[i] = eye + drift[c]! + NOISE_UV * random.normal();
      }
    }
  });
  const markers = new StateMarkers(seed, schedule, sampleRateHz);
  return signalGenerator(amplifierInfo('eog', LABELS, sampleRateHz), (length) => ({
    data: sampler.next(length),
    markers: markers.next(length),
  }));
}
