/** Artefacts: eye blinks over the forehead and bursts of the temporal muscles. */

import { butterworthHighPass } from '../../dsp/butterworth.ts';
import type { Vec3 } from '../../dsp/spherical-spline.ts';
import { Random } from '../../random.ts';
import { Noise } from '../noise.ts';
import type { Preset } from '../presets.ts';
import { SOURCE_RATE_HZ, type Source, TICK_SAMPLES, TICKS_PER_S } from '../sources.ts';
import { positionOf, scalpMap } from './scalp.ts';

const BLINK_MAP_WIDTH = 0.4;
const BLINK_TICKS = 4;
const BURST_MAP_WIDTH = 0.35;
const BURST_FROM_HZ = 20;
const BURST_TICKS: readonly [min: number, max: number] = [3, 15];

export function createArtefacts(seed: number, preset: Preset, electrodes: readonly Vec3[]): Source[] {
  return [
    createBlinks(seed, preset, electrodes),
    ...['T7', 'T8'].map((site) => createBursts(seed, preset, electrodes, site)),
  ];
}

/** Single sin^2 lobes of 0.4 s. */
function createBlinks(seed: number, preset: Preset, electrodes: readonly Vec3[]): Source {
  const random = new Random(seed, 'blink');
  const lobe = Float64Array.from(
    { length: BLINK_TICKS * TICK_SAMPLES },
    (_, i) => Math.sin((Math.PI * i) / (BLINK_TICKS * TICK_SAMPLES)) ** 2,
  );
  let wait = ticksBetween(random, preset.blinksPerMin);
  let at = 0;
  let peakUv = 0;
  return {
    map: scalpMap(electrodes, positionOf('FPZ'), BLINK_MAP_WIDTH),
    fill(out) {
      if (wait > 0) {
        wait--;
        return false;
      }
      if (at === 0) peakUv = preset.blinkUv * (0.8 + 0.4 * random.uniform());
      for (let i = 0; i < out.length; i++) out[i] = peakUv * lobe[at++]!;
      if (at === lobe.length) {
        at = 0;
        wait = ticksBetween(random, preset.blinksPerMin);
      }
      return true;
    },
  };
}

/** Noise above 20 Hz with a half-sine envelope of 0.3 to 1.5 s. */
function createBursts(seed: number, preset: Preset, electrodes: readonly Vec3[], site: string): Source {
  const random = new Random(seed, 'burst', site);
  const noise = new Noise(new Random(seed, 'muscle', site), butterworthHighPass(4, BURST_FROM_HZ, SOURCE_RATE_HZ));
  let wait = ticksBetween(random, preset.burstsPerMin);
  let length = 0;
  let at = 0;
  return {
    map: scalpMap(electrodes, positionOf(site), BURST_MAP_WIDTH),
    fill(out) {
      if (wait > 0) {
        wait--;
        return false;
      }
      if (at === 0) length = random.integer(...BURST_TICKS) * out.length;
      noise.fill(out);
      for (let i = 0; i < out.length; i++) {
        out[i] = out[i]! * preset.burstUv * Math.SQRT2 * Math.sin((Math.PI * at++) / length);
      }
      if (at === length) {
        at = 0;
        wait = ticksBetween(random, preset.burstsPerMin);
      }
      return true;
    },
  };
}

/** Exponentially distributed waiting times of a Poisson process. */
function ticksBetween(random: Random, perMin: number): number {
  return 1 + Math.floor((-Math.log(1 - random.uniform()) * 60 * TICKS_PER_S) / perMin);
}
