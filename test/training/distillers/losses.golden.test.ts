import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { fitnet } from '../../../training/distillers/fitnet.ts';
import { kd } from '../../../training/distillers/kd.ts';
import { nst } from '../../../training/distillers/nst.ts';
import { pkt } from '../../../training/distillers/pkt.ts';
import { rkd } from '../../../training/distillers/rkd.ts';
import { sp } from '../../../training/distillers/sp.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { expectLoss, findCase, type LossCase, readCases, tensor, tensor2d } from '../../support/losses.ts';
import { onWasm } from '../../support/on-wasm.ts';

type Loss = (student: tf.Tensor2D, teacher: tf.Tensor2D) => tf.Scalar;

onWasm();

describeWithData('oracle', 'the baseline distillers', () => {
  let cases: LossCase[];

  beforeAll(() => {
    cases = readCases(testData('oracle', 'losses.json'));
  });

  it.each<[string, Loss]>([
    ['kd', kd],
    ['fitnet', fitnet],
    ['sp', sp],
    ['rkd', rkd],
    ['pkt', pkt],
  ])('%s has the reference value and gradient', (name, loss) => {
    const reference = findCase(cases, name);
    const teacher = tensor2d(reference.inputs['t']);
    expectLoss((student) => loss(student as tf.Tensor2D, teacher), reference);
  });

  it.each([
    ['nst/maps', [8, 3, 4], [8, 4, 4]],
    ['nst/vector', [8, 1, 6], [8, 1, 6]],
  ])('%s has the reference value and gradient', (name, studentShape, teacherShape) => {
    const reference = findCase(cases, name);
    const teacher = tensor(tensor(reference.inputs['t']).dataSync(), teacherShape) as tf.Tensor3D;
    const student = Array.from(tensor(reference.inputs['s']).dataSync());
    expectLoss((features) => nst(features as tf.Tensor3D, teacher), {
      ...reference,
      inputs: { s: tensor(student, studentShape).arraySync() as number[][] },
    });
  });
});

describe('relations of a batch', () => {
  it.each<[string, Loss]>([
    ['RKD', rkd],
    ['PKT', pkt],
  ])('%s asks for three samples', (name, loss) => {
    const pair = tf.ones<tf.Rank.R2>([2, 4]);
    const refused = expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringContaining(name) });
    expect(() => loss(pair, pair)).toThrow(refused);
  });

  it.each<[string, Loss]>([
    ['SP', sp],
    ['RKD', rkd],
    ['PKT', pkt],
  ])('%s survives samples that coincide, and features that are all zero', (_, loss) => {
    const teacher = tf.tensor2d([1, 2, 1, 2, 3, 1, 0, 1], [4, 2]);
    for (const student of [tf.tensor2d([1, 0, 1, 0, 1, 0, 2, 1], [4, 2]), tf.zeros<tf.Rank.R2>([4, 2])]) {
      const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => loss(x as tf.Tensor2D, teacher))(student);
      for (const number of [...value.dataSync(), ...grad.dataSync()]) expect(number).toSatisfy(Number.isFinite);
    }
  });

  it.each<[string, Loss]>([
    ['SP', sp],
    ['RKD', rkd],
    ['PKT', pkt],
  ])('%s is 0 for a student that is its teacher, turned', (_, loss) => {
    const teacher = tf.tensor2d([1, 2, 1, -2, 3, 1, 0.5, 1], [4, 2]);
    const turned = tf.matMul<tf.Tensor2D>(teacher, tf.tensor2d([0.6, 0.8, -0.8, 0.6], [2, 2]));
    expect(loss(turned, teacher).dataSync()[0]).toBeCloseTo(0, 5);
  });
});
