/**
 * The transformer's encoder block, normalised after each sum (Vaswani et al. 2017). Not known from the paper and chosen
 * here, as in Keras' example of a block: ReLU between the feed-forward layers, dropout on the outputs of attention and
 * feed-forward layers and none on the attention's weights, epsilon 1e-6.
 */
import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../src/random.ts';
import { createLinear, type Linear, writeLinear } from '../../backbones/parts.ts';
import type { OnnxGraph } from '../../export/onnx-graph.ts';
import { attention, type Projections } from './attention.ts';
import { affine, bilinearly, type Dual, linearly, matMul, plus, relu } from './dual.ts';
import { createLayerNorm, dropout, LAYER_NORM_EPSILON, type LayerNorm, layerNorm } from './normalisation.ts';
import { type Pass, SERVING, weightIn } from './pass.ts';
import { type NetworkSize, tokensOf } from './size.ts';

export interface Block {
  readonly size: NetworkSize;
  /** [width, heads * key] each. */
  readonly query: Linear;
  /** [width, heads * key]; without a bias, which would not change the softmax. */
  readonly key: tf.Variable<tf.Rank.R2>;
  readonly value: Linear;
  /** [heads * key, width] */
  readonly output: Linear;
  readonly norm1: LayerNorm;
  readonly widen: Linear;
  readonly narrow: Linear;
  readonly norm2: LayerNorm;
}

export function createBlock(size: NetworkSize, random: Random): Block {
  const { width, heads, key, hidden } = size;
  const { weight, bias } = createLinear(width, heads * key, random);
  bias.dispose();
  return {
    size,
    query: createLinear(width, heads * key, random),
    key: weight,
    value: createLinear(width, heads * key, random),
    output: createLinear(heads * key, width, random),
    norm1: createLayerNorm(width),
    widen: createLinear(width, hidden, random),
    narrow: createLinear(hidden, width, random),
    norm2: createLayerNorm(width),
  };
}

export function parametersOf({ query, key, value, output, norm1, widen, narrow, norm2 }: Block): tf.Variable[] {
  return [
    ...[query.weight, query.bias, key, value.weight, value.bias, output.weight, output.bias],
    ...[norm1.gamma, norm1.beta],
    ...[widen.weight, widen.bias, narrow.weight, narrow.bias],
    ...[norm2.gamma, norm2.beta],
  ] as tf.Variable[];
}

/** x [windows * tokens, width] -> the same shape */
export function blockForward(x: Dual, block: Block, pass: Pass): Dual {
  const { size, norm1, widen, narrow, norm2 } = block;
  const { bias, ...projections } = project(block, pass);
  const attended = plus(attention(x, projections, tokensOf(size)), bias);
  const x1 = layerNorm(plus(x, dropout(attended, size.blockDropout, pass)), norm1, pass);
  const layer = (x: Dual, { weight, bias }: Linear) => affine(x, weightIn(pass, weight), weightIn(pass, bias));
  const fed = layer(relu(layer(x1, widen)), narrow);
  return layerNorm(plus(x1, dropout(fed, size.blockDropout, pass)), norm2, pass);
}

/** The attention's weights sum to 1, so the values' bias adds the same to every token: `bias` [1, width]. */
function project({ size, query, key, value, output }: Block, pass: Pass): Projections & { readonly bias: Dual } {
  const { width, heads } = size;
  const scale = 1 / Math.sqrt(size.key);
  /** [rows, heads * key] -> [heads, rows, key] */
  const byHead = (x: Dual) =>
    linearly(x, (x) => tf.transpose<tf.Tensor3D>(tf.reshape(x, [x.shape[0], heads, size.key]), [1, 0, 2]));
  const products = (a: Dual<tf.Tensor3D>, b: Dual<tf.Tensor3D>) =>
    bilinearly(a, b, (a, b) => tf.matMul<tf.Tensor3D>(a, b));
  const keys = linearly(byHead(weightIn(pass, key)), (x) => tf.transpose<tf.Tensor3D>(x, [0, 2, 1]));
  /** [rows, heads * key] -> [rows, heads * width] */
  const asQuery = (x: Dual) =>
    linearly(products(byHead(x), keys), (y) =>
      tf.mul<tf.Tensor2D>(tf.reshape(tf.transpose(y, [1, 0, 2]), [y.shape[1], heads * width]), scale),
    );
  const outputs = weightIn(pass, output.weight);
  const outputsByHead = linearly(outputs, (x) => tf.reshape<tf.Rank.R3>(x, [heads, size.key, width]));
  const asRow = (x: Dual<tf.Tensor1D>) => linearly(x, (x) => tf.reshape<tf.Rank.R2>(x, [1, -1]));
  return {
    query: asQuery(weightIn(pass, query.weight)),
    queryBias: asQuery(asRow(weightIn(pass, query.bias))),
    output: linearly(products(byHead(weightIn(pass, value.weight)), outputsByHead), (x) =>
      tf.reshape<tf.Rank.R2>(x, [heads * width, width]),
    ),
    bias: plus(matMul(asRow(weightIn(pass, value.bias)), outputs), weightIn(pass, output.bias)),
  };
}

/** Adds the serving pass over `x` [batch * tokens, width]; returns the name of the output, of the same shape. */
export async function writeBlock(graph: OnnxGraph, scope: string, x: string, block: Block): Promise<string> {
  const { size, norm1, widen, narrow, norm2 } = block;
  const { width, heads } = size;
  const tokens = tokensOf(size);
  const weight = (name: 'query' | 'queryBias' | 'output' | 'bias') =>
    graph.derived(`${scope}.${name}`, () => project(block, SERVING)[name].value);
  const reshape = (name: string, from: string, shape: number[]) =>
    graph.node('Reshape', `${scope}.${name}`, [from, graph.integers(`${scope}.${name}.shape`, shape)]);
  const node = (type: string, name: string, inputs: string[], attributes = {}) =>
    graph.node(type, `${scope}.${name}`, inputs, attributes);

  const values = reshape('values', x, [-1, tokens, width]);
  const asked = node('Add', 'asked', [
    node('MatMul', 'unbiased', [x, await weight('query')]),
    await weight('queryBias'),
  ]);
  const queries = reshape('queries', asked, [-1, tokens * heads, width]);
  const keys = node('Transpose', 'keys', [values], { perm: [0, 2, 1] });
  const weights = node('Softmax', 'weights', [node('MatMul', 'scores', [queries, keys])], { axis: -1 });
  const picked = reshape('picked', node('MatMul', 'by-query', [weights, values]), [-1, heads * width]);
  const projected = node('MatMul', 'projected', [picked, await weight('output')]);
  const attended = node('Add', 'attended', [projected, await weight('bias')]);
  const norm = async (name: string, input: string, { gamma, beta }: LayerNorm) =>
    node(
      'LayerNormalization',
      name,
      [input, await graph.tensor(`${scope}.${name}.gamma`, gamma), await graph.tensor(`${scope}.${name}.beta`, beta)],
      { axis: -1, epsilon: LAYER_NORM_EPSILON },
    );
  const x1 = await norm('norm1', node('Add', 'sum1', [x, attended]), norm1);
  const widened = node('Relu', 'rectified', [await writeLinear(graph, `${scope}.widen`, x1, widen)]);
  const fed = await writeLinear(graph, `${scope}.narrow`, widened, narrow);
  return norm('norm2', node('Add', 'sum2', [x1, fed]), norm2);
}
