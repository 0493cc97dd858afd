import * as tf from '@tensorflow/tfjs';
import { withGradient } from './layers.ts';

/** The same values without a gradient. */
export function detach<T extends tf.Tensor>(x: T): T {
  return copied(x) as T;
}

/** `f` without a gradient to any operand; it may use operations that have none, such as argMax. */
export function detached<Operands extends tf.Tensor[], T extends tf.Tensor>(
  f: (...operands: Operands) => T,
): (...operands: Operands) => T {
  return withGradient((...operands: Operands) => ({
    value: f(...operands),
    kept: [],
    gradient: () => operands.map(({ shape }) => tf.zeros(shape)),
  }));
}

const copied = detached((x: tf.Tensor) => x.clone());
