import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.ts';
import type { Activations } from '../../../training/backbones/backbone.ts';
import type { Distiller } from '../../../training/distillers/distiller.ts';
import { createDistiller } from '../../../training/distillers/index.ts';
import { oneHot } from '../../support/contrast.ts';
import {
  allRows,
  CLASSES,
  configOf,
  contextOf,
  gradientsOf,
  labelsOf,
  NARROW,
  normal,
  numberOf,
  studentOf,
  TEACHING,
  teacherOf,
  teachingDistiller,
  train,
  WIDE,
} from '../../support/distillers.ts';
import { onWasm } from '../../support/on-wasm.ts';

onWasm();

/** Activations with NaN in all that belongs to row 3. */
function spoilt({ hidden, embedding, logits }: Activations): Activations {
  const spoil = (x: tf.Tensor2D) => {
    const [rows, width] = x.shape;
    const values = Float32Array.from({ length: rows }, (_, row) => (row === 3 ? Number.NaN : 0));
    return tf.add<tf.Tensor2D>(x, tf.tile(tf.tensor2d(values, [rows, 1]), [1, width]));
  };
  return { hidden: spoil(hidden), embedding: spoil(embedding), logits: spoil(logits) };
}

const batchOf = (teacher: Activations, labels = labelsOf(24)) => ({
  rows: allRows(labels.length),
  labels: oneHot([...labels], CLASSES),
  teacher,
  random: new Random('step'),
});

describe.each(TEACHING)('%s', (name) => {
  it('lowers its loss below the value without learning', async () => {
    const learnt = await train(name, { steps: 40, rate: 1e-2 });
    const idle = await train(name, { steps: 40, rate: 0 });
    expect(learnt.losses.at(-1)).toBeLessThan(0.75 * idle.losses.at(-1)!);
  });

  it('gives the same numbers for the same seed, and others for another', async () => {
    const [first, again, other] = [
      await train(name, { steps: 4, rate: 1e-2 }),
      await train(name, { steps: 4, rate: 1e-2 }),
      await train(name, { steps: 4, rate: 1e-2, seed: 2 }),
    ];
    expect(again).toEqual(first);
    expect(other.losses).not.toEqual(first.losses);
  });

  it.each([
    ['as wide as', NARROW, NARROW],
    ['narrower than', NARROW, WIDE],
    ['wider than', WIDE, NARROW],
  ])('teaches a student %s its teacher, and leaves no tensor behind', async (_, student, teacher) => {
    const network = studentOf(8, student, new Random('student'));
    const x = normal([24, 8], new Random('x'));
    const batch = batchOf(teacherOf(labelsOf(24), teacher, [4]));
    const before = tf.memory().numTensors;
    const distiller = await teachingDistiller(name, contextOf({ student, teacher }));
    for (let step = 0; step < 2; step++) {
      const { parameters } = network;
      const { value, grads } = gradientsOf(distiller, { parameters, forward: () => network.forward(x) }, batch);
      expect(numberOf(value)).toSatisfy(Number.isFinite);
      const taught = network.parameters.map(({ name }) => grads[name]).filter((gradient) => gradient !== undefined);
      const slopes = taught.flatMap((gradient) => [...gradient.dataSync()]);
      expect(slopes.every(Number.isFinite)).toBe(true);
      expect(slopes.some((slope) => slope !== 0)).toBe(true);
      tf.dispose([value, ...Object.values(grads)]);
    }
    distiller.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(['student', 'teacher'] as const)('makes the loss NaN where a row of the %s has NaN', async (side) => {
    const distiller = await teachingDistiller(name, contextOf());
    const student = teacherOf(labelsOf(24), NARROW);
    const teacher = teacherOf(labelsOf(24), WIDE);
    const batch = batchOf(side === 'teacher' ? spoilt(teacher) : teacher);
    const value = numberOf(distiller.loss({ ...batch, student: side === 'student' ? spoilt(student) : student }));
    // In the step that puts the row into a bank, so that a training step that watches its loss ends the run in time.
    expect(value).toBeNaN();
    distiller.dispose();
  });
});

describe('contrastive distillers', () => {
  const lossAndSlopes = (distiller: Distiller, labels = labelsOf(24)) => {
    const network = studentOf(8, NARROW, new Random('student'));
    const x = normal([labels.length, 8], new Random('x'));
    const { value, grads } = gradientsOf(
      distiller,
      { parameters: network.parameters, forward: () => network.forward(x) },
      batchOf(teacherOf(labels, WIDE), labels),
    );
    return [numberOf(value), ...Object.values(grads).flatMap((gradient) => [...gradient.dataSync()])];
  };

  it.each([
    ['cmcrd', 1],
    ['cmcrd', 17],
    ['cmcrd', 1000],
    ['crd', 1],
    ['crd', 17],
    ['crd', 1000],
  ] as const)('%s draws %i negatives from 16 candidates', async (name, negatives) => {
    const distiller = await teachingDistiller(name, contextOf({ config: configOf({ negatives }) }));
    expect(lossAndSlopes(distiller).every(Number.isFinite)).toBe(true);
    distiller.dispose();
  });

  it.each(['cmcrd', 'crd'] as const)('%s has three quarters of the rows as negatives, at least one', async (name) => {
    const losses = async (rows: number, negatives: number | null) => {
      const labels = labelsOf(rows);
      const distiller = await teachingDistiller(name, contextOf({ labels, config: configOf({ negatives }) }));
      const numbers = lossAndSlopes(distiller, labels);
      distiller.dispose();
      return numbers;
    };
    expect(await losses(30, null)).toEqual(await losses(30, 23));
    expect(await losses(30, null)).not.toEqual(await losses(30, 22));
    expect((await losses(2, null)).every(Number.isFinite)).toBe(true);
  });

  it.each(['cmcrd', 'crd'] as const)('%s refuses rows of one class, and leaves no tensor behind', async (name) => {
    const before = tf.memory().numTensors;
    const labels = new Int32Array(24).fill(2);
    await expect(createDistiller(name, contextOf({ labels }))).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringContaining('label 2') }),
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('without a loss of their own', () => {
  it.each(['none', 'fusion'] as const)('%s has no distillation loss', async (name) => {
    expect(await createDistiller(name, contextOf())).toBeNull();
  });
});
