/**
 * Multi-head self-attention (Vaswani et al. 2017) with the projections of keys and values moved to the queries' and
 * the outputs' side: (x Wq)(x Wk)' = (x Wq Wk') x', and P (x Wv) Wo = (P x) Wv Wo. All heads of a window then share
 * the keys and the values x, and a window's heads are one matrix product instead of one a head: the batched product is
 * several times slower on WebAssembly. A bias of the keys would add the same to all scores of a query and not
 * change the softmax.
 */
import * as tf from '@tensorflow/tfjs';
import { stepsOf, withGradient } from '../../tf/layers.ts';
import type { Dual } from './dual.ts';

/** The four projections, combined into three matrices. */
export interface Projections<T = Dual> {
  /** Wq Wk' / sqrt(key) of head after head, [width, heads * width] */
  readonly query: T;
  /** bq Wk' / sqrt(key), [1, heads * width] */
  readonly queryBias: T;
  /** Wv Wo of head under head, [heads * width, width] */
  readonly output: T;
}

/** x [windows * tokens, width] -> [windows * tokens, width]; tokens attend to tokens of their own window. */
export function attention(x: Dual, { query, queryBias, output }: Projections, tokens: number): Dual {
  const value = attend(tokens)(x.value, query.value, queryBias.value, output.value);
  const moves = [x, query, queryBias, output].some(({ tangent }) => tangent !== null);
  if (!moves) return { value, tangent: null };
  const movement = ({ value, tangent }: Dual) => tangent ?? tf.zerosLike(value);
  return {
    value,
    tangent: tangentOf(
      { x: x.value, query: query.value, queryBias: queryBias.value, output: output.value },
      { x: movement(x), query: movement(query), queryBias: movement(queryBias), output: movement(output) },
      tokens,
    ),
  };
}

interface Operands extends Projections<tf.Tensor2D> {
  readonly x: tf.Tensor2D;
}

const attend = (tokens: number) =>
  withGradient((x: tf.Tensor2D, query: tf.Tensor2D, queryBias: tf.Tensor2D, output: tf.Tensor2D) => {
    const asked = windowsOf(x, tokens).map((x) => ask({ x, query, queryBias, output }));
    const picked = tf.concat(asked.map(({ picked }) => picked));
    return {
      value: tf.matMul<tf.Tensor2D>(picked, output),
      kept: [x, query, queryBias, output, picked, ...asked.map(({ weights }) => weights)],
      gradient: (dy: tf.Tensor2D, kept: tf.Tensor[]) => attendGradient(dy, kept as tf.Tensor2D[], tokens),
    };
  });

/** Of one window: weights [tokens * heads, tokens] and the weighted sums [tokens, heads * width]. */
function ask({ x, query, queryBias }: Operands) {
  const [tokens, width] = x.shape;
  const queries = tf.reshape<tf.Rank.R2>(tf.add(tf.matMul(x, query), queryBias), [-1, width]);
  const weights = tf.softmax<tf.Tensor2D>(tf.matMul(queries, tf.transpose(x)));
  return { queries, weights, picked: tf.reshape<tf.Rank.R2>(tf.matMul(weights, x), [tokens, -1]) };
}

function attendGradient(dy: tf.Tensor2D, kept: readonly tf.Tensor2D[], tokens: number): tf.Tensor2D[] {
  const [x, query, queryBias, output, picked] = kept as [
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  const weights = kept.slice(5);
  const width = x.shape[1];
  const back = tf.transpose(output);
  const dys = windowsOf(dy, tokens);
  const perWindow = windowsOf(x, tokens).map((x, w) => {
    const p = weights[w]!;
    const dPicked = tf.reshape<tf.Rank.R2>(tf.matMul(dys[w]!, back), [-1, width]);
    const dWeights = tf.matMul<tf.Tensor2D>(dPicked, tf.transpose(x));
    const dScores = tf.mul<tf.Tensor2D>(p, tf.sub(dWeights, tf.sum(tf.mul(dWeights, p), 1, true)));
    const queries = tf.reshape<tf.Rank.R2>(tf.add(tf.matMul(x, query), queryBias), [-1, width]);
    const dAsValue = tf.matMul<tf.Tensor2D>(tf.transpose(p), dPicked);
    const dAsKey = tf.matMul<tf.Tensor2D>(tf.transpose(dScores), queries);
    return {
      dx: tf.add(dAsValue, dAsKey),
      dQueries: tf.reshape<tf.Rank.R2>(tf.matMul(dScores, x), [tokens, -1]),
    };
  });
  const dQueries = tf.concat(perWindow.map(({ dQueries }) => dQueries));
  const dx = tf.add<tf.Tensor2D>(tf.concat(perWindow.map(({ dx }) => dx)), tf.matMul(dQueries, tf.transpose(query)));
  return [
    dx,
    tf.matMul(tf.transpose(x), dQueries),
    tf.sum<tf.Tensor2D>(dQueries, 0, true),
    tf.matMul(tf.transpose(picked), dy),
  ];
}

/** d/dt at 0 of the attention of (at + t direction). */
function tangentOf(at: Operands, direction: Operands, tokens: number): tf.Tensor2D {
  const { query, queryBias, output } = at;
  const moving = windowsOf(direction.x, tokens);
  const parts = windowsOf(at.x, tokens).map((x, w) => {
    const dx = moving[w]!;
    const width = x.shape[1];
    const { queries, weights, picked } = ask({ x, query, queryBias, output });
    const dQueries = tf.reshape<tf.Rank.R2>(
      tf.addN([tf.matMul(dx, query), tf.matMul(x, direction.query), tf.tile(direction.queryBias, [tokens, 1])]),
      [-1, width],
    );
    const dScores = tf.add(tf.matMul(dQueries, tf.transpose(x)), tf.matMul(queries, tf.transpose(dx)));
    const dWeights = tf.mul<tf.Tensor2D>(weights, tf.sub(dScores, tf.sum(tf.mul(weights, dScores), 1, true)));
    const dPicked = tf.add(tf.matMul(dWeights, x), tf.matMul(weights, dx));
    return tf.add<tf.Tensor2D>(
      tf.matMul(tf.reshape<tf.Rank.R2>(dPicked, [tokens, -1]), output),
      tf.matMul(picked, direction.output),
    );
  });
  return tf.concat(parts);
}

/**
 * [windows * tokens, d] -> [tokens, d] for each window. Works on a copy: TensorFlow.js' WebAssembly product caches its
 * preparation of a right operand by memory address, and would read past the end where the same memory has two shapes.
 */
function windowsOf(x: tf.Tensor2D, tokens: number): tf.Tensor2D[] {
  return stepsOf(tf.add(x, 0), x.shape[0] / tokens);
}
