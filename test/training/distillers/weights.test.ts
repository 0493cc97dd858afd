import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.ts';
import type { Activations } from '../../../training/backbones/backbone.ts';
import { type CmcrdOptions, cmcrd } from '../../../training/distillers/cmcrd.ts';
import { project } from '../../../training/distillers/contrast/contrastive.ts';
import { MemoryBank } from '../../../training/distillers/contrast/memory-bank.ts';
import { NegativeSampler } from '../../../training/distillers/contrast/negatives.ts';
import { crd } from '../../../training/distillers/crd.ts';
import type { Distiller } from '../../../training/distillers/distiller.ts';
import { fitnet } from '../../../training/distillers/fitnet.ts';
import type { DistillerConfig, DistillerName } from '../../../training/distillers/index.ts';
import { kd } from '../../../training/distillers/kd.ts';
import { nst } from '../../../training/distillers/nst.ts';
import { pkt } from '../../../training/distillers/pkt.ts';
import { rkd } from '../../../training/distillers/rkd.ts';
import { sp } from '../../../training/distillers/sp.ts';
import { oneHot } from '../../support/contrast.ts';
import {
  allRows,
  CLASSES,
  configOf,
  contextOf,
  labelsOf,
  NARROW,
  numberOf,
  teacherOf,
  teachingDistiller,
  WIDE,
} from '../../support/distillers.ts';
import { expectNear } from '../../support/losses.ts';
import { onWasm } from '../../support/on-wasm.ts';

onWasm();

const ROWS = 24;
const LABELS = labelsOf(ROWS);

/** All rows at once; the teacher is wrong on two, the student on two others. */
function batchOf(widths = { student: NARROW, teacher: WIDE }) {
  return {
    rows: allRows(ROWS),
    labels: oneHot([...LABELS], CLASSES),
    student: teacherOf(LABELS, widths.student, [1, 5]),
    teacher: teacherOf(LABELS, widths.teacher, [5, 11]),
    random: new Random('step'),
  };
}

describe('distillers weight the published losses of the published features', () => {
  const group = (x: tf.Tensor2D) => tf.expandDims<tf.Tensor3D>(x, 0);
  const nstOf = (s: tf.Tensor2D, t: tf.Tensor2D) => nst(group(s), group(t));

  it.each<[DistillerName, number, (s: Activations, t: Activations) => tf.Scalar]>([
    ['kd', 10, (s, t) => kd(s.logits, t.logits)],
    ['fitnet', 1, (s, t) => fitnet(s.embedding, t.embedding)],
    ['nst', 10, (s, t) => tf.add(nstOf(s.hidden, t.hidden), nstOf(s.embedding, t.embedding))],
    ['sp', 100, (s, t) => sp(s.hidden, t.hidden)],
    ['rkd', 1, (s, t) => rkd(s.embedding, t.embedding)],
    ['pkt', 1000, (s, t) => pkt(s.embedding, t.embedding)],
  ])('%s x %d', async (name, weight, loss) => {
    const batch = batchOf({ student: WIDE, teacher: WIDE });
    const { hidden, embedding, logits } = batch.student;
    const student = { hidden: tf.reverse(hidden), embedding: tf.reverse(embedding), logits };
    const distiller = await teachingDistiller(name, contextOf({ student: WIDE, teacher: WIDE }));
    const value = distiller.loss({ ...batch, student });
    expect(numberOf(value)).toBeGreaterThan(0);
    expectNear(value, weight * numberOf(loss(student, batch.teacher)), name);
    distiller.dispose();
  });

  /** Copies of its banks, with the momentum of the specification, from before a step. */
  function banksOf(distiller: Distiller, momentum: number) {
    const [student, teacher] = distiller.banks.map(({ features }) => {
      const copy = new MemoryBank(...features.shape, momentum, new Random(0));
      copy.features.assign(features);
      return copy;
    });
    return { student: student!, teacher: teacher! };
  }

  it.each<[DistillerName, number, Partial<DistillerConfig>, CmcrdOptions | null]>([
    ['crd', 0.5, {}, null],
    ['cmcrd', 0.05, {}, { form: 'stable' }],
    ['cmcrd', 0.05, { form: 'reference' }, { form: 'reference' }],
    ['cmcrd', 0.05, { form: 'ratio' }, { form: 'ratio' }],
    ['cmcrd', 0.05, { guidanceSets: false }, { guidanceSets: false }],
    ['cmcrd', 0.05, { certaintyWeights: false }, { certaintyWeights: false }],
  ])('%s x 0.02 in 128 dimensions, with banks that keep %d (%o)', async (name, momentum, config, options) => {
    const negatives = 9;
    const distiller = await teachingDistiller(name, contextOf({ config: configOf({ ...config, negatives }) }));
    const banks = banksOf(distiller, momentum);
    const batch = batchOf();
    const [weightS, biasS, weightT, biasT] = distiller.parameters as tf.Variable<never>[];
    const contrast = {
      student: project(batch.student.embedding, { weight: weightS!, bias: biasS! }),
      teacher: project(batch.teacher.embedding, { weight: weightT!, bias: biasT! }),
      drawn: new NegativeSampler(LABELS, negatives).draw(batch.rows, new Random('step')),
    };
    expect(contrast.student.shape).toEqual([ROWS, 128]);
    const guidance = {
      studentLogits: batch.student.logits,
      teacherLogits: batch.teacher.logits,
      labels: batch.labels,
    };
    const loss = options === null ? crd(contrast, banks) : cmcrd(contrast, banks, guidance, options);
    expectNear(distiller.loss(batch), 0.02 * numberOf(loss), name);
    expectNear(distiller.banks[0]!.features, banks.student.features.arraySync(), "the student's bank");
    expectNear(distiller.banks[1]!.features, banks.teacher.features.arraySync(), "the teacher's bank");
    distiller.dispose();
  });
});

describe('features of different widths', () => {
  it("FitNet's regressor of the student alone finds a teacher that is linear in it", async () => {
    const distiller = await teachingDistiller('fitnet', contextOf());
    const [weight, bias] = distiller.parameters as [tf.Variable<tf.Rank.R2>, tf.Variable<tf.Rank.R1>];
    expect(distiller.parameters.map(({ shape }) => shape)).toEqual([
      [NARROW.embedding, WIDE.embedding],
      [WIDE.embedding],
    ]);
    const batch = batchOf();
    const embedding = tf.add<tf.Tensor2D>(tf.matMul(batch.student.embedding, weight as tf.Tensor2D), bias);
    expect(numberOf(distiller.loss({ ...batch, teacher: { ...batch.teacher, embedding } }))).toBeLessThan(1e-12);
    distiller.dispose();
  });

  it("NST averages the wider side over the narrower one's width, whichever it is", async () => {
    const narrow = { hidden: 2, embedding: 2 };
    const wide = { hidden: 5, embedding: 4 };
    // Bins of 5 over 2 overlap in the middle: 0-2 and 2-4.
    const pooled = (x: number[]) =>
      x.length === 5
        ? [(x[0]! + x[1]! + x[2]!) / 3, (x[2]! + x[3]! + x[4]!) / 3]
        : [(x[0]! + x[1]!) / 2, (x[2]! + x[3]!) / 2];
    const poolRows = (x: tf.Tensor2D) => tf.tensor2d((x.arraySync() as number[][]).map(pooled));
    const batch = batchOf({ student: narrow, teacher: wide });
    const alike = await teachingDistiller('nst', contextOf({ student: narrow, teacher: narrow }));
    const unlike = await teachingDistiller('nst', contextOf({ student: narrow, teacher: wide }));
    const swapped = await teachingDistiller('nst', contextOf({ student: wide, teacher: narrow }));
    const { hidden, embedding, logits } = batch.teacher;
    const narrowed = { hidden: poolRows(hidden), embedding: poolRows(embedding), logits };
    const expected = numberOf(alike.loss({ ...batch, teacher: narrowed }));
    expectNear(unlike.loss(batch), expected, 'a wider teacher');
    expectNear(swapped.loss({ ...batch, student: batch.teacher, teacher: batch.student }), expected, 'a wider student');
    for (const distiller of [alike, unlike, swapped]) distiller.dispose();
  });
});
