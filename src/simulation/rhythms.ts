/** The brain's rhythms: band-limited noise below each region's electrodes, its amplitude following the emotion. */

import { butterworthBandPass } from '../dsp/butterworth.ts';
import type { Vec3 } from '../dsp/spherical-spline.ts';
import { EMOTIONS, type EmotionSegment } from './emotion.ts';
import { Noise } from './noise.ts';
import {
  EMOTION_EFFECTS,
  type Preset,
  REGION_SITES,
  REGIONS,
  type Region,
  RHYTHM_BANDS_HZ,
  RHYTHM_UV,
  RHYTHMS,
  type Rhythm,
} from './presets.ts';
import { Random } from './random.ts';
import { normalised, positionOf, scalpMap } from './scalp.ts';
import { LEAD_IN_TICKS, SOURCE_RATE_HZ, type Source, TICKS_PER_S } from './sources.ts';

const MAP_WIDTH = 0.5;
/** Narrow enough to wax and wane within a second or so. */
const ALPHA_WIDTH_HZ = 2;
/** An emotion's effect comes and goes in half a second. */
const TRANSITION_TICKS = 0.5 * TICKS_PER_S;

interface Seeds {
  readonly seed: number;
  readonly subject: number;
}

/** One source for each rhythm, region and hemisphere. `segments` gives every source a cursor of its own. */
export function createRhythms(
  { seed, subject }: Seeds,
  preset: Preset,
  electrodes: readonly Vec3[],
  segments: () => Iterator<EmotionSegment, void>,
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
        const level = new Level(seed, rhythm, region, site, preset, segments());
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

/** Amplitude of one generator relative to the person's rest, in dB, a tick at a time: emotion, trial and wandering. */
class Level {
  private readonly segments: Iterator<EmotionSegment, void>;
  private readonly offsetDb: (segment: EmotionSegment) => number;
  private readonly random: Random;
  private readonly wanderDb: number;
  private readonly wanderKeep: number;
  private wander: number;
  private fromDb: number;
  private toDb: number;
  private changedAt: number;
  private upcoming: EmotionSegment | null;
  private tick = -LEAD_IN_TICKS;

  constructor(
    seed: number,
    rhythm: Rhythm,
    region: Region,
    site: string,
    preset: Preset,
    segments: Iterator<EmotionSegment, void>,
  ) {
    const effects = EMOTIONS.filter((emotion) => EMOTION_EFFECTS[emotion][rhythm]?.includes(region));
    this.offsetDb = ({ index, emotion }) =>
      (effects.includes(emotion) ? preset.effectDb : 0) +
      preset.trialDb * new Random(seed, 'trial', index, rhythm).normal() +
      preset.trialDb * new Random(seed, 'trial', index, rhythm, site).normal();
    this.random = new Random(seed, 'wander', rhythm, site);
    this.wanderDb = preset.wanderDb;
    this.wanderKeep = Math.exp(-1 / (preset.wanderS * TICKS_PER_S));
    this.wander = this.wanderDb * this.random.normal();
    this.segments = segments;
    const first = segments.next().value!;
    this.toDb = this.offsetDb(first);
    this.fromDb = this.toDb;
    this.changedAt = 0;
    this.upcoming = segments.next().value ?? null;
  }

  next(): number {
    while (this.upcoming !== null && this.tick >= this.upcoming.startS * TICKS_PER_S) {
      this.fromDb = this.toDb;
      this.toDb = this.offsetDb(this.upcoming);
      this.changedAt = this.tick;
      this.upcoming = this.segments.next().value ?? null;
    }
    // An Ornstein-Uhlenbeck process, exact for any step.
    this.wander =
      this.wanderKeep * this.wander + this.wanderDb * Math.sqrt(1 - this.wanderKeep ** 2) * this.random.normal();
    const u = Math.min(1, Math.max(0, this.tick - this.changedAt) / TRANSITION_TICKS);
    this.tick++;
    return this.fromDb + (this.toDb - this.fromDb) * u * u * (3 - 2 * u) + this.wander;
  }
}

function fromDb(db: number): number {
  return 10 ** (db / 20);
}
