/**
 * DGCNN (Song et al. 2018, "EEG Emotion Recognition Using Dynamical Graph Convolutional Neural Networks"): electrodes
 * are the nodes of a graph whose adjacency is learnt. Of features without electrode positions, each is a node.
 */
import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../src/random.ts';
import type { OnnxGraph } from '../export/onnx-graph.ts';
import { type BatchNorm, batchNorm, linear, product } from '../tf/layers.ts';
import type { Activations, Backbone, RowLayout } from './backbone.ts';
import { createBatchNorm, createLinear, drawn, type Linear, writeBatchNorm, writeLinear } from './parts.ts';

const FILTERS = 16;
/** Chebyshev terms T_0 = I and T_1 = L~. */
const TERMS = 2;
const DEGREE_EPSILON = 1e-10;

interface Network {
  readonly nodes: number;
  /** Features of a node. */
  readonly depth: number;
  readonly norm: BatchNorm;
  /** [nodes, nodes], before it is made non-negative and symmetric. */
  readonly adjacency: tf.Variable<tf.Rank.R2>;
  /** [TERMS * depth, FILTERS] */
  readonly filters: tf.Variable<tf.Rank.R2>;
  readonly head: Linear;
}

/** Standardised features [B, nodes * depth] -> logits [B, classes]; `random` draws the weights. */
export function createDgcnn(layout: RowLayout, classes: number, random: Random): Backbone {
  const [nodes, depth] = 'montage' in layout ? [layout.montage.length, layout.bands] : [layout.features, 1];
  const xavier = Math.sqrt(2 / (depth + FILTERS));
  const network: Network = {
    nodes,
    depth,
    norm: createBatchNorm(depth),
    adjacency: drawn([nodes, nodes], () => 0.01 + 0.49 * random.uniform()),
    filters: drawn([TERMS * depth, FILTERS], () => xavier * random.normal()),
    head: createLinear(nodes * FILTERS, classes, random),
  };
  const { norm, adjacency, filters, head } = network;
  return {
    name: 'dgcnn',
    parameters: [norm.gamma, norm.beta, adjacency, filters, head.weight, head.bias],
    statistics: [norm.movingMean, norm.movingVariance],
    forward: (x, training) => forward(x, network, training),
    writeOnnx: (graph, input) => writeOnnx(graph, input, network),
  };
}

/**
 * f1 is the graph convolution before its relu, f2 (the embedding) after it, both [B, nodes * FILTERS].
 */
function forward(x: tf.Tensor2D, { nodes, depth, norm, ...weights }: Network, training: boolean): Activations {
  const batch = x.shape[0];
  // Nodes come first, so that the Laplacian is applied to the whole batch in one matrix product.
  const signal = tf.reshape<tf.Rank.R2>(tf.transpose(tf.reshape(x, [batch, nodes, depth]), [1, 0, 2]), [-1, depth]);
  const t0 = batchNorm(signal, norm, training);
  const t1 = product(scaledLaplacian(weights.adjacency), tf.reshape(t0, [nodes, batch * depth]));
  const terms = tf.concat([t0, tf.reshape<tf.Rank.R2>(t1, [-1, depth])], 1);
  const filtered = tf.reshape(product(terms, weights.filters), [nodes, batch, FILTERS]);
  const hidden = tf.reshape<tf.Rank.R2>(tf.transpose(filtered, [1, 0, 2]), [batch, nodes * FILTERS]);
  const embedding = tf.relu(hidden);
  return { hidden, embedding, logits: linear(embedding, weights.head.weight, weights.head.bias) };
}

/**
 * L~ = 2 L / lambda_max - I with lambda_max = 2, where L = I - D^-1/2 A D^-1/2: that is -D^-1/2 A D^-1/2, for the graph
 * A = relu(W) without its diagonal + its transpose. W [E, E] -> [E, E]
 */
export function scaledLaplacian(weight: tf.Tensor2D): tf.Tensor2D {
  const directed = tf.mul<tf.Tensor2D>(tf.relu(weight), tf.sub(1, tf.eye(weight.shape[0])));
  const graph = tf.add<tf.Tensor2D>(directed, tf.transpose(directed));
  const scale = tf.rsqrt(tf.add(tf.sum(graph, 1, true), DEGREE_EPSILON));
  return tf.neg(tf.mul(tf.mul(scale, graph), tf.transpose(scale)));
}

async function writeOnnx(graph: OnnxGraph, input: string, network: Network): Promise<void> {
  const { nodes, depth, norm, adjacency, filters, head } = network;
  const rows = graph.node('Reshape', 'rows', [input, graph.integers('rows.shape', [-1, depth])]);
  const normalised = await writeBatchNorm(graph, 'signal', rows, norm);
  const t0 = graph.node('Reshape', 't0', [normalised, graph.integers('t0.shape', [-1, nodes, depth])]);
  const t1 = graph.node('MatMul', 't1', [await graph.derived('laplacian', () => scaledLaplacian(adjacency)), t0]);
  const terms = graph.node('Concat', 'terms', [t0, t1], { axis: 2 });
  const filtered = graph.node('MatMul', 'filtered', [terms, await graph.tensor('filters', filters)]);
  const rectified = graph.node('Relu', 'rectified', [filtered]);
  await writeLinear(graph, 'logits', graph.node('Flatten', 'embedding', [rectified]), head);
}
