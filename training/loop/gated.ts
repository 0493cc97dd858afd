import * as tf from '@tensorflow/tfjs';

/**
 * A step's gradients without those of `gated` parameters that are all zeros. If every row of a batch is gated, a
 * parameter has no gradient; an optimiser would treat zeros as a gradient and decay it. The caller disposes of all
 * `gradients`, including those left out.
 */
export async function withoutGated(
  gradients: tf.NamedTensorMap,
  gated: readonly tf.Variable[] = [],
): Promise<tf.NamedTensorMap> {
  const names = gated.map(({ name }) => name).filter((name) => name in gradients);
  if (names.length === 0) return gradients;
  // One read for all of them, because on a GPU each read waits for the step.
  const counts = tf.tidy(() => tf.stack(names.map((name) => tf.sum(tf.notEqual(gradients[name]!, 0)))));
  const moving = await counts.data();
  counts.dispose();
  const still = new Set(names.filter((_, i) => moving[i] === 0));
  return Object.fromEntries(Object.entries(gradients).filter(([name]) => !still.has(name)));
}
