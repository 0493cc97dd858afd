import * as tf from '@tensorflow/tfjs';
import { beforeAll, it } from 'vitest';
import { critic } from '../../../../training/distillers/contrast/contrast.ts';
import { startBackend } from '../../../../training/tf/backend.ts';
import { l2Normalise } from '../../../../training/tf/l2-normalise.ts';
import { describeWithData, testData } from '../../../support/data.ts';
import { expectNear, findCase, type LossCase, readCases, tensor2d } from '../../../support/losses.ts';

beforeAll(async () => {
  await startBackend(['wasm']);
});

describeWithData('oracle', 'the contrastive critic', () => {
  let cases: LossCase[];

  beforeAll(() => {
    cases = readCases(testData('oracle', 'losses.json'));
  });

  /** In-batch pairs: the other modality's batch is the bank, and N negatives are spread over its other samples. */
  const criticOver = (
    { tau, N, M }: LossCase['params'],
    unit: (x: tf.Tensor2D) => tf.Tensor2D,
    partner: tf.Tensor2D,
  ) => {
    const partners = unit(partner);
    const batch = partner.shape[0];
    const counts = tf.mul<tf.Tensor2D>(tf.sub(1, tf.eye(batch)), N! / (batch - 1));
    const shift = tf.scalar(-Math.log(N! / M!));
    const field = { partners, bank: partners, counts, shift, nearnessShift: 0 };
    return (x: tf.Tensor) => tf.neg(tf.mean(critic(unit(x as tf.Tensor2D), tau!, field).bound)) as tf.Scalar;
  };

  it.each(['critic/raw', 'critic/normalised'])('%s has the reference value and gradient on either side', (name) => {
    const { params, inputs, expected } = findCase(cases, name);
    const unit = params['normalise'] ? (x: tf.Tensor2D) => l2Normalise(x) : (x: tf.Tensor2D) => x;
    for (const [side, other] of [
      ['s', 't'],
      ['t', 's'],
    ] as const) {
      const loss = criticOver(params, unit, tensor2d(inputs[other]));
      const { value, grad } = tf.valueAndGrad(loss)(tensor2d(inputs[side]));
      expectNear(value, expected.loss, `${name}: loss`);
      expectNear(grad, expected.grad[side], `${name}: gradient of ${side}`);
    }
  });
});
