/**
 * The head of a modality in this RECONSTRUCTION of Zhang & Lu 2025: a convolution along time, one across its channels,
 * and learned positions. Not known from the paper and chosen here: the first convolution has no bias (batch
 * normalisation would remove it), the second one has; no activation follows it; positions start from N(0, 0.02^2) and are
 * added after the dropout.
 */
import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../src/random.ts';
import { createBatchNorm, createLinear, drawn, type Linear, uniform, writeBatchNorm } from '../../backbones/parts.ts';
import type { OnnxGraph } from '../../export/onnx-graph.ts';
import { type BatchNorm, withGradient } from '../../tf/layers.ts';
import { affine, constant, type Dual, linearly, matMul, plus, times } from './dual.ts';
import { batchNormAffinity, dropout } from './normalisation.ts';
import { type Pass, weightIn } from './pass.ts';
import type { Patches } from './patches.ts';
import { type NetworkSize, tokensOf } from './size.ts';

export interface Head {
  readonly size: NetworkSize;
  readonly channels: number;
  /** [kernel, filters] */
  readonly kernels: tf.Variable<tf.Rank.R2>;
  readonly norm: BatchNorm;
  /** [channels * filters, width], a convolution over all channels. */
  readonly across: Linear;
  /** [tokens, width] */
  readonly positions: tf.Variable<tf.Rank.R2>;
}

export function createHead(channels: number, size: NetworkSize, random: Random): Head {
  const { kernel, filters, width } = size;
  return {
    size,
    channels,
    kernels: uniform([kernel, filters], 1 / Math.sqrt(kernel), random),
    norm: createBatchNorm(filters),
    across: createLinear(channels * filters, width, random),
    positions: drawn([tokensOf(size), width], () => 0.02 * random.normal()),
  };
}

export function parametersOf({ kernels, norm, across, positions }: Head): tf.Variable[] {
  return [kernels, norm.gamma, norm.beta, across.weight, across.bias, positions] as tf.Variable[];
}

/** -> [windows * tokens, width] */
export function headForward(patches: Patches, head: Head, pass: Pass): Dual {
  const { size, channels, across } = head;
  const { windows } = patches;
  const tokens = tokensOf(size);
  const filtered = filter(patches.values, head, pass);
  const joined = linearly(filtered, (x) => tf.reshape<tf.Rank.R2>(x, [windows * tokens, channels * size.filters]));
  const mixed = affine(joined, weightIn(pass, across.weight), weightIn(pass, across.bias));
  const dropped = dropout(mixed, size.headDropout, pass);
  const places = linearly(weightIn(pass, head.positions), (x) => tf.reshape<tf.Rank.R2>(x, [1, -1]));
  const byWindow = linearly(dropped, (x) => tf.reshape<tf.Rank.R2>(x, [windows, tokens * size.width]));
  return linearly(plus(byWindow, places), (x) => tf.reshape<tf.Rank.R2>(x, [windows * tokens, size.width]));
}

/**
 * relu(batchNorm(x W)) of x [rows, kernel]. The statistics of x W follow from the mean m and covariance C of x: mean m W
 * and variance diag(W' C W). So the normalisation is folded into kernels and bias, and the large array of filtered
 * patches is made once instead of four times.
 */
function filter(x: tf.Tensor2D, { kernels, norm }: Head, pass: Pass): Dual {
  const weight = weightIn(pass, kernels);
  const rows = x.shape[0];
  const { scale, shift } = batchNormAffinity(norm, pass, rows, () => {
    const centre = tf.mean<tf.Tensor2D>(x, 0, true);
    const second = tf.div<tf.Tensor2D>(tf.matMul(tf.transpose(x), x), rows);
    const covariance = tf.sub<tf.Tensor2D>(second, tf.matMul(tf.transpose(centre), centre));
    return {
      mean: linearly(matMul(constant(centre), weight), (x) => tf.reshape<tf.Rank.R1>(x, [-1])),
      variance: linearly(times(weight, matMul(constant(covariance), weight)), (x) => tf.sum<tf.Tensor1D>(x, 0)),
    };
  });
  return rectifiedProduct(x, times(weight, scale), shift);
}

/** relu(x W + b), x without gradient */
function rectifiedProduct(x: tf.Tensor2D, weight: Dual, bias: Dual<tf.Tensor1D>): Dual {
  const value = rectify(x)(weight.value, bias.value);
  if (weight.tangent === null || bias.tangent === null) return { value, tangent: null };
  const moved = tf.add<tf.Tensor2D>(tf.matMul(x, weight.tangent), bias.tangent);
  return { value, tangent: tf.mul(moved, tf.step(value)) };
}

const rectify = (x: tf.Tensor2D) =>
  withGradient((weight: tf.Tensor2D, bias: tf.Tensor1D) => {
    const value = tf.relu<tf.Tensor2D>(tf.add(tf.matMul(x, weight), bias));
    return {
      value,
      kept: [value],
      gradient: (dy: tf.Tensor2D, [value]: tf.Tensor[]) => {
        const dz = tf.mul<tf.Tensor2D>(dy, tf.step(value!));
        return [tf.matMul(tf.transpose(x), dz), tf.sum(dz, 0)];
      },
    };
  });

/** The serving pass over `input` [batch, channels * samples]; gives the name of the tokens [batch * tokens, width]. */
export async function writeHead(graph: OnnxGraph, input: string, head: Head): Promise<string> {
  const { size, channels, kernels, norm, across, positions } = head;
  const { samples, kernel, stride, filters, width } = size;
  const reshape = (name: string, x: string, shape: number[]) =>
    graph.node('Reshape', name, [x, graph.integers(`${name}.shape`, shape)]);
  const image = reshape('image', input, [-1, 1, channels, samples]);
  const alongTime = await graph.derived('along-time.kernels', () =>
    tf.reshape(tf.transpose(kernels), [filters, 1, 1, kernel]),
  );
  const filtered = graph.node('Conv', 'along-time', [image, alongTime], { strides: [1, stride] });
  const rectified = graph.node('Relu', 'head', [await writeBatchNorm(graph, 'head', filtered, norm)]);
  const acrossChannels = await graph.derived('across-channels.kernels', () =>
    tf.reshape(tf.transpose(tf.reshape(across.weight, [channels, filters, width]), [2, 1, 0]), [
      width,
      filters,
      channels,
      1,
    ]),
  );
  const bias = await graph.tensor('across-channels.bias', across.bias);
  const mixed = graph.node('Conv', 'across-channels', [rectified, acrossChannels, bias]);
  const byToken = graph.node('Transpose', 'by-token', [reshape('by-filter', mixed, [-1, width, tokensOf(size)])], {
    perm: [0, 2, 1],
  });
  const placed = graph.node('Add', 'placed', [byToken, await graph.tensor('positions', positions)]);
  return reshape('tokens', placed, [-1, width]);
}
