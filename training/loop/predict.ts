/** A trained backbone's outputs for a table, and what is computed from logits without TensorFlow.js. */
import * as tf from '@tensorflow/tfjs';
import { mean } from '../../src/dsp/moments.ts';
import type { Activations, Backbone } from '../backbones/backbone.ts';
import type { FeatureTable } from '../datasets/table.ts';
import type { Vectors } from './batch.ts';

/** A backbone's activations for a table, row for row. */
export type TableActivations = Readonly<Record<keyof Activations, Vectors>>;

/** Rows at once. Larger chunks are not faster, and a recurrent backbone's states take some 100 KB a row. */
const CHUNK = 1024;

/** Activations of standardised rows in the serving pass; for a table without rows all widths are 0. */
export function activationsOf(backbone: Backbone, table: FeatureTable): Promise<TableActivations> {
  return predict(backbone, table, ['hidden', 'embedding', 'logits']);
}

/** Logits [rows][classes] of standardised rows in the serving pass. */
export async function predictLogits(backbone: Backbone, table: FeatureTable): Promise<number[][]> {
  const { width, values } = (await predict(backbone, table, ['logits'])).logits;
  return Array.from({ length: table.labels.length }, (_, row) => [...values.subarray(row * width, (row + 1) * width)]);
}

async function predict<Kind extends keyof Activations>(
  backbone: Backbone,
  table: FeatureTable,
  kinds: readonly Kind[],
): Promise<Record<Kind, Vectors>> {
  const rows = table.labels.length;
  const none: Vectors = { width: 0, values: new Float32Array() };
  const predictions = Object.fromEntries(kinds.map((kind) => [kind, none])) as Record<Kind, Vectors>;
  for (let start = 0; start < rows; start += CHUNK) {
    const end = Math.min(start + CHUNK, rows);
    const outputs = tf.tidy(() => {
      const chunk = table.values.subarray(start * table.width, end * table.width);
      const activations = backbone.forward(tf.tensor2d(chunk, [end - start, table.width]), false);
      return kinds.map((kind) => activations[kind]);
    });
    const chunks = await Promise.all(outputs.map((output) => output.data()));
    for (const [i, kind] of kinds.entries()) {
      const width = outputs[i]!.shape[1];
      if (start === 0) predictions[kind] = { width, values: new Float32Array(rows * width) };
      predictions[kind].values.set(chunks[i]!, start * width);
    }
    tf.dispose(outputs);
  }
  return predictions;
}

/** ln softmax(logits / temperature) */
export function logSoftmax(logits: readonly number[], temperature = 1): number[] {
  const scaled = logits.map((logit) => logit / temperature);
  const top = Math.max(...scaled);
  const total = top + Math.log(scaled.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  return scaled.map((logit) => logit - total);
}

export function softmax(logits: readonly number[], temperature = 1): number[] {
  return logSoftmax(logits, temperature).map(Math.exp);
}

/** Mean of -ln p(label), in nats. */
export function meanCrossEntropy(logits: readonly number[][], labels: ArrayLike<number>): number {
  const losses = logits.map((row, i) => -logSoftmax(row)[labels[i]!]!);
  return mean(losses);
}
