/** CMCRD in the textbook's form, which gathers the negatives of each sample: what ours is measured against. On wasm. */
import * as tf from '@tensorflow/tfjs';
import { certaintyWeights } from '../../training/distillers/contrast/certainty-weights.ts';
import { TEMPERATURE } from '../../training/distillers/contrast/contrast.ts';
import { createContrastive } from '../../training/distillers/contrast/contrastive.ts';
import type { MemoryBank } from '../../training/distillers/contrast/memory-bank.ts';
import type { Drawn } from '../../training/distillers/contrast/negatives.ts';
import type { Distiller, DistillerContext } from '../../training/distillers/distiller.ts';
import { detached } from '../../training/tf/detach.ts';
import { withGradient } from '../../training/tf/layers.ts';

const WEIGHT = 0.02;
const MOMENTUM = 0.05;
const EPSILON = 1e-7;

/** The form `stable` without guidance sets: mean over the batch of -W l(x), on both sides. Same draws, same numbers. */
export function createGathering(context: DistillerContext): Distiller {
  return createContrastive(context, MOMENTUM, ({ student, teacher, drawn }, banks, { teacher: { logits } }) => {
    const weights = certaintyWeights(tf.softmax(logits) as tf.Tensor2D);
    const indices = indicesOf(drawn);
    const bounds = tf.add(
      boundBy(banks.teacher, indices, drawn)(student),
      boundBy(banks.student, indices, drawn)(teacher),
    );
    banks.student.update(drawn.rows, banks.student.at(drawn.rows), student);
    banks.teacher.update(drawn.rows, banks.teacher.at(drawn.rows), teacher);
    return tf.mul(tf.neg(tf.mean(tf.mul(bounds, weights))), WEIGHT);
  });
}

/** [B, K + 1]: each sample itself, then its negatives. */
function indicesOf({ rows, counts, perSample }: Drawn): tf.Tensor2D {
  const own = rows.dataSync();
  const times = counts.dataSync();
  const indices = new Int32Array(own.length * (perSample + 1));
  for (const [i, row] of own.entries()) {
    let at = i * (perSample + 1);
    indices[at++] = row;
    for (let j = 0; j < counts.shape[0]; j++) {
      for (let left = times[j * own.length + i]!; left > 0; left--) indices[at++] = j;
    }
  }
  return tf.tensor2d(indices, [own.length, perSample + 1], 'int32');
}

/** l(x) of features [B, d] -> [B], term by term as in CMCRD's equations 7-10. */
const boundBy = (bank: MemoryBank, indices: tf.Tensor2D, { perSample }: Drawn) =>
  withGradient((features: tf.Tensor2D) => {
    const b = perSample / bank.samples;
    // [B, K + 1, d]
    const gathered = tf.gather(bank.features as tf.Tensor2D, indices) as unknown as tf.Tensor3D;
    const products = tf.mul(gathered, tf.expandDims(tf.div(features, TEMPERATURE), 1));
    const scores = tf.exp(tf.sum(products, 2));
    products.dispose();
    if (bank.logZ === null) bank.freezeZ(tf.log(tf.mul(tf.mean(scores), bank.samples)));
    const x = tf.div(scores, tf.exp(bank.logZ!));
    const isOwn = detached(() => tf.oneHot(tf.zeros([features.shape[0]], 'int32'), perSample + 1))();
    const terms = tf.log(tf.div(tf.where(tf.cast(isOwn, 'bool'), x, b), tf.add(x, b + EPSILON)));
    const byScore = tf.sub(isOwn, tf.div(x, tf.add(x, b + EPSILON)));
    const slope = tf.sum(tf.mul(gathered, tf.expandDims(byScore, 2)), 1);
    return {
      value: tf.sum<tf.Tensor1D>(terms, 1),
      kept: [tf.div(slope, TEMPERATURE)],
      gradient: (dy: tf.Tensor1D, [slope]: tf.Tensor[]) => [tf.mul(slope!, tf.expandDims(dy, 1))],
    };
  });
