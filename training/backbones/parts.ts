/** Layers that networks share: their weights, initialised as in PyTorch, and their nodes in an ONNX graph. */
import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../src/random.ts';
import type { OnnxGraph } from '../export/onnx-graph.ts';
import { BATCH_NORM_EPSILON, type BatchNorm } from '../tf/layers.ts';

export interface Linear {
  /** [in, out] */
  readonly weight: tf.Variable<tf.Rank.R2>;
  readonly bias: tf.Variable<tf.Rank.R1>;
}

/** U(±1/sqrt(in)) for weight and bias. */
export function createLinear(inputs: number, outputs: number, random: Random): Linear {
  const bound = 1 / Math.sqrt(inputs);
  return { weight: uniform([inputs, outputs], bound, random), bias: uniform([outputs], bound, random) };
}

export async function writeLinear(graph: OnnxGraph, name: string, input: string, layer: Linear): Promise<string> {
  return graph.node('Gemm', name, [
    input,
    await graph.tensor(`${name}.weight`, layer.weight),
    await graph.tensor(`${name}.bias`, layer.bias),
  ]);
}

export function createBatchNorm(width: number): BatchNorm {
  return tf.tidy(() => ({
    gamma: tf.variable(tf.ones<tf.Rank.R1>([width])),
    beta: tf.variable(tf.zeros<tf.Rank.R1>([width])),
    movingMean: tf.variable(tf.zeros<tf.Rank.R1>([width]), false),
    movingVariance: tf.variable(tf.ones<tf.Rank.R1>([width]), false),
  }));
}

/** The node's name is `scope`.norm, its weights' `scope`.gamma and so on. */
export async function writeBatchNorm(graph: OnnxGraph, scope: string, input: string, norm: BatchNorm): Promise<string> {
  return graph.node(
    'BatchNormalization',
    `${scope}.norm`,
    [
      input,
      await graph.tensor(`${scope}.gamma`, norm.gamma),
      await graph.tensor(`${scope}.beta`, norm.beta),
      await graph.tensor(`${scope}.mean`, norm.movingMean),
      await graph.tensor(`${scope}.variance`, norm.movingVariance),
    ],
    { epsilon: BATCH_NORM_EPSILON },
  );
}

/** U(±bound). */
export function uniform<R extends tf.Rank>(shape: tf.ShapeMap[R], bound: number, random: Random): tf.Variable<R> {
  return drawn(shape, () => bound * (2 * random.uniform() - 1));
}

/** Every entry is one draw. */
export function drawn<R extends tf.Rank>(shape: tf.ShapeMap[R], draw: () => number): tf.Variable<R> {
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, draw);
  return tf.tidy(() => tf.variable(tf.tensor<R>(values, shape)));
}
