import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { AdamW } from '../../../training/tf/adamw.ts';
import { itIsTheOptimiser } from '../../support/optimisers.ts';

describe('AdamW', () => {
  itIsTheOptimiser('adamw', (parameters) => new AdamW(parameters, 0.1));

  it('updates a large parameter alone as it updates small ones together', () => {
    const [pieces, length] = [8, 1024];
    const start = Float32Array.from({ length: pieces * length }, (_, i) => Math.sin(i));
    const whole = tf.tidy(() => tf.variable(tf.tensor2d(start, [pieces, length])));
    const parts = tf.tidy(() => tf.unstack(tf.tensor2d(start, [pieces, length])).map((part) => tf.variable(part)));
    const optimiser = new AdamW([whole, ...parts], 0.1);
    for (const shift of [1, 2, 3]) {
      tf.tidy(() => {
        const gradient = tf.cos(tf.mul(shift, tf.tensor2d(start, [pieces, length])));
        const named: [string, tf.Tensor][] = tf.unstack(gradient).map((part, p) => [parts[p]!.name, part]);
        optimiser.step({ [whole.name]: gradient, ...Object.fromEntries(named) }, 0.01);
      });
    }
    const together = parts.flatMap((part) => [...part.dataSync()]);
    expect(together).toEqual([...whole.dataSync()]);
    expect(together).not.toEqual([...start]);
    optimiser.dispose();
    tf.dispose([whole, ...parts]);
  });
});
