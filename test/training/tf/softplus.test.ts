import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../../../training/tf/backend.ts';
import { softplus } from '../../../training/tf/softplus.ts';

beforeAll(async () => {
  await startBackend(['wasm']);
});

describe('softplus', () => {
  it('is ln(1 + e^x) to float32 wherever that is a normal number', () => {
    const xs = Float32Array.from({ length: 8001 }, (_, i) => (i - 4000) / 50);
    const values = tf.tidy(() => {
      const x = tf.tensor1d(xs);
      return softplus(x, tf.sigmoid(x)).dataSync();
    });
    for (const [i, x] of xs.entries()) {
      const expected = Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
      expect(Math.abs(values[i]! / expected - 1), `x = ${x}`).toBeLessThan(5e-7);
    }
  });

  it('keeps nothing but its result', () => {
    const x = tf.tensor1d([1, 2]);
    const sigmoid = tf.sigmoid(x);
    const before = tf.memory().numTensors;
    const result = softplus(x, sigmoid);
    expect(tf.memory().numTensors).toBe(before + 1);
    tf.dispose([x, sigmoid, result]);
  });
});
