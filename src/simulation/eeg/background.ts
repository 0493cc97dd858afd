/** The 1/f background: independent sources over the whole head, so that signals of near electrodes are correlated. */
import type { Vec3 } from '../../dsp/spherical-spline.ts';
import { Random } from '../../random.ts';
import { Noise, powerLawSections } from '../noise.ts';
import type { Preset } from '../presets.ts';
import type { Source } from '../sources.ts';
import { meanSquareGain, scalpMap, spherePoints } from './scalp.ts';

const SOURCES = 32;
const MAP_WIDTH = 0.5;
/** Below this the spectrum is flat. */
const FROM_HZ = 0.5;

export function createBackground(seed: number, preset: Preset, electrodes: readonly Vec3[]): Source[] {
  const sections = powerLawSections(preset.backgroundExponent, FROM_HZ);
  // The sources' powers add up to backgroundUv^2 at an electrode.
  const gain = preset.backgroundUv / Math.sqrt(SOURCES * meanSquareGain(MAP_WIDTH));
  return spherePoints(SOURCES).map((point, i) => {
    const noise = new Noise(new Random(seed, 'background', i), sections);
    return {
      map: scalpMap(electrodes, point, MAP_WIDTH).map((x) => x * gain),
      fill(out) {
        noise.fill(out);
        return true;
      },
    };
  });
}
