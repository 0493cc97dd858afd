/** Windows as rows of samples, so that the convolution over time is a matrix product. */
import * as tf from '@tensorflow/tfjs';
import { type NetworkSize, tokensOf } from './size.ts';

/**
 * [windows * tokens * channels, kernel], channel by channel within a token: multiplied by the kernels, this is the
 * convolution.
 */
export interface Patches {
  readonly values: tf.Tensor2D;
  readonly windows: number;
}

/** `signals` holds per window the samples of all channels, channel-major [channels * samples]. */
export function patchesOf(signals: readonly Float32Array[], channels: number, size: NetworkSize): Patches {
  const { samples, kernel, stride } = size;
  const tokens = tokensOf(size);
  const values = new Float32Array(signals.length * tokens * channels * kernel);
  let at = 0;
  for (const signal of signals) {
    for (let token = 0; token < tokens; token++) {
      for (let channel = 0; channel < channels; channel++, at += kernel) {
        const from = channel * samples + token * stride;
        values.set(signal.subarray(from, from + kernel), at);
      }
    }
  }
  return { values: tf.tensor2d(values, [signals.length * tokens * channels, kernel]), windows: signals.length };
}
