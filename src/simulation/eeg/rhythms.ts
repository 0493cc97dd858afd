/** EEG rhythms: band-limited noise sources below each region's electrodes, with amplitudes that follow the emotion. */

import { butterworthBandPass } from '../../dsp/butterworth.ts';
import type { Vec3 } from '../../dsp/spherical-spline.ts';
import { Random } from '../../random.ts';
import { trialIntensity } from '../emotion.ts';
import { Level } from '../level.ts';
import { Noise } from '../noise.ts';
import {
  EMOTION_EFFECTS,
  type Preset,
  REGION_SITES,
  REGIONS,
  RHYTHM_BANDS_HZ,
  RHYTHM_UV,
  RHYTHMS,
  type Rhythm,
} from '../presets.ts';
import { SOURCE_RATE_HZ, type Source } from '../sources.ts';
import type { Transition } from '../transition.ts';
import { normalised, positionOf, scalpMap } from './scalp.ts';

const MAP_WIDTH = 0.5;
/** Narrow, so that the envelope changes over about a second. */
const ALPHA_WIDTH_HZ = 2;

/** One source for each rhythm, region and hemisphere. `transition` is advanced to a tick before the sources fill it. */
export function createRhythms(
  seed: number,
  subject: number,
  preset: Preset,
  electrodes: readonly Vec3[],
  transition: Transition,
): Source[] {
  return RHYTHMS.flatMap((rhythm) => {
    const person = new Random('subject', subject, rhythm);
    const rhythmDb = preset.subjectDb * person.normal();
    const sections = butterworthBandPass(2, bandOf(rhythm, preset, subject), SOURCE_RATE_HZ);
    return REGIONS.flatMap((region, r) =>
      REGION_SITES[region].map((site): Source => {
        const restUv = RHYTHM_UV[rhythm][r]! * fromDb(rhythmDb + preset.subjectDb * person.normal());
        const shift = () => preset.subjectShift * person.normal();
        const [x, y, z] = positionOf(site);
        const noise = new Noise(new Random(seed, rhythm, site), sections);
        const level = new Level({
          transition,
          segmentLevel: ({ index, emotion }) => {
            const effect = EMOTION_EFFECTS[emotion][rhythm]?.includes(region) ? preset.effectDb : 0;
            const everywhere = new Random(seed, 'trial', index, rhythm).normal();
            const here = new Random(seed, 'trial', index, rhythm, site).normal();
            return effect * trialIntensity(seed, index, preset.intensitySd) + preset.trialDb * (everywhere + here);
          },
          wanderSd: preset.wanderDb,
          wanderS: preset.wanderS,
          random: new Random(seed, 'wander', rhythm, site),
        });
        let amplitude = restUv * fromDb(level.next());
        return {
          map: scalpMap(electrodes, normalised([x + shift(), y + shift(), z + shift()]), MAP_WIDTH),
          fill(out) {
            noise.fill(out);
            const step = (restUv * fromDb(level.next()) - amplitude) / out.length;
            for (let i = 0; i < out.length; i++) {
              out[i] = out[i]! * amplitude;
              amplitude += step;
            }
            return true;
          },
        };
      }),
    );
  });
}

function bandOf(rhythm: Rhythm, preset: Preset, subject: number): readonly [number, number] {
  if (rhythm !== 'alpha') return RHYTHM_BANDS_HZ[rhythm];
  const [mean, sd] = preset.alphaHz;
  const own = mean + sd * new Random('subject', subject, 'alpha frequency').normal();
  const centre = Math.min(11.5, Math.max(9, own));
  return [centre - ALPHA_WIDTH_HZ / 2, centre + ALPHA_WIDTH_HZ / 2];
}

function fromDb(db: number): number {
  return 10 ** (db / 20);
}
