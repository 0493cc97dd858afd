import { describe, expect, it } from 'vitest';
import { EMOTIONS, trialIntensity } from '../../../src/simulation/emotion.ts';
import { GazeState } from '../../../src/simulation/gaze/state.ts';
import {
  GAZE_PRESETS,
  GAZE_STATISTIC_NAMES,
  GAZE_STATISTICS,
  type GazeStatistic,
} from '../../../src/simulation/gaze/statistics.ts';
import { PRESETS, type PresetName } from '../../../src/simulation/presets.ts';
import { mean } from '../../support/spectrum.ts';

describe('the emotions', () => {
  it('change the statistics by their effects, after the transition', () => {
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
});

describe('how strongly a trial evokes its emotion', () => {
  it('is constant in demo, and varies around 1 between trials in benchmark', () => {
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
