import * as tf from '@tensorflow/tfjs';
import { Random } from '../../src/random.ts';
import type { Batch } from '../../training/eog/feedback.ts';
import { createEogNetwork, type EogNetwork } from '../../training/eog/network/index.ts';
import { patchesOf } from '../../training/eog/network/patches.ts';
import type { NetworkSize } from '../../training/eog/network/size.ts';

/** 4 tokens; no two numbers agree, so that swapped axes show. */
export const SMALL: NetworkSize = {
  samples: 32,
  kernel: 8,
  stride: 7,
  filters: 5,
  width: 6,
  blocks: 3,
  heads: 2,
  key: 3,
  hidden: 7,
  headDropout: 0.3,
  blockDropout: 0.1,
};

export const CHANNELS = { eeg: 3, eog: 2 };
const CLASSES = 2;

export function normals(random: Random, shape: number[]): tf.Tensor {
  return tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal()),
    shape,
  );
}

/** No weight stays at a 0 or 1 where a forgotten one would not show. */
export function smallNetwork(channels: readonly number[], seed: number): EogNetwork {
  const random = new Random(seed, 'network');
  const network = createEogNetwork(channels, CLASSES, SMALL, random);
  tf.tidy(() => {
    for (const weight of network.parameters) {
      weight.assign(tf.add(weight, tf.mul(0.1, normals(random, weight.shape))));
    }
    for (const statistic of network.statistics) {
      statistic.assign(tf.add(statistic, tf.abs(tf.mul(0.2, normals(random, statistic.shape)))));
    }
  });
  return network;
}

/** Windows of noise with labels in turn. */
export function noiseBatch(windows: number, seed: number): Batch {
  const random = new Random(seed, 'batch');
  const signals = (channels: number) =>
    Array.from({ length: windows }, () =>
      Float32Array.from({ length: channels * SMALL.samples }, () => random.normal()),
    );
  const labels = Array.from({ length: windows }, (_, i) => (i % CLASSES === 0 ? [1, 0] : [0, 1]));
  return {
    eeg: patchesOf(signals(CHANNELS.eeg), CHANNELS.eeg, SMALL),
    eog: patchesOf(signals(CHANNELS.eog), CHANNELS.eog, SMALL),
    labels: tf.tensor2d(labels),
  };
}

/** Sum of all products, of tensors by the names of weights. */
export function dot(a: tf.NamedTensorMap, b: tf.NamedTensorMap): number {
  const products = Object.keys(a).map((name) => tf.sum(tf.mul(a[name]!, b[name]!)));
  return products.reduce((sum, product) => sum + product.dataSync()[0]!, 0);
}
