import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.ts';
import type { DistillerConfig } from '../../../training/distillers/index.ts';
import { withoutGated } from '../../../training/loop/gated.ts';
import { AdamW } from '../../../training/tf/adamw.ts';
import { oneHot } from '../../support/contrast.ts';
import {
  allRows,
  CLASSES,
  configOf,
  contextOf,
  gradientsOf,
  labelsOf,
  NARROW,
  teacherOf,
  teachingDistiller,
  WIDE,
} from '../../support/distillers.ts';
import { onWasm } from '../../support/on-wasm.ts';

onWasm();

describe('withoutGated', () => {
  const variable = () => tf.variable(tf.zeros([2, 2]));

  it('leaves out only gradients of gated parameters that are all zeros', async () => {
    const [still, moving, spoilt, free, absent] = Array.from({ length: 5 }, variable) as [
      tf.Variable,
      tf.Variable,
      tf.Variable,
      tf.Variable,
      tf.Variable,
    ];
    const gradients = {
      [still.name]: tf.tensor2d([0, -0, 0, 0], [2, 2]),
      [moving.name]: tf.tensor2d([0, 0, 0, -1e-30], [2, 2]),
      [spoilt.name]: tf.tensor2d([0, Number.NaN, 0, 0], [2, 2]),
      [free.name]: tf.zeros([2, 2]),
    };
    const tensors = tf.memory().numTensors;
    const used = await withoutGated(gradients, [still, moving, spoilt, absent]);
    expect(Object.keys(used)).toEqual([moving.name, spoilt.name, free.name]);
    expect(used[moving.name]).toBe(gradients[moving.name]);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('returns all of them where nothing is gated', async () => {
    const gradients = { weight: tf.zeros([2]) };
    expect(await withoutGated(gradients)).toBe(gradients);
    expect(await withoutGated(gradients, [])).toBe(gradients);
  });
});

describe('CMCRD', () => {
  const LABELS = labelsOf(12);
  const everyRow = [...LABELS.keys()];

  /** Which of the student's and the teacher's projections move in a step of AdamW, which decays what it moves. */
  async function movedBy(wrong: { student: number[]; teacher: number[] }, config: Partial<DistillerConfig> = {}) {
    const distiller = await teachingDistiller('cmcrd', contextOf({ labels: LABELS, config: configOf(config) }));
    const parameters = distiller.parameters;
    const before = parameters.map((parameter) => parameter.dataSync().slice());
    const student = teacherOf(LABELS, NARROW, wrong.student);
    const batch = {
      rows: allRows(LABELS.length),
      labels: oneHot([...LABELS], CLASSES),
      teacher: teacherOf(LABELS, WIDE, wrong.teacher),
      random: new Random('step'),
    };
    const { grads } = gradientsOf(distiller, { parameters: [], forward: () => student }, batch);
    const optimiser = new AdamW(parameters, 0.5);
    optimiser.step(await withoutGated(grads, distiller.gated), 0.1);
    const moved = parameters.map((parameter, k) => parameter.dataSync().some((value, i) => value !== before[k]![i]));
    expect(optimiser.steps).toEqual(moved.map(Number));
    distiller.dispose();
    optimiser.dispose();
    return { student: moved.slice(0, 2), teacher: moved.slice(2) };
  }

  const both = (moves: boolean) => [moves, moves];

  it.each(['stable', 'reference'] as const)('%s updates no projection of a side without a gradient', async (form) => {
    const moved = (student: number[], teacher: number[]) => movedBy({ student, teacher }, { form });
    expect(await moved([], [])).toEqual({ student: both(true), teacher: both(true) });
    expect(await moved(everyRow, [])).toEqual({ student: both(true), teacher: both(false) });
    expect(await moved([], everyRow)).toEqual({ student: both(false), teacher: both(true) });
    expect(await moved(everyRow, everyRow)).toEqual({ student: both(false), teacher: both(false) });
    expect(await moved([0], [0])).toEqual({ student: both(true), teacher: both(true) });
  });

  it('ratio updates none where there is only one set', async () => {
    const form = 'ratio';
    expect(await movedBy({ student: [1], teacher: [] }, { form })).toEqual({
      student: both(false),
      teacher: both(false),
    });
    expect(await movedBy({ student: [1], teacher: [1, 2] }, { form })).toEqual({
      student: both(true),
      teacher: both(true),
    });
  });

  it('gates nothing without the guidance sets', async () => {
    const config = { guidanceSets: false };
    expect((await teachingDistiller('cmcrd', contextOf({ config: configOf(config) }))).gated).toBeUndefined();
    expect(await movedBy({ student: [], teacher: everyRow }, config)).toEqual({
      student: both(true),
      teacher: both(true),
    });
  });
});
