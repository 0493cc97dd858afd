import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type MccOptions, mcc } from '../../../training/cmcrd/mcc.ts';
import { startBackend } from '../../../training/tf/backend.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { expectLoss, findCase, type LossCase, readCases } from '../../support/losses.ts';

beforeAll(async () => {
  await startBackend(['wasm']);
});

describeWithData('oracle', 'minimum class confusion', () => {
  let cases: LossCase[];

  beforeAll(() => {
    cases = readCases(testData('oracle', 'losses.json'));
  });

  it.each<[string, MccOptions]>([
    ['mcc/paper', { temperature: 1, epsilon: 0, weightGradient: true }],
    ['mcc/paper-detached', { temperature: 1, epsilon: 0 }],
    ['mcc/code-train', {}],
    ['mcc/code-distill', {}],
  ])('%s has the reference value and gradient', (name, options) => {
    expectLoss((logits) => mcc(logits as tf.Tensor2D, options), findCase(cases, name));
  });
});

describe('minimum class confusion', () => {
  it('is 0 where every sample is certain, also of few classes, and near 1 - 1/c where none is', () => {
    const certain = tf.tensor2d([500, 0, 0, 500, 0, 0, 0, 500, 0], [3, 3]);
    expect(mcc(certain).dataSync()[0]).toBe(0);
    expect(mcc(tf.zeros([4, 3])).dataSync()[0]).toBeCloseTo(2 / 3, 6);
  });
});
