import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { patchesOf } from '../../../training/eog/patches.ts';
import { batchOf, fitScales, samplesOf, windowsOf } from '../../../training/eog/recordings.ts';
import { onWasm } from '../on-wasm.ts';
import { TINY, toneTrials } from './trial-support.ts';

onWasm();

describe('windows', () => {
  it('follow one another within their trial, the rest of it left out', () => {
    const [trial] = toneTrials({ subjects: 1, trials: 2, windows: 3 }).trials;
    const cut = { ...trial!, samples: 3 * TINY.samples - 1 };
    expect(windowsOf([trial!], 'valence', TINY).map(({ from }) => from)).toEqual([0, 16, 32]);
    expect(windowsOf([cut], 'valence', TINY).map(({ from }) => from)).toEqual([0, 16]);
  });

  it('have the label of the target', () => {
    const { trials } = toneTrials({ subjects: 1, trials: 4, windows: 1 });
    expect(windowsOf(trials, 'valence', TINY).map(({ label }) => label)).toEqual([1, 0, 1, 0]);
    expect(windowsOf(trials, 'arousal', TINY).map(({ label }) => label)).toEqual([1, 1, 0, 0]);
  });

  it('are read channel by channel', () => {
    const { trials } = toneTrials({ subjects: 1, trials: 1, windows: 3 });
    const window = windowsOf(trials, 'valence', TINY)[1]!;
    const { eog, samples } = window.trial;
    expect(Array.from(samplesOf(window, 'eog', TINY))).toEqual([
      ...eog.subarray(16, 32),
      ...eog.subarray(samples + 16, samples + 32),
    ]);
  });
});

describe('a batch', () => {
  it('is standardised by the training trials, channel by channel', () => {
    const { trials } = toneTrials({ subjects: 2, trials: 4, windows: 5 });
    // Channels of other sizes, on offsets that float32 sums of squares would drown in.
    const scaled = trials.map((trial) => ({
      ...trial,
      eog: trial.eog.map((value, i) => (i < trial.samples ? 10 * value + 4000 : 0.1 * value - 7)),
    }));
    const scales = fitScales(scaled);
    const windows = windowsOf(scaled, 'valence', TINY);
    const { eog, labels } = batchOf(windows, scales, { ...TINY, kernel: 16, stride: 16 });
    expect(labels.shape).toEqual([windows.length, 2]);
    // One token a window: rows alternate between the channels.
    const rows = tf.reshape(eog.values, [windows.length, 2, 16]);
    const { mean, variance } = tf.moments(rows, [0, 2]);
    for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 3);
    for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 3);
  });

  it('keeps a channel that does not move', () => {
    const { trials } = toneTrials({ subjects: 1, trials: 2, windows: 1 });
    const still = trials.map((trial) => ({ ...trial, eog: trial.eog.fill(5) }));
    const { eog } = batchOf(windowsOf(still, 'valence', TINY), fitScales(still), TINY);
    expect(tf.max(tf.abs(eog.values)).dataSync()[0]).toBe(0);
  });

  it('holds patches as a convolution takes them', () => {
    const signal = Float32Array.from({ length: 2 * 16 }, (_, i) => i);
    const { values, windows } = patchesOf([signal], 2, TINY);
    expect(windows).toBe(1);
    const starts = values.arraySync().map((row) => row[0]);
    expect(values.shape).toEqual([6, 8]);
    expect(starts).toEqual([0, 16, 4, 20, 8, 24]);
  });

  it('needs trials to be standardised by', () => {
    expect(() => fitScales([])).toThrow(/no trials to train on/);
  });
});
