/** A trained backbone's answers, and what is computed of them outside TensorFlow.js. */
import * as tf from '@tensorflow/tfjs';
import type { Backbone } from './backbones/backbone.ts';
import type { FeatureTable } from './datasets/table.ts';

/** Of standardised rows; [rows][classes]. */
export async function predictLogits(backbone: Backbone, table: FeatureTable): Promise<number[][]> {
  const logits = tf.tidy(
    () => backbone.forward(tf.tensor2d(table.values, [table.labels.length, table.width]), false).logits,
  );
  const rows = (await logits.array()) as number[][];
  logits.dispose();
  return rows;
}

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
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}
