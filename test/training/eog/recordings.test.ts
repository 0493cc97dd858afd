import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { patchesOf } from '../../../training/eog/network/patches.ts';
import { batchOf, type EogTrial, fitScales, windowsOf } from '../../../training/eog/recordings.ts';
import { TINY, toneTrials } from '../../support/eog-trials.ts';
import { onWasm } from '../../support/on-wasm.ts';

onWasm();

const withEog = (trials: readonly EogTrial[], change: (value: number, i: number) => number): EogTrial[] =>
  trials.map((trial) => ({
    ...trial,
    windows: trial.windows.map(({ eeg, eog }) => ({ eeg, eog: eog.map(change) })),
  }));

describe('windows', () => {
  it('have the label of the target', () => {
    const { trials } = toneTrials({ subjects: 1, trials: 4, windows: 2 });
    expect(windowsOf(trials, 'valence').map(({ label }) => label)).toEqual([1, 1, 0, 0, 1, 1, 0, 0]);
    expect(windowsOf(trials, 'arousal').map(({ label }) => label)).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
    expect(windowsOf(trials, 'valence')[3]).toMatchObject({ trial: trials[1], ...trials[1]!.windows[1] });
  });
});

describe('a batch', () => {
  it('is standardised by the training trials, channel by channel', () => {
    const { trials } = toneTrials({ subjects: 2, trials: 4, windows: 5 });
    // Channels of other sizes, on offsets that float32 sums would drown in.
    const scaled = withEog(trials, (value, i) => (i < TINY.samples ? 10 * value + 4000 : 0.5 * value - 7));
    const scales = fitScales(scaled);
    const windows = windowsOf(scaled, 'valence');
    const { eog, labels } = batchOf(windows, scales, { ...TINY, kernel: 16, stride: 16 });
    expect(labels.shape).toEqual([windows.length, 2]);
    // One token a window: rows alternate between the channels.
    const rows = tf.reshape(eog.values, [windows.length, 2, 16]);
    const { mean, variance } = tf.moments(rows, [0, 2]);
    for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 3);
    for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 3);
  });

  it('keeps a channel that does not move, and what rounding leaves of one', () => {
    const { trials } = toneTrials({ subjects: 1, trials: 2, windows: 1 });
    const still = withEog(trials, (_, i) => 5 + 1e-9 * (i % 3));
    const { eog } = batchOf(windowsOf(still, 'valence'), fitScales(still), TINY);
    expect(tf.max(tf.abs(eog.values)).dataSync()[0]).toBeLessThan(1e-5);
  });

  it('holds patches as a convolution takes them', () => {
    const signal = Float32Array.from({ length: 2 * 16 }, (_, i) => i);
    const { values, windows } = patchesOf([signal], 2, TINY);
    expect(windows).toBe(1);
    const starts = values.arraySync().map((row) => row[0]);
    expect(values.shape).toEqual([6, 8]);
    expect(starts).toEqual([0, 16, 4, 20, 8, 24]);
  });

  it('needs windows to be standardised by', () => {
    expect(() => fitScales([])).toThrow(/no windows to train on/);
  });
});
