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

export function softmax(logits: readonly number[], temperature = 1): number[] {
  const top = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp((logit - top) / temperature));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  return exponentials.map((value) => value / sum);
}

/** Mean of -ln p(label), in nats. */
export function meanCrossEntropy(logits: readonly number[][], labels: ArrayLike<number>, temperature = 1): number {
  const losses = logits.map((row, i) => {
    const top = Math.max(...row);
    const sum = row.reduce((total, logit) => total + Math.exp((logit - top) / temperature), 0);
    return Math.log(sum) - (row[labels[i]!]! - top) / temperature;
  });
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}
