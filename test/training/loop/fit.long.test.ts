import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.ts';
import { createDnn } from '../../../training/backbones/dnn.ts';
import { DEFAULT_STUDENT, runConfigSchema } from '../../../training/cmcrd/config.ts';
import { distill } from '../../../training/cmcrd/student.ts';
import { trainTeacher } from '../../../training/cmcrd/teacher.ts';
import { selectRows } from '../../../training/datasets/table.ts';
import { createDistiller } from '../../../training/distillers/index.ts';
import type { TrainingHooks } from '../../../training/loop/epochs.ts';
import type { FitState } from '../../../training/loop/fit-state.ts';
import { activationsOf, predictLogits, softmax } from '../../../training/loop/predict.ts';
import { startBackend } from '../../../training/tf/backend.ts';
import { blobs } from '../../support/training.ts';

const config = { ...DEFAULT_STUDENT, epochs: 6, warmupEpochs: 1, batch: 16 };
const train = blobs({ rows: 192, width: 12, classes: 3 });
const validation = blobs({ rows: 96, width: 12, classes: 3, seed: 2 });
const noise = (seed: number) => blobs({ rows: 96, width: 12, classes: 3, separation: 0, seed });
const dnn = (width = 12) => createDnn({ features: width }, 3, new Random(7));

const shareRight = (logits: readonly (readonly number[])[], labels: Int32Array) =>
  logits.filter((row, i) => row.indexOf(Math.max(...row)) === labels[i]).length / labels.length;

beforeAll(async () => {
  await startBackend(['wasm']);
});

beforeEach(() => {
  tf.engine().startScope();
});

afterEach(() => {
  tf.engine().endScope();
});

describe('training without a teacher', () => {
  const alone = { distillation: null, train, validation, config, keys: [2022] };

  it('learns separable classes, and gives the same result twice', async () => {
    const once = async () => {
      const backbone = dnn();
      return { result: await distill({ ...alone, backbone }), logits: await predictLogits(backbone, validation) };
    };
    const first = await once();
    expect(shareRight(first.logits, validation.labels)).toBeGreaterThan(0.9);
    expect(first.result.curve).toHaveLength(6);
    expect(await once()).toEqual(first);
  });

  it('keeps the weights of the epoch that was best on validation', async () => {
    const backbone = dnn();
    const steep = { ...config, epochs: 12, learningRate: 1e-2 };
    const held = noise(2);
    const { bestEpoch, validationLoss, curve } = await distill({
      ...alone,
      backbone,
      train: noise(1),
      validation: held,
      config: steep,
    });
    const losses = curve.map((epoch) => epoch.validationLoss);
    expect(validationLoss).toBe(Math.min(...losses));
    expect(losses[bestEpoch - 1]).toBe(validationLoss);
    expect(bestEpoch).toBeLessThan(12);
    const logits = await predictLogits(backbone, held);
    const loss = logits.reduce((sum, row, i) => sum - Math.log(softmax(row)[held.labels[i]!]!), 0) / logits.length;
    expect(loss).toBeCloseTo(validationLoss, 5);
  });

  it.each([
    ['fulfilled', 1e-3],
    ['rejected', 1e30],
  ])('leaves no tensor behind except the weights when it is %s', async (status, learningRate) => {
    const backbone = dnn();
    const before = tf.memory().numTensors;
    const [result] = await Promise.allSettled([
      distill({ ...alone, backbone, config: { ...config, epochs: 2, learningRate } }),
    ]);
    expect(result.status).toBe(status);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says that it diverged, and what to do', async () => {
    const steep = { ...config, learningRate: 1e30 };
    await expect(distill({ ...alone, backbone: dnn(), config: steep })).rejects.toThrow(
      /diverged in epoch \d .*lower --learning-rate/,
    );
  });

  it('refuses fewer rows than a batch', async () => {
    const few = selectRows(train, [0, 1, 2, 3, 4, 5, 6, 7]);
    await expect(distill({ ...alone, backbone: dnn(), train: few })).rejects.toThrow(
      '8 training rows fill no batch of 16',
    );
  });

  it('refuses to choose the epoch by nothing', async () => {
    const none = selectRows(validation, []);
    await expect(distill({ ...alone, backbone: dnn(), validation: none })).rejects.toThrow('no validation rows');
  });
});

describe('a teacher', () => {
  const task = {
    train,
    validation,
    target: noise(3),
    config: { ...runConfigSchema.shape.teacher.parse({}), batch: 16, learningRate: 1e-2, epochs: 8 },
    keys: [2022],
  };

  it('learns with SGD and minimum class confusion', async () => {
    const backbone = dnn();
    await trainTeacher({ ...task, backbone });
    expect(shareRight(await predictLogits(backbone, validation), validation.labels)).toBeGreaterThan(0.9);
  });

  it('ends after `patience` epochs without a better one', async () => {
    const config = { ...task.config, learningRate: 0.1, epochs: 50, patience: 3 };
    const patient = { ...task, train: noise(1), validation: noise(2), config };
    let last: FitState | undefined;
    const whole = await trainTeacher(
      { ...patient, backbone: dnn() },
      {
        async onEpoch(_, save) {
          last = await save();
        },
      },
    );
    expect(whole.curve).toHaveLength(whole.bestEpoch + 3);
    // A training that has ended is not continued.
    expect(await trainTeacher({ ...patient, backbone: dnn() }, { resume: last })).toEqual(whole);
  });

  it('uses the test rows only with mccSource target', async () => {
    const lossOf = async (mccSource: 'train' | 'target', target = task.target) => {
      const result = await trainTeacher({
        ...task,
        target,
        backbone: dnn(),
        config: { ...task.config, epochs: 1, mccSource },
      });
      return result.curve[0]!.loss;
    };
    expect(await lossOf('train', noise(4))).toBe(await lossOf('train'));
    expect(await lossOf('target', noise(4))).not.toBe(await lossOf('target'));
  });
});

describe('an interrupted training', () => {
  /** The distiller with banks and gates; a teacher of its own width. */
  async function taught(hooks: TrainingHooks<FitState>) {
    const teacher = dnn();
    const backbone = createDnn({ features: 12 }, 3, new Random(8));
    const answers = await activationsOf(teacher, train);
    const distiller = await createDistiller('cmcrd', {
      student: { hidden: 128, embedding: 128 },
      teacher: { hidden: 128, embedding: 128 },
      labels: train.labels,
      config: runConfigSchema.shape.distiller.parse({}),
      random: new Random(9),
    });
    const distillation = { distiller: distiller!, teacher: answers };
    const result = await distill({ backbone, distillation, train, validation, config, keys: [1] }, hooks);
    return { result, logits: await predictLogits(backbone, validation) };
  }

  /** Interrupts before step `at`, like Ctrl-C, and resumes from the saved state. */
  it.each([0, 1, 17, 24, 71])('before step %i is resumed to the same result, bit for bit', async (at) => {
    const whole = await taught({});
    let asked = 0;
    let saved: FitState | undefined;
    const signal = {
      get aborted() {
        return asked++ === at;
      },
    } as AbortSignal;
    const onInterrupt = async (save: () => Promise<FitState>) => {
      saved = await save();
    };
    await expect(taught({ signal, onInterrupt })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(saved!.step).toBe(at);
    expect(await taught({ resume: saved })).toEqual(whole);
  });

  it('says that it diverged, also where it was interrupted before it knew', async () => {
    const steep = { ...config, learningRate: 1e30 };
    const task = () => ({ distillation: null, train, validation, config: steep, keys: [1], backbone: dnn() });
    let asked = 0;
    let saved: FitState | undefined;
    const signal = {
      get aborted() {
        return asked++ === 6;
      },
    } as AbortSignal;
    const onInterrupt = async (save: () => Promise<FitState>) => {
      saved = await save();
    };
    await expect(distill(task(), { signal, onInterrupt })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(distill(task(), { resume: saved })).rejects.toThrow('diverged in epoch 1');
  });

  it('can be saved after every epoch', async () => {
    const whole = await taught({});
    const saved: FitState[] = [];
    await taught({
      async onEpoch(_, save) {
        saved.push(await save());
      },
    });
    expect(saved.map(({ step }) => step)).toEqual([12, 24, 36, 48, 60, 72]);
    expect(await taught({ resume: saved[2] })).toEqual(whole);
    expect(await taught({ resume: saved[5] })).toEqual(whole);
  });
});
