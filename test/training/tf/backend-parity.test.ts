import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { messageOf } from '../../../src/errors.ts';
import { Random } from '../../../src/random.ts';
import { createBackbone } from '../../../training/backbones/index.ts';
import { runConfigSchema } from '../../../training/cmcrd/config.ts';
import { distill } from '../../../training/cmcrd/student.ts';
import { trainTeacher } from '../../../training/cmcrd/teacher.ts';
import type { FeatureTable } from '../../../training/datasets/table.ts';
import type { Distiller } from '../../../training/distillers/distiller.ts';
import { createDistiller } from '../../../training/distillers/index.ts';
import type { Vectors } from '../../../training/loop/batch.ts';
import type { EpochFigures } from '../../../training/loop/fit-state.ts';
import type { TableActivations } from '../../../training/loop/predict.ts';
import { BACKEND_NAMES, startBackend } from '../../../training/tf/backend.ts';
import { crossEntropy } from '../../../training/tf/cross-entropy.ts';
import { blobs } from '../../support/training.ts';

const CLASSES = 3;
const MONTAGE = ['FP1', 'FP2', 'C3', 'C4', 'P7', 'P8', 'O1', 'O2'];
const LAYOUT = { montage: MONTAGE, bands: 5 };
const KEYS = ['parity'];
const {
  student: STUDENT,
  teacher: TEACHER,
  distiller: DISTILLER,
} = runConfigSchema.parse({
  direction: 'eye-to-eeg',
  protocol: 'within',
  student: { epochs: 1, warmupEpochs: 0 },
  teacher: { epochs: 1 },
});

const table = (rows: number, seed: number) => blobs({ rows, width: 40, classes: CLASSES, separation: 3, seed });
const train = table(400, 1);
const validation = table(64, 2);

/** A teacher's activations that no backend computed: the same for every student, and correct in about seven rows of ten. */
function answersTo({ labels }: FeatureTable): TableActivations {
  const random = new Random(...KEYS, 'teacher');
  const rows = (width: number, value: (row: number, column: number) => number): Vectors => ({
    width,
    values: Float32Array.from({ length: labels.length * width }, (_, i) => value(Math.floor(i / width), i % width)),
  });
  return {
    hidden: rows(32, () => random.normal()),
    embedding: rows(32, (row, column) => random.normal() + Number(column === labels[row])),
    logits: rows(CLASSES, (row, column) => random.normal() + 1.3 * Number(column === labels[row])),
  };
}

/** One epoch of a DNN with CMCRD: what is minimised in every step, and the epoch's figures. */
async function studentEpoch(): Promise<{ steps: number[]; epoch: EpochFigures }> {
  const answers = answersTo(train);
  const backbone = await createBackbone('dnn', LAYOUT, CLASSES, new Random(...KEYS, 'student'));
  const cmcrd = (await createDistiller('cmcrd', {
    student: { hidden: 128, embedding: 128 },
    teacher: { hidden: answers.hidden.width, embedding: answers.embedding.width },
    labels: train.labels,
    config: DISTILLER,
    random: new Random(...KEYS, 'distiller'),
  })) as Distiller;
  const losses: tf.Tensor[] = [];
  const watched: Distiller = {
    ...cmcrd,
    loss(batch) {
      const taught = cmcrd.loss(batch);
      losses.push(tf.keep(tf.add(crossEntropy(batch.student.logits, batch.labels), taught)));
      return taught;
    },
  };
  const distillation = { distiller: watched, teacher: answers };
  const { curve } = await distill({ backbone, distillation, train, validation, config: STUDENT, keys: KEYS });
  const steps = await Promise.all(losses.map(async (loss) => (await loss.data())[0]!));
  tf.dispose(losses);
  return { steps, epoch: curve[0]! };
}

/** One epoch of a DNN with cross-entropy and minimum class confusion. */
async function teacherEpoch(): Promise<EpochFigures> {
  const backbone = await createBackbone('dnn', LAYOUT, CLASSES, new Random(...KEYS, 'teacher'));
  const task = { backbone, train, validation, target: validation, config: TEACHER, keys: KEYS };
  return (await trainTeacher(task)).curve[0]!;
}

interface Epochs {
  readonly student: Awaited<ReturnType<typeof studentEpoch>>;
  readonly teacher: EpochFigures;
}

/** Both on the backend that runs. */
async function epochs(): Promise<Epochs> {
  tf.engine().startScope();
  try {
    return { student: await studentEpoch(), teacher: await teacherEpoch() };
  } finally {
    tf.engine().endScope();
    tf.disposeVariables();
  }
}

const figuresOf = ({ student, teacher }: Epochs) =>
  [student.epoch, teacher].flatMap(({ loss, validationLoss }) => [loss, validationLoss]).concat(student.steps);

describe('one seed gives one loss curve on every backend', () => {
  let plain: Epochs;

  beforeAll(async () => {
    await startBackend(['cpu']);
    plain = await epochs();
  });

  it('of twelve steps, which fall', () => {
    const { steps } = plain.student;
    expect(steps).toHaveLength(12);
    expect(steps.at(-1)).toBeLessThan(steps[0]! - 0.1);
  });

  it.for(BACKEND_NAMES.filter((name) => name !== 'cpu'))(
    '%s, within 1e-3 of plain JavaScript',
    async (name, { skip }) => {
      const refusal = await startBackend([name]).then(() => null, messageOf);
      if (refusal !== null) skip(refusal);
      const expected = figuresOf(plain);
      const apart = figuresOf(await epochs()).map((figure, i) => Math.abs(figure - expected[i]!));
      expect(Math.max(...apart)).toBeLessThan(1e-3);
    },
  );
});
