import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunConfig, runConfigSchema } from '../../../training/cmcrd/config.ts';
import { type RunProgress, type RunTask, run } from '../../../training/cmcrd/run.ts';
import { DISTILLER_NAMES } from '../../../training/distillers/index.ts';
import { startBackend } from '../../../training/tf/backend.ts';
import { pairedBlobs, QUICK } from '../../support/paired-table.ts';

const table = pairedBlobs();
let folder: string;
let runs = 0;

beforeAll(async () => {
  await startBackend(['wasm']);
  folder = await mkdtemp(join(tmpdir(), 'run-'));
});

afterAll(() => rm(folder, { recursive: true }));

function taskOf(config: Partial<RunConfig> = {}, more: Partial<RunTask> = {}): RunTask {
  const out = join(folder, String(runs++));
  return { config: { ...QUICK, ...config }, table, out, resume: false, backend: 'wasm', codeVersion: '1', ...more };
}

const withDistiller = (name: RunConfig['distiller']['name']) => ({ distiller: { ...QUICK.distiller, name } });
/** The result of QUICK, which several tests compare with. */
let quickResult: ReturnType<typeof run> | undefined;
const wholeRun = () => (quickResult ??= run(taskOf()));
const timeless = ({ seconds, ...figures }: Awaited<ReturnType<typeof run>>) => figures;

describe('a run', () => {
  it('reports every subject over all seeds, and writes the split and the folds', async () => {
    const task = taskOf();
    const before = tf.memory().numTensors;
    const result = await run(task);
    expect(tf.memory().numTensors).toBe(before);
    expect(result.accuracy).toBeGreaterThan(0.7);
    expect(result.teacher_accuracy).toBeGreaterThan(0.6);
    expect(result.per_subject.map(({ subject }) => subject)).toEqual([0, 1, 2]);
    const mean = result.per_subject.reduce((sum, { accuracy }) => sum + accuracy, 0) / 3;
    expect(result.accuracy).toBeCloseTo(mean, 3);
    expect(result).toMatchObject({ backend: 'wasm', simulated: true, published_accuracy: null });
    expect(result.notices).toEqual([expect.stringContaining('SIMULATED')]);
    expect((await readdir(task.out)).sort()).toEqual(['result.json', 'split.json']);
    const written = JSON.parse(await readFile(join(task.out, 'result.json'), 'utf8'));
    expect(written).toMatchObject(JSON.parse(JSON.stringify(result)));
    expect(written.folds).toHaveLength(6);
    expect(written.folds[0]).toMatchObject({
      seed: 1,
      fold: 'subject 0',
      rows: { train: 20, validation: 20, test: 20 },
    });
    expect(written.folds[0].student.curve).toHaveLength(3);
    const split = JSON.parse(await readFile(join(task.out, 'split.json'), 'utf8'));
    expect(split.splits).toHaveLength(6);
    expect(split.splits[0]).toMatchObject({ seed: 1, name: 'subject 0', test: ['0/0/4', '0/0/5'] });
  });

  it.each(DISTILLER_NAMES)('%s: the same figures twice, in both directions', async (name) => {
    for (const direction of ['eye-to-eeg', 'eeg-to-eye'] as const) {
      const config = { ...withDistiller(name), direction, seeds: [1] };
      const first = await run(taskOf(config));
      expect(timeless(await run(taskOf(config)))).toEqual(timeless(first));
      expect(first.teacher_accuracy === null).toBe(name === 'none');
    }
  });

  it('fusion predicts with both models, none with the student alone', async () => {
    const [fused, alone] = [await run(taskOf(withDistiller('fusion'))), await run(taskOf(withDistiller('none')))];
    expect(fused.accuracy).toBeGreaterThan(alone.accuracy);
  });

  it('across subjects, each is tested by models that never saw it', async () => {
    const task = taskOf({ protocol: 'cross', seeds: [1] });
    const { per_subject } = await run(task);
    expect(per_subject).toHaveLength(3);
    const { splits } = JSON.parse(await readFile(join(task.out, 'split.json'), 'utf8'));
    for (const { train, validation, test } of splits) {
      expect([...train, ...validation, ...test].sort()).toEqual(['0', '1', '2']);
    }
  });

  it('warns about tables and settings that affect the figures', async () => {
    const future = pairedBlobs({ meta: { causal: false, simulated: false } });
    const teacher = { ...QUICK.teacher, mccSource: 'target' as const };
    const { notices } = await run(taskOf({ teacher, seeds: [1] }, { table: future }));
    expect(notices).toEqual([expect.stringContaining('causal: false'), expect.stringContaining('transductive')]);
  });

  it('reports features that never vary', async () => {
    const still = pairedBlobs({ subjects: 1 });
    for (let row = 0; row < still.eye.labels.length; row++) still.eye.values[row * still.eye.width] = 7;
    const { notices } = await run(taskOf({ seeds: [1] }, { table: still }));
    expect(notices).toContainEqual('features with one value in every row of the table: 1');
  });

  it('has no deviation between subjects for one subject, and reports a class that is not tested', async () => {
    const one = pairedBlobs({ subjects: 1, classes: 3, trials: 9, meta: { within_train_trials: 8 } });
    const { accuracy_std, notices } = await run(taskOf({ seeds: [1] }, { table: one }));
    expect(accuracy_std).toBeNull();
    expect(notices).toContainEqual(expect.stringContaining('1 of 1 folds test no row of some class'));
  });

  it("gives the paper's figure only for the paper's recipe", async () => {
    const named = pairedBlobs({ subjects: 1, meta: { dataset: 'seed' } });
    const published = async (config: Partial<RunConfig>) =>
      (await run(taskOf({ seeds: [1], ...config }, { table: named }))).published_accuracy;
    const { teacher, student } = runConfigSchema.parse({ direction: 'eye-to-eeg', protocol: 'within' });
    const recipe = { teacher: { ...teacher, batch: 4 }, student: { ...student, batch: 4 } };
    expect(await published(recipe)).toBeNull();
    expect(await published({ distiller: { ...QUICK.distiller, guidanceSets: false } })).toBeNull();
  });

  it('reports that the loss of the reference form has no lower bound', async () => {
    const distiller = { ...QUICK.distiller, form: 'reference' as const };
    // Untrained teachers are often wrong, and then the loss decreases without limit.
    const teacher = { ...QUICK.teacher, epochs: 1, learningRate: 1e-9 };
    const student = { ...QUICK.student, epochs: 60 };
    const { notices } = await run(
      taskOf({ distiller, teacher, student, seeds: [1] }, { table: pairedBlobs({ subjects: 1 }) }),
    );
    expect(notices).toContainEqual(expect.stringMatching(/has no floor in this form, and fell to -\d/));
  });
});

describe('an interrupted run', () => {
  /** Interrupts at the epoch that `stop` picks. */
  async function interruptedAt(stop: (progress: RunProgress) => boolean, config: Partial<RunConfig> = {}) {
    const control = new AbortController();
    const task = taskOf(config);
    const onEpoch = (progress: RunProgress) => {
      if (stop(progress)) control.abort();
    };
    await expect(run({ ...task, signal: control.signal, onEpoch })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    return task;
  }

  it.each<[string, (progress: RunProgress) => boolean]>([
    ["in a teacher's first epoch", ({ role, epoch }) => role === 'teacher' && epoch === 1],
    ['between teacher and student', ({ role, epoch }) => role === 'teacher' && epoch === 3],
    ["in a student's epochs", ({ role, epoch }) => role === 'student' && epoch === 2],
    ['between two folds', ({ role, epoch }) => role === 'student' && epoch === 3],
    ['in the last fold', ({ role, seed, fold }) => role === 'student' && seed === 2 && fold === 'subject 2'],
  ])('%s is resumed to the same result', async (_, stop) => {
    const whole = await wholeRun();
    const task = await interruptedAt(stop);
    expect((await readdir(task.out)).sort()).toEqual(['checkpoint.bin', 'split.json']);
    const shares: number[] = [];
    const result = await run({
      ...task,
      resume: true,
      onEpoch({ done, resumed }) {
        shares.push(done);
        expect(done).toBeGreaterThan(resumed);
      },
    });
    expect(timeless(result)).toEqual(timeless(whole));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    expect((await readdir(task.out)).sort()).toEqual(['result.json', 'split.json']);
  });

  it.each<[string, Partial<RunConfig>]>([
    ['without a teacher', withDistiller('none')],
    ['of fusion', withDistiller('fusion')],
    ['with CRD and BiHDM', { ...withDistiller('crd'), backbone: 'bihdm' }],
    ['with FitNets and DGCNN', { ...withDistiller('fitnet'), backbone: 'dgcnn', direction: 'eeg-to-eye' }],
  ])('%s is resumed too', async (_, config) => {
    const table = pairedBlobs({ subjects: 1, meta: { montage: ['FP1', 'FP2', 'T7', 'T8'] } });
    const short = { ...config, seeds: [1] };
    const whole = await run(taskOf(short, { table }));
    const control = new AbortController();
    const task = taskOf(short, { table });
    const onEpoch = ({ role }: RunProgress) => {
      if (role === 'student') control.abort();
    };
    await expect(run({ ...task, signal: control.signal, onEpoch })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(timeless(await run({ ...task, resume: true }))).toEqual(timeless(whole));
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await interruptedAt(({ role }) => role === 'student');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is not overwritten, and neither is a finished one', async () => {
    const task = await interruptedAt(({ role }) => role === 'student');
    await expect(run(task)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('checkpoint.bin); go on with --resume'),
    });
    await run({ ...task, resume: true });
    await expect(run(task)).rejects.toThrow('result.json); choose another --out');
  });

  it('is not resumed with another configuration, other data, or without a checkpoint', async () => {
    const task = await interruptedAt(({ role }) => role === 'student');
    const other = { ...task, resume: true };
    await expect(run({ ...other, config: { ...QUICK, seeds: [7] } })).rejects.toThrow(
      'config.seeds is [1,2] there, [7] asked',
    );
    await expect(run({ ...other, table: pairedBlobs({ windows: 7 }) })).rejects.toThrow('data is');
    await expect(run(taskOf({}, { resume: true }))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});

describe('a run whose student is to be served', () => {
  it('trains one more pair on every row except the validation groups, and can be interrupted there too', async () => {
    const served: number[] = [];
    const deploy: NonNullable<RunTask['deploy']> = async ({ student }, { name, train, validation }, folds) => {
      expect([name, folds.length]).toEqual(['deployment', 3]);
      expect(train.length + validation.length).toBe(table.eeg.labels.length);
      served.push(student.fit.validationLoss);
    };
    const config = { seeds: [1] };
    await run(taskOf(config, { deploy }));
    const control = new AbortController();
    const task = taskOf(config, { deploy, signal: control.signal });
    const onEpoch = ({ fold, role }: RunProgress) => {
      if (fold === 'deployment' && role === 'student') control.abort();
    };
    await expect(run({ ...task, onEpoch })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    const { signal: _, ...again } = task;
    await run({ ...again, resume: true });
    expect(served).toHaveLength(2);
    expect(served[1]).toBe(served[0]);
  });
});
