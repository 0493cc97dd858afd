import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.ts';
import { createEogNetwork, type EogNetwork, forward } from '../../../training/eog/network/index.ts';
import { BATCH_PREDICTION, innerPass, type Pass, SERVING, trainingPass } from '../../../training/eog/network/pass.ts';
import { PUBLISHED_SIZE, tokensOf } from '../../../training/eog/network/size.ts';
import { goldenBatch, goldenNetwork, readGolden } from '../../support/eog-golden.ts';
import { CHANNELS, dot, noiseBatch, normals, SMALL, smallNetwork } from '../../support/eog-training.ts';
import { expectNear } from '../../support/losses.ts';
import { onWasm } from '../../support/on-wasm.ts';

onWasm();

const inputsOf = (role: 'teacher' | 'student', { eeg, eog }: ReturnType<typeof noiseBatch>) =>
  role === 'teacher' ? [eeg, eog] : [eog];
const channelsOf = (role: 'teacher' | 'student') =>
  role === 'teacher' ? [CHANNELS.eeg, CHANNELS.eog] : [CHANNELS.eog];
const parameterCount = ({ parameters }: EogNetwork) => parameters.reduce((sum, { size }) => sum + size, 0);

describe.each(['teacher', 'student'] as const)('the %s', (role) => {
  it.each<['serving' | 'batch', Pass]>([
    ['serving', SERVING],
    ['batch', BATCH_PREDICTION],
  ])('answers as its description in NumPy: %s statistics', (statistics, pass) => {
    const golden = readGolden()[role][statistics];
    const { feature, logits } = forward(goldenNetwork(role), inputsOf(role, goldenBatch(5, 1)), pass);
    expectNear(feature.value, golden.feature, 'feature', 2e-5);
    expectNear(logits.value, golden.logits, 'logits', 2e-5);
  });

  it('moves along a direction of its weights as its gradient says: u J v is the same from either side', () => {
    const network = smallNetwork(channelsOf(role), 3);
    const inputs = inputsOf(role, noiseBatch(4, 5));
    const random = new Random('adjoint', role);
    const direction = Object.fromEntries(network.parameters.map(({ name, shape }) => [name, normals(random, shape)]));
    for (const statistics of ['batch', 'moving'] as const) {
      const pass = (direction: tf.NamedTensorMap | null): Pass => ({
        statistics,
        dropout: new Random('mask'),
        direction,
      });
      const { feature, logits } = forward(network, inputs, pass(direction));
      const u = { feature: normals(random, feature.value.shape), logits: normals(random, logits.value.shape) };
      const forwards = dot(u, { feature: feature.tangent!, logits: logits.tangent! });
      const { grads } = tf.variableGrads(() => {
        const answer = forward(network, inputs, pass(null));
        const products = [tf.mul(u.feature, answer.feature.value), tf.mul(u.logits, answer.logits.value)];
        return tf.addN(products.map((product) => tf.sum(product))) as tf.Scalar;
      }, [...network.parameters]);
      expect(Math.abs(forwards / dot(direction, grads) - 1)).toBeLessThan(1e-4);
    }
  });

  it('answers to a window whatever else is served with it', () => {
    const network = smallNetwork(channelsOf(role), 3);
    const one = noiseBatch(1, 5);
    const alone = forward(network, inputsOf(role, one), SERVING).logits.value;
    const together = forward(network, inputsOf(role, repeated(one, 3)), SERVING).logits.value;
    expect(together.shape).toEqual([3, 2]);
    expectNear(
      together,
      [1, 2, 3].map(() => alone.arraySync()),
      'logits',
    );
  });

  it('leaves its statistics alone but in a step that stays', () => {
    const network = smallNetwork(channelsOf(role), 3);
    const inputs = inputsOf(role, noiseBatch(4, 5));
    const before = network.statistics.map((statistic) => Array.from(statistic.dataSync()));
    const now = () => network.statistics.map((statistic) => Array.from(statistic.dataSync()));
    for (const pass of [SERVING, BATCH_PREDICTION, innerPass(new Random(1))]) forward(network, inputs, pass);
    expect(now()).toEqual(before);
    forward(network, inputs, trainingPass(new Random(1)));
    for (const [k, values] of now().entries()) expect(values).not.toEqual(before[k]);
  });

  it('drops by its random stream', () => {
    const network = smallNetwork(channelsOf(role), 3);
    const inputs = inputsOf(role, noiseBatch(4, 5));
    const logits = (seed: number) =>
      Array.from(forward(network, inputs, innerPass(new Random(seed))).logits.value.dataSync());
    expect(logits(1)).toEqual(logits(1));
    expect(logits(1)).not.toEqual(logits(2));
  });
});

describe('the published size', () => {
  it('has 61 tokens and these parameters', () => {
    expect(tokensOf(PUBLISHED_SIZE)).toBe(61);
    const count = (channels: number[]) => parameterCount(createEogNetwork(channels, 2, PUBLISHED_SIZE, new Random(1)));
    expect(count([2])).toBe(461_762);
    expect(count([32, 2])).toBe(1_037_570);
  });

  it('asks for windows as long as the kernel', () => {
    expect(() => tokensOf({ ...SMALL, samples: 7 })).toThrow(/windows of 7 samples are shorter than the kernel of 8/);
  });
});

function repeated({ eeg, eog, labels }: ReturnType<typeof noiseBatch>, times: number): ReturnType<typeof noiseBatch> {
  const repeat = <T extends tf.Tensor>(x: T) => tf.concat<T>(Array<T>(times).fill(x));
  return {
    eeg: { values: repeat(eeg.values), windows: times * eeg.windows },
    eog: { values: repeat(eog.values), windows: times * eog.windows },
    labels: repeat(labels),
  };
}
