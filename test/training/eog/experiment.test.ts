import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../../../training/backend.ts';
import { type EogConfig, eogConfigSchema } from '../../../training/eog/config.ts';
import { type EogResult, eogExperiment } from '../../../training/eog/experiment.ts';
import type { EogData } from '../../../training/eog/recordings.ts';
import { TINY, toneTrials } from './trial-support.ts';

const DATA = toneTrials({ subjects: 3, trials: 8, windows: 4 });

type Changes = Partial<EogConfig>;
const configOf = (changes: Changes = {}) =>
  eogConfigSchema.parse({
    protocol: 'trial',
    folds: 2,
    seeds: [1],
    batch: 8,
    epochs: 1,
    warmupEpochs: 0,
    learningRate: 2e-3,
    teacherLearningRate: 2e-3,
    ...changes,
  });
const run = (changes: Changes = {}, data: EogData = DATA, more: Partial<Parameters<typeof eogExperiment>[0]> = {}) =>
  eogExperiment({ config: configOf(changes), data, backend: 'wasm', codeVersion: 'test', size: TINY, ...more });
/** All that does not depend on the clock. */
const timeless = ({ seconds: _, ...result }: EogResult) => result;

beforeAll(async () => {
  await startBackend(['wasm']);
});

describe('the experiment', () => {
  it('learns what the EOG tells, and keeps no tensor', async () => {
    const tensors = tf.memory().numTensors;
    const tones = toneTrials({ subjects: 3, trials: 8, windows: 4, eogTone: 3 });
    const result = await run(
      { batch: 4, epochs: 5, warmupEpochs: 1, learningRate: 1e-2, teacherLearningRate: 5e-3 },
      tones,
    );
    expect(tf.memory().numTensors).toBe(tensors);
    expect(result.accuracy).toBeGreaterThan(0.85);
    expect(result.teacher_accuracy).toBeGreaterThan(0.85);
    expect(result.majority_accuracy).toBe(0.5);
    expect(result).toMatchObject({
      system: 'eog-feedback',
      feedback: 'secondOrder',
      simulated: true,
      published_accuracy: null,
    });
  });

  it('gives the same figures for the same seeds, and others for others', async () => {
    const [first, second] = [await run(), await run()];
    expect(timeless(second)).toEqual(timeless(first));
    const other = await run({ seeds: [2] });
    expect(other.folds[0]!.training.curve).not.toEqual(first.folds[0]!.training.curve);
  });

  it('has variants and modes that differ: V1 without the fusion feature, V2 without feedback', async () => {
    const curveOf = async (changes: Changes) => (await run(changes)).folds[0]!.training.curve;
    const curves = [
      await curveOf({ variant: 'V1' }),
      await curveOf({ variant: 'V2' }),
      await curveOf({ variant: 'V3', feedback: 'firstOrder' }),
      await curveOf({ variant: 'V3', feedback: 'secondOrder' }),
    ];
    expect(new Set(curves.map((curve) => JSON.stringify(curve))).size).toBe(4);
    expect(await curveOf({ variant: 'V3', feedback: 'none' })).toEqual(curves[1]);
    expect(await curveOf({ variant: 'V2', featureWeight: 0 })).toEqual(curves[0]);
    expect((await run({ variant: 'V2', feedback: 'secondOrder' })).feedback).toBe('none');
  });

  it('tells every window once, subject by subject, beside the majority', async () => {
    const told: string[] = [];
    const result = await run({ epochs: 2, warmupEpochs: 1, feedback: 'none' }, DATA, {
      onEpoch: ({ seed, fold, epoch }) => told.push(`${seed} ${fold} ${epoch}`),
      onFold: ({ fold }) => told.push(fold),
    });
    expect(told).toEqual(['1 fold 1 1', '1 fold 1 2', 'fold 1', '1 fold 2 1', '1 fold 2 2', 'fold 2']);
    expect(result.confusion.flat().reduce((a, b) => a + b, 0)).toBe(3 * 8 * 4);
    expect(result.per_subject.map(({ subject }) => subject)).toEqual([1, 2, 3]);
    expect(result.data).toMatchObject({ description: 'tones', rows: 3 * 8 * 4 });
    expect(result.data.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(result.notices).toEqual([
      expect.stringMatching(/^RECONSTRUCTION of Zhang & Lu 2025/),
      expect.stringMatching(/^SIMULATED data/),
      expect.stringContaining('another size'),
    ]);
    for (const { rows } of result.folds) expect(rows.train + rows.validation + rows.test).toBe(96);
    const accuracies = result.per_subject.map(({ accuracy }) => accuracy);
    expect(result.accuracy).toBeCloseTo(accuracies.reduce((a, b) => a + b, 0) / 3, 3);
  });

  it('prints the published figure beside data of people', async () => {
    const people = { ...DATA, simulated: false };
    const result = await run({ feedback: 'none' }, people);
    expect(result.published_accuracy).toBe(70.38);
    expect(result.notices.some((notice) => notice.includes('SIMULATED'))).toBe(false);
    expect((await run({ feedback: 'none', target: 'arousal' }, people)).published_accuracy).toBe(60.41);
  });

  it('tests people who did not train', async () => {
    const result = await run({ protocol: 'subject', folds: 3, feedback: 'none' });
    expect(result.folds.map(({ per_subject }) => per_subject.length)).toEqual([1, 1, 1]);
  });

  it('chooses the epoch by the validation trials and stops without patience', async () => {
    const result = await run({ epochs: 30, patience: 1, learningRate: 0.05, feedback: 'none' });
    for (const { training } of result.folds) {
      const losses = training.curve.map(({ validationLoss }) => validationLoss);
      expect(training.validationLoss).toBe(Math.min(...losses));
      expect(losses.length).toBe(Math.min(30, training.bestEpoch + 1));
    }
  });

  it('is refused where the windows fill no batch, and keeps no tensor', async () => {
    const tensors = tf.memory().numTensors;
    await expect(run({ batch: 64 })).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining('batch of 64'),
    });
    await expect(run({}, DATA, { size: { ...TINY, samples: 100 } })).rejects.toThrow(/no window of 100 samples/);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('says where it diverges', async () => {
    const wild = { ...DATA, trials: DATA.trials.map((trial) => ({ ...trial, eog: trial.eog.map((x) => x * 1e30) })) };
    await expect(run({ learningRate: 1e30, epochs: 3, feedback: 'none' }, wild)).rejects.toThrow(
      /diverged in epoch \d/,
    );
  });

  it('can be interrupted', async () => {
    const controller = new AbortController();
    const training = run({ epochs: 50, patience: 50 }, DATA, {
      signal: controller.signal,
      onEpoch: () => controller.abort(),
    });
    await expect(training).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('its configuration', () => {
  it('refuses what it does not know', () => {
    expect(() => eogConfigSchema.parse({ feedback: 'thirdOrder' })).toThrow();
    expect(() => eogConfigSchema.parse({ gamma: 1 })).toThrow();
    expect(eogConfigSchema.parse({})).toMatchObject({ variant: 'V3', feedback: 'secondOrder', target: 'valence' });
  });
});
