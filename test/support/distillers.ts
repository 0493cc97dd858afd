/** Small students and teachers, and steps in which a distiller's loss alone trains. */
import * as tf from '@tensorflow/tfjs';
import { Random } from '../../src/random.ts';
import type { Activations } from '../../training/backbones/backbone.ts';
import { createLinear } from '../../training/backbones/parts.ts';
import type { DistillBatch, Distiller, DistillerContext, Widths } from '../../training/distillers/distiller.ts';
import {
  createDistiller,
  DISTILLER_NAMES,
  type DistillerConfig,
  type DistillerName,
  distillerSchema,
} from '../../training/distillers/index.ts';
import { withoutGated } from '../../training/loop/gated.ts';
import { AdamW } from '../../training/tf/adamw.ts';
import { linear } from '../../training/tf/layers.ts';
import { oneHot } from './contrast.ts';

export const CLASSES = 3;
/** The distillers with a distillation loss. */
export const TEACHING = DISTILLER_NAMES.filter((name) => name !== 'none' && name !== 'fusion');
export const WIDE: Widths = { hidden: 9, embedding: 7 };
export const NARROW: Widths = { hidden: 6, embedding: 5 };

/** Labels 0, 1, 2 in turn. */
export const labelsOf = (rows: number) => Int32Array.from({ length: rows }, (_, row) => row % CLASSES);
export const allRows = (rows: number) => Int32Array.from({ length: rows }, (_, row) => row);

export function normal(shape: [number, number], random: Random): tf.Tensor2D {
  return tf.tensor2d(
    Float32Array.from({ length: shape[0] * shape[1] }, () => random.normal()),
    shape,
  );
}

/** Activations of a teacher that is right on every row except those of `wrong`. */
export function teacherOf(labels: Int32Array, widths: Widths, wrong: readonly number[] = []): Activations {
  const random = new Random('teacher');
  const believed = labels.map((label, row) => (wrong.includes(row) ? (label + 1) % CLASSES : label));
  const signal = (width: number) =>
    tf.matMul<tf.Tensor2D>(oneHot([...labels], CLASSES), normal([CLASSES, width], random));
  const feature = (width: number) =>
    tf.add<tf.Tensor2D>(signal(width), tf.mul(normal([labels.length, width], random), 0.5));
  return {
    hidden: feature(widths.hidden),
    embedding: feature(widths.embedding),
    logits: tf.mul(oneHot([...believed], CLASSES), 3),
  };
}

/** From `inputs` values to activations; two hidden layers. */
export function studentOf(inputs: number, widths: Widths, random: Random) {
  const layers = [
    createLinear(inputs, widths.hidden, random),
    createLinear(widths.hidden, widths.embedding, random),
    createLinear(widths.embedding, CLASSES, random),
  ] as const;
  return {
    parameters: layers.flatMap(({ weight, bias }) => [weight, bias]) as tf.Variable[],
    forward(x: tf.Tensor2D): Activations {
      const hidden = tf.tanh(linear(x, layers[0].weight, layers[0].bias));
      const embedding = tf.tanh(linear(hidden, layers[1].weight, layers[1].bias));
      return { hidden, embedding, logits: linear(embedding, layers[2].weight, layers[2].bias) };
    },
  };
}

export const configOf = (config: Partial<DistillerConfig> = {}): DistillerConfig => distillerSchema.parse(config);

/** Context of 24 rows in three classes by default. */
export function contextOf(change: Partial<DistillerContext> = {}): DistillerContext {
  return {
    student: NARROW,
    teacher: WIDE,
    labels: labelsOf(24),
    config: configOf(),
    random: new Random('distiller'),
    ...change,
  };
}

export async function teachingDistiller(name: DistillerName, context: DistillerContext): Promise<Distiller> {
  const distiller = await createDistiller(name, context);
  if (distiller === null) throw new Error(`${name} has no loss`);
  return distiller;
}

export const numberOf = (scalar: tf.Scalar) => scalar.dataSync()[0]!;

/** The loss of one batch and its gradients, as a training step has them. */
export function gradientsOf(
  distiller: Distiller,
  student: { readonly parameters: readonly tf.Variable[]; forward(): Activations },
  batch: Omit<DistillBatch, 'student'>,
) {
  return tf.tidy(() =>
    tf.variableGrads(
      () => distiller.loss({ ...batch, student: student.forward() }),
      [...student.parameters, ...distiller.parameters],
    ),
  );
}

/** Trains over all rows with the distillation loss only; returns the losses and the final parameters. */
export async function train(
  name: DistillerName,
  {
    steps,
    rate,
    seed = 1,
    context = {},
  }: { steps: number; rate: number; seed?: number; context?: Partial<DistillerContext> },
) {
  const { labels, ...rest } = contextOf({ random: new Random(seed, 'distiller'), ...context });
  const distiller = await teachingDistiller(name, { labels, ...rest });
  const network = studentOf(8, rest.student, new Random(seed, 'student'));
  const x = normal([labels.length, 8], new Random('x'));
  const batch = {
    rows: allRows(labels.length),
    labels: oneHot([...labels], CLASSES),
    teacher: teacherOf(labels, rest.teacher, [4, 11]),
  };
  const optimiser = new AdamW([...network.parameters, ...distiller.parameters], 0);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { value, grads } = gradientsOf(
      distiller,
      { parameters: network.parameters, forward: () => network.forward(x) },
      { ...batch, random: new Random(seed, 'step', step) },
    );
    optimiser.step(await withoutGated(grads, distiller.gated), rate);
    losses.push(numberOf(value));
    tf.dispose([value, ...Object.values(grads)]);
  }
  const parameters = [...network.parameters, ...distiller.parameters].map((variable) => [...variable.dataSync()]);
  distiller.dispose();
  optimiser.dispose();
  return { losses, parameters };
}
