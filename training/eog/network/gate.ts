/**
 * A gate between two depths in this RECONSTRUCTION of Zhang & Lu 2025: Dense - BN - ReLU - Dense - BN - softsign of
 * the tokens of all modalities at both depths. Not known from the paper and chosen here: the gate is applied to the
 * shallower tokens, summed over the modalities, and the result is added to the deeper ones. The dense layers have no
 * bias, because batch normalisation would remove it.
 */
import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../src/random.ts';
import { createBatchNorm, uniform, writeBatchNorm } from '../../backbones/parts.ts';
import type { OnnxGraph } from '../../export/onnx-graph.ts';
import type { BatchNorm } from '../../tf/layers.ts';
import { concat, type Dual, matMul, plus, relu, softsign, times } from './dual.ts';
import { batchNorm } from './normalisation.ts';
import { type Pass, weightIn } from './pass.ts';
import type { NetworkSize } from './size.ts';

export interface Gate {
  /** [2 * modalities * width, hidden] */
  readonly first: tf.Variable<tf.Rank.R2>;
  readonly norm1: BatchNorm;
  /** [hidden, width] */
  readonly second: tf.Variable<tf.Rank.R2>;
  readonly norm2: BatchNorm;
}

export function createGate(modalities: number, { width, hidden }: NetworkSize, random: Random): Gate {
  const inputs = 2 * modalities * width;
  return {
    first: uniform([inputs, hidden], 1 / Math.sqrt(inputs), random),
    norm1: createBatchNorm(hidden),
    second: uniform([hidden, width], 1 / Math.sqrt(hidden), random),
    norm2: createBatchNorm(width),
  };
}

export function parametersOf({ first, norm1, second, norm2 }: Gate): tf.Variable[] {
  return [first, norm1.gamma, norm1.beta, second, norm2.gamma, norm2.beta] as tf.Variable[];
}

export function statisticsOf({ norm1, norm2 }: Gate): tf.Variable[] {
  return [norm1, norm2].flatMap(({ movingMean, movingVariance }) => [movingMean, movingVariance]) as tf.Variable[];
}

/** Tokens of each modality at the two depths, [windows * tokens, width] each -> the same shape */
export function gateForward(shallow: readonly Dual[], deep: readonly Dual[], gate: Gate, pass: Pass): Dual {
  const hidden = relu(
    batchNorm(matMul(concat([...shallow, ...deep], 1), weightIn(pass, gate.first)), gate.norm1, pass),
  );
  const opening = softsign(batchNorm(matMul(hidden, weightIn(pass, gate.second)), gate.norm2, pass));
  return plus(deep.reduce(plus), times(shallow.reduce(plus), opening));
}

/** The serving pass of one modality. */
export async function writeGate(graph: OnnxGraph, scope: string, shallow: string, deep: string, gate: Gate) {
  const both = graph.node('Concat', `${scope}.both`, [shallow, deep], { axis: 1 });
  const first = graph.node('MatMul', `${scope}.first`, [both, await graph.tensor(`${scope}.first.weight`, gate.first)]);
  const hidden = graph.node('Relu', `${scope}.hidden`, [await writeBatchNorm(graph, `${scope}.1`, first, gate.norm1)]);
  const weight = await graph.tensor(`${scope}.second.weight`, gate.second);
  const second = graph.node('MatMul', `${scope}.second`, [hidden, weight]);
  const opening = graph.node('Softsign', `${scope}.opening`, [
    await writeBatchNorm(graph, `${scope}.2`, second, gate.norm2),
  ]);
  const through = graph.node('Mul', `${scope}.through`, [shallow, opening]);
  return graph.node('Add', `${scope}.sum`, [deep, through]);
}
