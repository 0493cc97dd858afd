/** What every optimiser must do, against the numbers of test/golden/make_optimisers.py. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { startBackend } from '../../training/tf/backend.ts';
import type { Optimiser } from '../../training/tf/optimiser.ts';

type Numbers = number | readonly Numbers[];
interface Golden {
  readonly rates: readonly number[];
  readonly start: Record<string, Numbers>;
  /** Per parameter and step; null where it has no gradient. */
  readonly gradients: Record<string, readonly (Numbers | null)[]>;
  /** Per optimiser, parameter and step. */
  readonly after: Record<string, Record<string, readonly Numbers[]>>;
}
const golden: Golden = JSON.parse(readFileSync(new URL('../golden/optimisers.json', import.meta.url), 'utf8'));
const names = Object.keys(golden.start);

class Run {
  readonly parameters = tf.tidy(() => names.map((name) => tf.variable(tf.tensor(golden.start[name] as number[]))));
  readonly optimiser: Optimiser;

  constructor(create: (parameters: tf.Variable[]) => Optimiser) {
    this.optimiser = create(this.parameters);
  }

  step(step: number): void {
    tf.tidy(() => {
      const gradients: tf.NamedTensorMap = {};
      for (const [i, { name }] of this.parameters.entries()) {
        const gradient = golden.gradients[names[i]!]![step]!;
        if (gradient !== null) gradients[name] = tf.tensor(gradient as number[]);
      }
      this.optimiser.step(gradients, golden.rates[step]!);
    });
  }

  values(): number[][] {
    return this.parameters.map((parameter) => [...parameter.dataSync()]);
  }

  dispose(): void {
    this.optimiser.dispose();
    tf.dispose(this.parameters);
  }
}

export function itIsTheOptimiser(name: string, create: (parameters: tf.Variable[]) => Optimiser): void {
  beforeAll(async () => {
    await startBackend(['wasm']);
  });

  it('makes the steps of the reference, and none of a parameter without a gradient', () => {
    const run = new Run(create);
    for (const step of golden.rates.keys()) {
      run.step(step);
      for (const [i, values] of run.values().entries()) {
        const expected = tf.util.flatten(golden.after[name]![names[i]!]![step] as number[]);
        for (const [k, value] of values.entries()) expect(value, `${names[i]} ${step}`).toBeCloseTo(expected[k]!, 6);
      }
    }
    expect(run.optimiser.steps).toEqual(names.map((name) => golden.gradients[name]!.filter((g) => g !== null).length));
    run.dispose();
  });

  it('is resumed from its memory and steps to the same values, bit for bit', () => {
    const whole = new Run(create);
    for (const step of golden.rates.keys()) whole.step(step);
    const first = new Run(create);
    first.step(0);
    first.step(1);
    const second = new Run(create);
    for (const [i, parameter] of second.parameters.entries()) parameter.assign(first.parameters[i]!);
    for (const [i, variable] of second.optimiser.memory.entries()) variable.assign(first.optimiser.memory[i]!);
    for (const [i, steps] of first.optimiser.steps.entries()) second.optimiser.steps[i] = steps;
    for (const step of [2, 3, 4]) second.step(step);
    expect(second.values()).toEqual(whole.values());
    for (const run of [whole, first, second]) run.dispose();
  });

  it('keeps nothing but its memory, and frees that', () => {
    const before = tf.memory().numTensors;
    const run = new Run(create);
    run.step(0);
    const during = tf.memory().numTensors;
    for (const step of [1, 2, 3, 4]) run.step(step);
    expect(tf.memory().numTensors).toBe(during);
    run.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
}
