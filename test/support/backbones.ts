/** Weights and inputs that test/golden/make_backbones.py makes too. */
import * as tf from '@tensorflow/tfjs';
import type { Backbone } from '../../training/backbones/backbone.ts';

/** In [-0.5, 0.5), row-major. */
export function hashed(k: number, shape: number[]): tf.Tensor {
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => {
    let h = Math.imul(i * 7919 + k * 104729 + 1, 2654435761);
    h = Math.imul(h ^ (h >>> 15), 2246822519);
    return ((h ^ (h >>> 13)) >>> 0) / 2 ** 32 - 0.5;
  });
  return tf.tensor(values, shape);
}

export function inputs(rows: number, width: number): tf.Tensor2D {
  return tf.mul(4, hashed(0, [rows, width]));
}

/** Parameter k becomes hashed(k), counted from 1; the statistics go on counting, variances above 0. */
export function setWeights(backbone: Backbone): void {
  const { parameters, statistics } = backbone;
  for (const [i, weight] of [...parameters, ...statistics].entries()) {
    const isVariance = i === parameters.length + 1;
    const value = hashed(i + 1, weight.shape);
    weight.assign(isVariance ? tf.add(1, value) : value);
  }
}

export const countParameters = (backbone: Backbone) => backbone.parameters.reduce((sum, { size }) => sum + size, 0);
