import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CmcrdOptions, cmcrd } from '../../../training/distillers/cmcrd.ts';
import { crd } from '../../../training/distillers/crd.ts';
import { startBackend } from '../../../training/tf/backend.ts';
import { banksOf, batchOf, guidanceOf } from '../../support/contrast.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { expectLoss, expectNear, findCase, type LossCase, readCases, tensor } from '../../support/losses.ts';

beforeAll(async () => {
  await startBackend(['wasm']);
});

beforeEach(() => {
  tf.engine().startScope();
});

afterEach(() => {
  tf.engine().endScope();
});

/** Value, gradients, updated memory and frozen Z. */
function expectContrast(reference: LossCase, options: CmcrdOptions | 'crd'): void {
  const { name, expected } = reference;
  const banks = banksOf(reference);
  const guidance = guidanceOf(reference);
  const names = Object.keys(expected.grad);
  expectLoss((...values) => {
    const operands = Object.fromEntries(names.map((key, i) => [key, values[i]!]));
    const batch = batchOf(reference, operands, banks.student.samples);
    return options === 'crd' ? crd(batch, banks) : cmcrd(batch, banks, guidance, options);
  }, reference);
  if (expected['mem1_after'] === undefined) return;
  expectNear(banks.student.features, expected['mem1_after'], `${name}: the student's bank`);
  expectNear(banks.teacher.features, expected['mem2_after'], `${name}: the teacher's bank`);
  expectNear(banks.teacher.logZ!, Math.log(expected['Z1'] as number), `${name}: Z of the student's scores`);
  expectNear(banks.student.logZ!, Math.log(expected['Z2'] as number), `${name}: Z of the teacher's scores`);
}

describeWithData('oracle', "the form `reference`, as the authors' code computes it", () => {
  let cases: LossCase[];

  beforeAll(() => {
    cases = readCases(testData('oracle', 'losses.json'));
  });

  it.each(['first-step', 'later-step', 'teacher-right', 'none-right'])('%s', (step) => {
    expectContrast(findCase(cases, `cmcrd/code-${step}`), { form: 'reference', weightTotal: 32 });
  });
});

describe('the forms of CMCRD and plain CRD', () => {
  const cases = readCases(new URL('../../golden/losses.json', import.meta.url));

  it.each<[string, CmcrdOptions | 'crd']>([
    ['stable', {}],
    ['stable/teacher-right', {}],
    ['stable/teacher-wrong', {}],
    ['stable/without-sets', { guidanceSets: false }],
    ['stable/without-weights', { certaintyWeights: false }],
    ['ratio', { form: 'ratio' }],
    ['ratio/teacher-right', { form: 'ratio' }],
    ['ratio/teacher-wrong', { form: 'ratio' }],
    ['crd', 'crd'],
  ])('%s has the golden value, gradients and memory', (name, options) => {
    expectContrast(findCase(cases, name), options);
  });

  it('CRD is the form `reference` without sets and weights', () => {
    expectContrast(findCase(cases, 'crd'), { form: 'reference', guidanceSets: false, certaintyWeights: false });
  });

  it('leaves no tensor behind but the frozen Z', () => {
    const reference = findCase(cases, 'stable');
    const banks = banksOf(reference);
    const step = () =>
      tf.tidy(() => {
        const { fs, ft, ws, wt } = reference.inputs;
        const operands = { fs: tensor(fs), ft: tensor(ft), ws: tensor(ws), wt: tensor(wt) };
        cmcrd(batchOf(reference, operands, banks.student.samples), banks, guidanceOf(reference));
      });
    const before = tf.memory().numTensors;
    step();
    step();
    expect(tf.memory().numTensors - before).toBe(2);
    banks.student.dispose();
    banks.teacher.dispose();
  });
});
