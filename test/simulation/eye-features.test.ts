import { describe, expect, it } from 'vitest';
import { EMOTIONS, type Emotion, trialIntensity } from '../../src/simulation/emotion.ts';
import { EYE_FEATURES, EyeFeatures } from '../../src/simulation/eye-features.ts';
import { GazeState } from '../../src/simulation/gaze-state.ts';
import {
  GAZE_PRESETS,
  GAZE_STATISTIC_NAMES,
  GAZE_STATISTICS,
  type GazeStatistic,
  PUPIL_BANDS,
} from '../../src/simulation/gaze-statistics.ts';
import { PRESETS, type PresetName } from '../../src/simulation/presets.ts';
import { mean } from './spectrum.ts';

const at = (name: string) => EYE_FEATURES.findIndex((feature) => feature.name === name);

interface Session {
  readonly seed?: number;
  readonly subject?: number;
  readonly preset?: PresetName;
  readonly emotions?: readonly Emotion[];
  readonly trialS?: number;
}

/** Rows of 4 s windows, trial by trial. */
function rows({ seed = 1, subject = 1, preset = 'benchmark', emotions = ['neutral'], trialS = 40 }: Session = {}) {
  const features = new EyeFeatures({ seed, subject, preset, schedule: { kind: 'trials', trialS, emotions } });
  return emotions.flatMap((emotion, trial) =>
    Array.from({ length: trialS / 4 }, (_, w) => {
      const startS = trial * trialS + 4 * w;
      return { emotion, values: features.next({ startS, endS: startS + 4, trialStartS: trial * trialS }) };
    }),
  );
}
const people = (count: number, options: Session = {}) =>
  Array.from({ length: count }, (_, i) => rows({ ...options, seed: 100 + i, subject: 100 + i })).flat();
const average = (all: ReturnType<typeof rows>, name: string) => mean(all.map(({ values }) => values[at(name)]!));

describe('the eye features of a window', () => {
  it('are the 33 of the specification, in its order', () => {
    expect(EYE_FEATURES.length).toBe(33);
    expect(new Set(EYE_FEATURES.map(({ name }) => name)).size).toBe(33);
    // The specification counts from 1.
    const places = {
      pupil_y_mean: 2,
      'pupil_x_de_0-0.2hz': 5,
      'pupil_y_de_0.6-1hz': 12,
      dispersion_y_std: 16,
      fixation_duration_mean: 17,
      blink_duration_std: 20,
      saccade_amplitude_mean: 22,
      blink_frequency_30s: 25,
      dispersion_largest_30s: 29,
      saccade_latency_mean_30s: 33,
    };
    for (const [name, place] of Object.entries(places)) expect(at(name), name).toBe(place - 1);
    expect(rows()[0]!.values.length).toBe(33);
  });

  it('are finite, and positive but for entropies', () => {
    for (const { values } of people(6, { emotions: EMOTIONS })) {
      expect(values.every(Number.isFinite)).toBe(true);
      for (const [i, { unit }] of EYE_FEATURES.entries())
        if (unit !== 'nat') expect(values[i]).toBeGreaterThanOrEqual(0);
    }
  });

  it('are the same for the same seed and person, and others for another seed or person', () => {
    const values = (options: Session) => rows(options).map((row) => Array.from(row.values));
    expect(values({})).toEqual(values({}));
    expect(values({})).not.toEqual(values({ seed: 2 }));
    expect(values({})).not.toEqual(values({ subject: 2 }));
  });

  it('agree with each other', () => {
    for (const { values } of people(6, { emotions: EMOTIONS })) {
      const value = (name: string) => values[at(name)]!;
      // Between two fixations lies a saccade or a blink.
      expect(
        Math.abs(value('fixation_frequency_30s') - value('saccade_frequency_30s') - value('blink_frequency_30s')) * 4,
      ).toBeLessThan(1.01);
      expect(value('fixation_duration_longest_30s')).toBeGreaterThanOrEqual(value('fixation_duration_mean') - 1e-3);
      expect(value('dispersion_total_30s')).toBeGreaterThanOrEqual(value('dispersion_largest_30s'));
      expect(value('saccade_latency_mean_30s')).toBeGreaterThan(60);
      if (value('blink_frequency_30s') === 0) expect(value('blink_duration_mean')).toBe(0);
    }
  });

  it('are those of a person at rest, on average over people', () => {
    const all = people(60);
    const expected = (name: keyof typeof GAZE_STATISTICS, preset = GAZE_PRESETS.benchmark) => {
      const { rest, spread, effects } = GAZE_STATISTICS[name];
      const sd = spread * Math.hypot(preset.subject, preset.trial, preset.wander);
      return rest * Math.exp(spread * preset.effect * effects.neutral + sd ** 2 / 2);
    };
    const ratio = (feature: string, value: number) => average(all, feature) / value;
    expect(ratio('pupil_x_mean', expected('pupilMm'))).toBeCloseTo(1, 1);
    expect(ratio('dispersion_x_mean', expected('dispersionDeg'))).toBeCloseTo(1, 1);
    expect(ratio('saccade_amplitude_mean', expected('saccadeDeg'))).toBeCloseTo(1, 1);
    expect(ratio('fixation_duration_mean', expected('fixationMs'))).toBeCloseTo(1, 1);
    expect(ratio('blink_frequency_30s', expected('blinksPerMin') / 60)).toBeCloseTo(1, 0);
  });

  it('look back 30 s at most, and not past the start of the trial', () => {
    // One unchanging emotion over two trials: only the trailing window is cut at the second one's start.
    const [first, second] = [0, 10].map((window) =>
      people(40, { emotions: ['neutral', 'neutral'] }).filter((_, i) => i % 20 === window),
    );
    const ninth = people(40, { emotions: ['neutral', 'neutral'] }).filter((_, i) => i % 20 === 9);
    // The total grows with what there is to look back on.
    const total = (all: ReturnType<typeof rows>) => average(all, 'dispersion_total_30s');
    expect(total(second!) / total(first!)).toBeCloseTo(1, 0);
    expect(total(ninth) / total(second!)).toBeGreaterThan(5);
    expect(total(ninth) / total(second!)).toBeLessThan(10);
  });

  it('show the power of the pupil in each band', () => {
    const all = people(60).filter((_, i) => i % 10 === 9);
    const { rest, spread, effects } = GAZE_STATISTICS.pupilFastMm;
    for (const [b, { part, share, hz }] of PUPIL_BANDS.entries()) {
      if (part !== 'pupilFastMm') continue;
      const power = (rest * Math.exp(spread * effects.neutral)) ** 2 * share;
      const de = mean(all.map(({ values }) => values[at('pupil_x_de_0-0.2hz') + b]!));
      // Below its expectation, because the logarithm of an estimate is biased downwards.
      const bias = de - 0.5 * Math.log(2 * Math.PI * Math.E * power);
      expect(bias, `${hz}`).toBeLessThan(0.1);
      expect(bias, `${hz}`).toBeGreaterThan(-0.2);
    }
  });
});

describe('the emotions', () => {
  it('change the statistics as stated, after their transition', () => {
    for (const emotion of EMOTIONS) {
      const inSpreads = (name: GazeStatistic) => {
        const logs = Array.from({ length: 30 }, (_, i) => {
          const schedule = { kind: 'trials', trialS: 4, emotions: ['neutral', emotion] } as const;
          const state = new GazeState({ seed: i, subject: i, preset: 'demo', schedule });
          while (state.timeS < 6) state.advance();
          return Math.log(state.values[name] / GAZE_STATISTICS[name].rest) / GAZE_STATISTICS[name].spread;
        });
        return mean(logs);
      };
      for (const name of GAZE_STATISTIC_NAMES) {
        const expected = GAZE_PRESETS.demo.effect * GAZE_STATISTICS[name].effects[emotion];
        expect(Math.abs(inSpreads(name) - expected), `${emotion} ${name}`).toBeLessThan(0.5);
      }
    }
  });

  it('are told by the pupil of demo', () => {
    const all = people(12, { preset: 'demo', emotions: EMOTIONS });
    const pupil = (emotion: Emotion) =>
      average(
        all.filter((row) => row.emotion === emotion),
        'pupil_x_mean',
      );
    expect(pupil('negative')).toBeGreaterThan(pupil('positive') + 0.3);
    expect(pupil('positive')).toBeGreaterThan(pupil('neutral') + 0.3);
  });
});

describe('how strongly a trial evokes its emotion', () => {
  it('is always the same in demo, and differs from trial to trial around 1 in benchmark', () => {
    const strengths = (preset: PresetName) =>
      Array.from({ length: 4000 }, (_, index) => trialIntensity(7, index, PRESETS[preset].intensitySd));
    expect(new Set(strengths('demo'))).toEqual(new Set([1]));
    const benchmark = strengths('benchmark');
    expect(Math.min(...benchmark)).toBeGreaterThan(0);
    expect(mean(benchmark)).toBeCloseTo(1, 1);
    const logs = benchmark.map(Math.log);
    const sd = Math.sqrt(mean(logs.map((x) => x * x)) - mean(logs) ** 2);
    expect(sd).toBeCloseTo(PRESETS.benchmark.intensitySd, 1);
    expect(trialIntensity(7, 3, 0.3)).not.toBe(trialIntensity(8, 3, 0.3));
  });
});
