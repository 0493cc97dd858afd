import { describe, expect, it } from 'vitest';
import { CYTON8, EEG62 } from '../../src/montage.ts';
import { eyePreprocessConfigSchema } from '../../src/preprocess/eye/config.ts';
import { createEyePreprocessor } from '../../src/preprocess/eye/preprocessor.ts';
import { createEegGenerator } from '../../src/simulation/eeg/generator.ts';
import { EMOTIONS, type Emotion } from '../../src/simulation/emotion.ts';
import { createGazeGenerator } from '../../src/simulation/gaze/generator.ts';
import type { PresetName } from '../../src/simulation/presets.ts';
import { allWindows } from '../support/preprocessing.ts';
import { blockOf } from '../support/signals.ts';
import { type BandName, bandIndex, logBandPowers, mean, RATE_HZ } from '../support/spectrum.ts';

const TRIAL_S = 5;

interface Row {
  readonly emotion: Emotion;
  /** Features of 4 s: [channels * 5] log band powers, or the 33 of eye movement. */
  readonly features: number[];
}

/** A window of each trial of one person's recording, two trials of each emotion, without the transition. */
function session(preset: PresetName, montage: readonly string[], seed: number): Row[] {
  const emotions = [...EMOTIONS, ...EMOTIONS];
  const schedule = { kind: 'trials', trialS: TRIAL_S, emotions } as const;
  const generator = createEegGenerator({ seed, preset, montage, sampleRateHz: RATE_HZ, schedule });
  const length = emotions.length * TRIAL_S * RATE_HZ;
  const { data } = generator.next(length);
  return emotions.map((emotion, trial) => ({
    emotion,
    features: montage.flatMap((_, c) =>
      logBandPowers(data.subarray(c * length, (c + 1) * length), (trial * TRIAL_S + 1) * RATE_HZ),
    ),
  }));
}

function sessions(preset: PresetName, montage: readonly string[], seeds: readonly number[]): Row[] {
  return seeds.flatMap((seed) => session(preset, montage, seed));
}

const TRAIN = Array.from({ length: 24 }, (_, i) => i);
const UNSEEN = Array.from({ length: 24 }, (_, i) => 1000 + i);

/** Accuracy of the nearest class mean, with each feature in units of its standard deviation within the classes. */
function nearestCentroid(train: readonly Row[]): (features: readonly number[]) => Emotion {
  const centroids = EMOTIONS.map((emotion) => {
    const rows = train.filter((row) => row.emotion === emotion);
    return rows[0]!.features.map((_, f) => mean(rows.map((row) => row.features[f]!)));
  });
  const variance = centroids[0]!.map((_, f) =>
    mean(train.map((row) => (row.features[f]! - centroids[EMOTIONS.indexOf(row.emotion)]![f]!) ** 2)),
  );
  return (features) => {
    const distances = centroids.map((centroid) =>
      mean(features.map((value, f) => (value - centroid[f]!) ** 2 / variance[f]!)),
    );
    return EMOTIONS[distances.indexOf(Math.min(...distances))]!;
  };
}

function accuracyOn(train: readonly Row[], unseen: readonly Row[]): number {
  const classify = nearestCentroid(train);
  return mean(unseen.map((row) => (classify(row.features) === row.emotion ? 1 : 0)));
}

function accuracy(preset: PresetName, montage: readonly string[], people = 24): number {
  return accuracyOn(
    sessions(preset, montage, TRAIN.slice(0, people)),
    sessions(preset, montage, UNSEEN.slice(0, people)),
  );
}

/** Windows of each trial of one person's eye-tracker recording; long windows overlap the previous trial. */
function eyeSession(preset: PresetName, seed: number): Row[] {
  const emotions = [...EMOTIONS, ...EMOTIONS];
  const trialS = 12;
  const schedule = { kind: 'trials', trialS, emotions } as const;
  const { info, next } = createGazeGenerator({ seed, preset, sampleRateHz: 120, schedule });
  const length = emotions.length * trialS * 120;
  const { data } = next(length);
  const preprocessor = createEyePreprocessor(eyePreprocessConfigSchema.parse({ hop_s: 4 }), info);
  const block = blockOf(info, length, (c, n) => data[c * length + n]!);
  return allWindows(preprocessor, [block]).map(({ index, values }) => ({
    emotion: emotions[Math.floor((index * 4) / trialS)]!,
    features: Array.from(values),
  }));
}

function eyeAccuracy(preset: PresetName): number {
  const rows = (seeds: readonly number[]) => seeds.flatMap((seed) => eyeSession(preset, seed));
  return accuracyOn(rows(TRAIN), rows(UNSEEN));
}

describe('the emotions', () => {
  it('differ as published', () => {
    const montage = ['FP1', 'FP2', 'T7', 'T8', 'P3', 'P4', 'O1', 'O2', 'CZ'];
    const rows = sessions('demo', montage, TRAIN);
    const level = (emotion: Emotion, band: BandName, ...labels: string[]) =>
      mean(
        rows
          .filter((row) => row.emotion === emotion)
          .flatMap((row) => labels.map((label) => row.features[montage.indexOf(label) * 5 + bandIndex(band)]!)),
      );
    const raised = (emotion: Emotion, band: BandName, ...labels: string[]) =>
      Math.min(
        ...EMOTIONS.filter((other) => other !== emotion).map(
          (other) => level(emotion, band, ...labels) - level(other, band, ...labels),
        ),
      );
    expect(raised('positive', 'beta', 'T7', 'T8')).toBeGreaterThan(0.3);
    expect(raised('positive', 'gamma', 'T7', 'T8')).toBeGreaterThan(0.3);
    expect(raised('neutral', 'alpha', 'P3', 'P4')).toBeGreaterThan(0.3);
    expect(raised('neutral', 'alpha', 'O1', 'O2')).toBeGreaterThan(0.3);
    expect(raised('negative', 'delta', 'P3', 'P4')).toBeGreaterThan(0.3);
    expect(raised('negative', 'delta', 'O1', 'O2')).toBeGreaterThan(0.3);
    expect(raised('negative', 'gamma', 'FP1', 'FP2')).toBeGreaterThan(0.3);
    // A band without an effect of emotion does not change.
    for (const emotion of EMOTIONS) {
      expect(Math.abs(level(emotion, 'theta', 'CZ') - level('neutral', 'theta', 'CZ'))).toBeLessThan(0.15);
    }
  });

  it('of demo are classified on unseen people, with 8 and with 62 electrodes', () => {
    expect(accuracy('demo', CYTON8)).toBeGreaterThan(0.85);
    expect(accuracy('demo', EEG62, 10)).toBeGreaterThan(0.85);
  });

  it('of benchmark are harder, but above chance', () => {
    const hard = accuracy('benchmark', CYTON8);
    expect(hard).toBeLessThan(accuracy('demo', CYTON8) - 0.1);
    expect(hard).toBeGreaterThan(0.45);
  });

  it('are also classified by eye movement on unseen people', () => {
    const [easy, hard] = [eyeAccuracy('demo'), eyeAccuracy('benchmark')];
    expect(easy).toBeGreaterThan(0.85);
    expect(hard).toBeLessThan(easy - 0.1);
    expect(hard).toBeGreaterThan(0.45);
  });
});
