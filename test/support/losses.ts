import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';

export type Numbers = number | readonly Numbers[];

/** One case of the oracle's losses.json or of test/golden/losses.json. */
export interface LossCase {
  readonly name: string;
  readonly params: Record<string, number>;
  readonly inputs: Record<string, Numbers>;
  readonly expected: { readonly loss: number; readonly grad: Record<string, Numbers> } & Record<string, unknown>;
}

export function readCases(path: string | URL): LossCase[] {
  return (JSON.parse(readFileSync(path, 'utf8')) as { cases: LossCase[] }).cases;
}

export function findCase(cases: readonly LossCase[], name: string): LossCase {
  const found = cases.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
}

export const tensor = (values: unknown, shape?: number[]) => tf.tensor(values as number[], shape);
export const tensor2d = (values: unknown) => tf.tensor2d(values as number[][]);

/** What float32 is asked for, relative to the largest number of a tensor. */
const TOLERANCE = 1e-5;

export function expectNear(actual: tf.Tensor, expected: unknown, what: string, tolerance = TOLERANCE): void {
  const wanted = [expected].flat(Number.POSITIVE_INFINITY) as number[];
  const got = Array.from(actual.dataSync());
  expect(got.length, what).toBe(wanted.length);
  const scale = Math.max(...wanted.map(Math.abs));
  const error = Math.max(...wanted.map((value, i) => Math.abs(value - got[i]!)));
  expect(Number.isFinite(error) && error <= tolerance * scale, `${what}: ${error / scale} relative`).toBe(true);
}

/** Value and gradients of `loss`, whose operands are `inputs` by the names that `expected.grad` uses. */
export function expectLoss(
  loss: (...operands: tf.Tensor[]) => tf.Scalar,
  { name, inputs, expected }: LossCase,
  shape?: Record<string, number[]>,
): void {
  const names = Object.keys(expected.grad);
  const operands = names.map((key) => tensor(inputs[key], shape?.[key]));
  const { value, grads } = tf.valueAndGrads(loss)(operands);
  expectNear(value, expected.loss, `${name}: loss`);
  for (const [i, key] of names.entries()) expectNear(grads[i]!, expected.grad[key], `${name}: gradient of ${key}`);
}
