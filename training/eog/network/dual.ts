/**
 * Forward-mode differentiation beside TensorFlow.js' reverse mode: a value with its derivative along one direction of
 * the weights (a Jacobian-vector product). `tangent` is null where no derivative is taken or the value does not
 * depend on the direction; then it costs nothing. The rules are those of Griewank & Walther 2008, "Evaluating derivatives", chapter
 * 3.
 */
import * as tf from '@tensorflow/tfjs';
import { linear, product } from '../../tf/layers.ts';

export interface Dual<T extends tf.Tensor = tf.Tensor2D> {
  readonly value: T;
  readonly tangent: T | null;
}

/** A value that does not depend on the weights. */
export function constant<T extends tf.Tensor>(value: T): Dual<T> {
  return { value, tangent: null };
}

/** f must be linear: a change of shape, a sum, a product with a constant. */
export function linearly<A extends tf.Tensor, B extends tf.Tensor>(x: Dual<A>, f: (x: A) => B): Dual<B> {
  return { value: f(x.value), tangent: x.tangent && f(x.tangent) };
}

/** f must be linear in either operand. */
export function bilinearly<A extends tf.Tensor, B extends tf.Tensor, C extends tf.Tensor>(
  a: Dual<A>,
  b: Dual<B>,
  f: (a: A, b: B) => C,
): Dual<C> {
  return {
    value: f(a.value, b.value),
    tangent: sumOf(a.tangent && f(a.tangent, b.value), b.tangent && f(a.value, b.tangent)),
  };
}

/** y = f(x), entry by entry; `slope` is dy/dx. */
export function pointwise<T extends tf.Tensor>(x: Dual<T>, f: (x: T) => T, slope: (x: T, y: T) => tf.Tensor): Dual<T> {
  const value = f(x.value);
  return { value, tangent: x.tangent && tf.mul<T>(x.tangent, slope(x.value, value)) };
}

/** Shapes as tf.add takes them. */
export function plus<T extends tf.Tensor>(a: Dual<T>, b: Dual<tf.Tensor>): Dual<T> {
  return {
    value: tf.add<T>(a.value, b.value),
    // A tangent has its value's shape, even if only the other operand has a tangent.
    tangent: sumOf(a.tangent, b.tangent && tf.add<T>(tf.zerosLike(a.value), b.tangent)),
  };
}

/** Shapes as tf.mul takes them, the result of a's. */
export function times<T extends tf.Tensor>(a: Dual<T>, b: Dual<tf.Tensor>): Dual<T> {
  return bilinearly(a, b, (x, y) => tf.mul<T>(x, y));
}

/** [m, k] x [k, n] */
export function matMul(a: Dual, b: Dual): Dual {
  return bilinearly(a, b, product);
}

/** x W + b: x [rows, in], W [in, out], b [out] */
export function affine(x: Dual, weight: Dual, bias: Dual<tf.Tensor1D>): Dual {
  const moved = sumOf(
    x.tangent && tf.matMul<tf.Tensor2D>(x.tangent, weight.value),
    weight.tangent && tf.matMul<tf.Tensor2D>(x.value, weight.tangent),
  );
  const value = linear(x.value, weight.value, bias.value);
  return { value, tangent: bias.tangent ? tf.add(moved ?? tf.zerosLike(value), bias.tangent) : moved };
}

export function relu(x: Dual): Dual {
  return pointwise(x, tf.relu, (_, y) => tf.step(y));
}

/** x / (1 + |x|) */
export function softsign(x: Dual): Dual {
  return pointwise(
    x,
    (x) => tf.div(x, tf.add(1, tf.abs(x))),
    (x) => tf.square(tf.reciprocal(tf.add(1, tf.abs(x)))),
  );
}

export function concat(parts: readonly Dual[], axis: number): Dual {
  const join = (tensors: readonly tf.Tensor2D[]) => tf.concat([...tensors], axis);
  const moves = parts.some(({ tangent }) => tangent !== null);
  return {
    value: join(parts.map(({ value }) => value)),
    tangent: moves ? join(parts.map(({ value, tangent }) => tangent ?? tf.zerosLike(value))) : null,
  };
}

function sumOf<T extends tf.Tensor>(a: T | null, b: T | null): T | null {
  if (a === null || b === null) return a ?? b;
  return tf.add<T>(a, b);
}
