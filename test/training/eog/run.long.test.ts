import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EogConfig, eogConfigSchema, FEEDBACK_MODES } from '../../../training/eog/config.ts';
import type { EogData } from '../../../training/eog/recordings.ts';
import type { EogFoldResult, EogResult } from '../../../training/eog/result.ts';
import { type EogRunTask, type EogStep, runEog } from '../../../training/eog/run.ts';
import { startBackend } from '../../../training/tf/backend.ts';
import { TINY, toneTrials } from '../../support/eog-trials.ts';

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

let folder: string;
let runs = 0;
beforeAll(async () => {
  await startBackend(['wasm']);
  folder = await mkdtemp(join(tmpdir(), 'eog-run-'));
});
afterAll(() => rm(folder, { recursive: true }));

const taskOf = (changes: Changes = {}, data: EogData = DATA, more: Partial<EogRunTask> = {}): EogRunTask => ({
  config: configOf(changes),
  data,
  out: join(folder, String(runs++)),
  resume: false,
  backend: 'wasm',
  codeVersion: 'test',
  size: TINY,
  ...more,
});
const run = (...task: Parameters<typeof taskOf>) => runEog(taskOf(...task));
/** Of its folds, too. */
async function foldsOf(...of: Parameters<typeof taskOf>): Promise<EogFoldResult[]> {
  const task = taskOf(...of);
  await runEog(task);
  return JSON.parse(await readFile(join(task.out, 'result.json'), 'utf8')).folds;
}
/** All that does not depend on the clock. */
const timeless = ({ seconds: _, ...result }: EogResult) => result;

describe('a run', () => {
  it('learns what the EOG shows, and leaks no tensor', async () => {
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
    const curveOf = async (changes: Changes) => (await foldsOf(changes))[0]!.training.curve;
    expect(await curveOf({ seeds: [2] })).not.toEqual(await curveOf({}));
  });

  it('has variants and modes that differ: V1 without the fusion feature, V2 without feedback', async () => {
    const curveOf = async (changes: Changes) => (await foldsOf(changes))[0]!.training.curve;
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

  it('counts every window once, by subject, beside the majority', async () => {
    const events: string[] = [];
    const steps: EogStep[] = [];
    const folds: EogFoldResult[] = [];
    const task = taskOf({ epochs: 2, warmupEpochs: 1, feedback: 'none' }, DATA, {
      onStep: (step) => steps.push(step),
      onEpoch: ({ seed, fold, epoch }) => events.push(`${seed} ${fold} ${epoch}`),
      onFold(fold) {
        events.push(fold.fold);
        folds.push(fold);
      },
    });
    const result = await runEog(task);
    expect(events).toEqual(['1 fold 1 1', '1 fold 1 2', 'fold 1', '1 fold 2 1', '1 fold 2 2', 'fold 2']);
    const shares = steps.map(({ done }) => done);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeCloseTo(1, 9);
    expect(steps.reduce((sum, { advanced, skipped }) => sum + advanced + skipped, 0)).toBeCloseTo(1, 9);
    expect(steps[0]).toMatchObject({ seed: 1, fold: 'fold 1', epoch: 0, step: 1 });
    expect((await readdir(task.out)).sort()).toEqual(['result.json', 'split.json']);
    const split = JSON.parse(await readFile(join(task.out, 'split.json'), 'utf8'));
    expect(split.splits.map(({ name }: { name: string }) => name)).toEqual(['fold 1', 'fold 2']);
    expect(result.confusion.flat().reduce((a, b) => a + b, 0)).toBe(3 * 8 * 4);
    expect(result.per_subject.map(({ subject }) => subject)).toEqual([1, 2, 3]);
    expect(result.data).toMatchObject({ description: 'tones', rows: 3 * 8 * 4 });
    expect(result.data.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(result.notices).toEqual([
      expect.stringMatching(/^RECONSTRUCTION of Zhang & Lu 2025/),
      expect.stringMatching(/^SIMULATED data/),
      expect.stringContaining('another size'),
    ]);
    for (const { rows } of folds) expect(rows.train + rows.validation + rows.test).toBe(96);
    const accuracies = result.per_subject.map(({ accuracy }) => accuracy);
    expect(result.accuracy).toBeCloseTo(accuracies.reduce((a, b) => a + b, 0) / 3, 3);
  });

  it('prints the published figure beside data of people', async () => {
    const people = { ...DATA, simulation: null };
    const result = await run({ feedback: 'none' }, people);
    expect(result.published_accuracy).toBe(70.38);
    expect(result.notices.some((notice) => notice.includes('SIMULATED'))).toBe(false);
    expect((await run({ feedback: 'none', target: 'arousal' }, people)).published_accuracy).toBe(60.41);
  });

  it('tests people who did not train', async () => {
    const folds = await foldsOf({ protocol: 'subject', folds: 3, feedback: 'none' });
    expect(folds.map(({ per_subject }) => per_subject.length)).toEqual([1, 1, 1]);
  });

  it('chooses the epoch by the validation trials and stops without patience', async () => {
    const folds = await foldsOf({ epochs: 30, patience: 1, learningRate: 0.05, feedback: 'none' });
    for (const { training } of folds) {
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
    await expect(run({}, DATA, { size: { ...TINY, samples: 100 } })).rejects.toThrow(
      /has 16 samples, and the networks read 100/,
    );
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('says where it diverges', async () => {
    const wild = {
      ...DATA,
      trials: DATA.trials.map((trial) => ({
        ...trial,
        windows: trial.windows.map(({ eeg, eog }) => ({ eeg, eog: eog.map((x) => x * 1e30) })),
      })),
    };
    await expect(run({ learningRate: 1e30, epochs: 3, feedback: 'none' }, wild)).rejects.toThrow(
      /diverged in epoch \d/,
    );
  });

  it('leaves out trials of which no window is left, and says how many windows are', async () => {
    const empty = { ...DATA.trials[0]!, number: 99, windows: [] };
    const result = await run({ feedback: 'none' }, { ...DATA, trials: [...DATA.trials, empty], leftOut: 4 });
    expect(result.data).toMatchObject({ rows: 96, left_out: 4 });
    expect(result.notices).toContainEqual(expect.stringMatching(/^4 of 100 windows are left out/));
  });
});

describe('an interrupted run', () => {
  const LONGER = { epochs: 3, warmupEpochs: 2 } as const;

  async function interruptedAt(stop: (step: EogStep) => boolean, changes: Changes, more: Partial<EogRunTask> = {}) {
    const control = new AbortController();
    const task = taskOf({ ...LONGER, ...changes }, DATA, more);
    const onStep = (step: EogStep) => {
      if (stop(step)) control.abort();
    };
    await expect(runEog({ ...task, signal: control.signal, onStep })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect((await readdir(task.out)).sort()).toEqual(['checkpoint.bin', 'split.json']);
    return task;
  }

  it.each(FEEDBACK_MODES)('is resumed in the middle of an epoch to the same result: %s', async (feedback) => {
    const whole = taskOf({ ...LONGER, feedback });
    await runEog(whole);
    const resultIn = async (out: string) => {
      const { seconds: _, ...result } = JSON.parse(await readFile(join(out, 'result.json'), 'utf8'));
      return result;
    };
    const warmingUp = ['fold 2', 0, 1] as const;
    const places = { none: warmingUp, firstOrder: ['fold 1', 2, 2], secondOrder: ['fold 1', 1, 1] } as const;
    const [fold, epoch, step] = places[feedback];
    const task = await interruptedAt((at) => at.fold === fold && at.epoch === epoch && at.step === step, { feedback });
    const shares: number[] = [];
    await runEog({ ...task, resume: true, onStep: ({ done }) => shares.push(done) });
    expect(await resultIn(task.out)).toEqual(await resultIn(whole.out));
    expect(shares.at(-1)).toBeCloseTo(1, 9);
  });

  it('is resumed with the pair to be served too, and leaves no tensor behind', async () => {
    const losses: number[] = [];
    const deploy: NonNullable<EogRunTask['deploy']> = async ({ fit }, { train, validation }, folds) => {
      expect([train.length + validation.length, folds.length]).toEqual([DATA.trials.length, 2]);
      losses.push(fit.validationLoss);
    };
    await run({ ...LONGER, feedback: 'none' }, DATA, { deploy });
    const tensors = tf.memory().numTensors;
    const served = ({ fold, epoch }: EogStep) => fold === 'deployment' && epoch === 2;
    const task = await interruptedAt(served, { feedback: 'none' }, { deploy });
    expect(tf.memory().numTensors).toBe(tensors);
    await runEog({ ...task, resume: true });
    expect(losses).toEqual([losses[0], losses[0]]);
  });

  it('is not resumed with another configuration or other data', async () => {
    const task = await interruptedAt(({ epoch }) => epoch === 1, { feedback: 'none' });
    const again = { ...task, resume: true };
    await expect(runEog({ ...again, config: configOf({ ...LONGER, feedback: 'firstOrder' }) })).rejects.toThrow(
      'config.feedback is "none" there, "firstOrder" asked',
    );
    await expect(runEog({ ...again, size: { ...TINY, hidden: 9 } })).rejects.toThrow('config.size.hidden is 8 there');
    const other = toneTrials({ subjects: 3, trials: 8, windows: 4, seed: 2 });
    await expect(runEog({ ...again, data: other })).rejects.toThrow('data is');
  });
});

describe('its configuration', () => {
  it('refuses what it does not know', () => {
    expect(() => eogConfigSchema.parse({ feedback: 'thirdOrder' })).toThrow();
    expect(() => eogConfigSchema.parse({ gamma: 1 })).toThrow();
    expect(eogConfigSchema.parse({})).toMatchObject({ variant: 'V3', feedback: 'secondOrder', target: 'valence' });
  });
});
