/**
 * The simulated person's electro-oculogram as an amplifier would sample it: the gaze and the lids as the dipole of the
 * eye shows them at electrodes beside and above the eyes. Its events follow the emotion as the simulated eye movement does
 * (see gaze-statistics.ts); what is added here says nothing about it.
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

/** To the right and upwards are positive. */
const LABELS: readonly string[] = ['hEOG', 'vEOG'];
/**
 * Of the corneo-retinal dipole: about 16 uV per degree horizontally, less vertically (Malmivuo & Plonsey 1995, ch.
 * 28).
 */
const UV_PER_DEG = [16, 12] as const;
/** Peak of a blink in each channel: the lid slides over the cornea, which the vertical channel sees. */
const BLINK_UV = [15, 220] as const;
/** Between people, of the logarithm of the gain. */
const GAIN_SD = 0.15;
const NOISE_UV = 2;
/** Wandering of the electrodes' potential: standard deviation and time constant. */
const DRIFT_UV = 10;
const DRIFT_S = 5;

export interface EogGeneratorOptions extends GeneratorOptions {
  /** Whole, 125 to 2048 Hz. */
  readonly sampleRateHz: number;
}

/** Channels hEOG and vEOG, in microvolts. Throws RATE_UNSUPPORTED, CONFIG_INVALID. */
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
      // Until time 0 the gaze rests where it begins.
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
