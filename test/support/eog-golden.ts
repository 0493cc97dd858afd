/** The networks and windows of test/golden/make_eog.py, whose numbers are sines of their place. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { Random } from '../../src/random.ts';
import type { Batch } from '../../training/eog/feedback.ts';
import { createEogNetwork, type EogNetwork } from '../../training/eog/network/index.ts';
import { patchesOf } from '../../training/eog/network/patches.ts';
import { CHANNELS, SMALL } from './eog-training.ts';

interface GoldenAnswer {
  readonly feature: number[][];
  readonly logits: number[][];
}
type Passes = Readonly<Record<'serving' | 'batch', GoldenAnswer>>;

export interface Golden {
  readonly teacher: Passes;
  readonly student: Passes;
  readonly lesson: number;
  readonly before: number;
  readonly after: number;
  readonly objective: number;
  /** By the phase of the direction: see `wavesLike`. */
  readonly slopes: Readonly<Record<string, number>>;
}

export function readGolden(): Golden {
  return JSON.parse(readFileSync(new URL('../golden/eog.json', import.meta.url), 'utf8')) as Golden;
}

const SIZE = { ...SMALL, headDropout: 0, blockDropout: 0 };

function wave(shape: number[], phase: number, size: number): tf.Tensor {
  const values = Array.from(
    { length: tf.util.sizeFromShape(shape) },
    (_, i) => size * Math.sin(1.7 * i + 0.9 * phase + 0.5),
  );
  return tf.tensor(values, shape, 'float32');
}

/** A direction of the weights, by their names. */
export function wavesLike(network: EogNetwork, phase: number): tf.NamedTensorMap {
  return Object.fromEntries(network.parameters.map(({ name, shape }, k) => [name, wave(shape, k + phase, 1)]));
}

export function goldenNetwork(role: 'teacher' | 'student'): EogNetwork {
  const [channels, offset] = role === 'teacher' ? [[CHANNELS.eeg, CHANNELS.eog], 0] : [[CHANNELS.eog], 100];
  const network = createEogNetwork(channels, 2, SIZE, new Random(role));
  for (const [k, weight] of network.parameters.entries()) {
    // The scales of the normalisations start at 1, and lie around it here.
    const scale = (weight.dataSync() as Float32Array).every((value) => value === 1) ? 1 : 0;
    weight.assign(tf.add(wave(weight.shape, k + offset, 0.3), scale));
  }
  for (const [k, statistic] of network.statistics.entries()) {
    const [size, centre] = k % 2 === 0 ? [0.2, 0] : [0.5, 1];
    statistic.assign(tf.add(wave(statistic.shape, k + offset, size), centre));
  }
  return network;
}

/** `seed` of the EEG; the EOG has the next one. */
export function goldenBatch(windows: number, seed: number): Batch {
  const signals = (channels: number, seed: number) =>
    Array.from({ length: windows }, (_, w) =>
      Float32Array.from({ length: channels * SIZE.samples }, (_, i) => {
        const [c, s] = [Math.floor(i / SIZE.samples), i % SIZE.samples];
        return Math.sin(0.37 * s * (c + 1) + 1.3 * w + seed) + 0.5 * Math.cos(0.05 * s * s + w * (c + 1) + 2 * seed);
      }),
    );
  return {
    eeg: patchesOf(signals(CHANNELS.eeg, seed), CHANNELS.eeg, SIZE),
    eog: patchesOf(signals(CHANNELS.eog, seed + 1), CHANNELS.eog, SIZE),
    labels: tf.tensor2d(Array.from({ length: windows }, (_, w) => (w % 2 === 0 ? [1, 0] : [0, 1]))),
  };
}
