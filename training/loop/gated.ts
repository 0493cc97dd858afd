import * as tf from '@tensorflow/tfjs';

/**
 * A step's gradients without those of `gated` parameters that are zero throughout: where every row of a batch is gated,
 * a parameter has no gradient, and an optimiser must not take the zeros for one, which would decay it. The gradients
 * left out are in `gradients` still, for the caller to dispose.
 */
export async function withoutGated(
  gradients: tf.NamedTensorMap,
  gated: readonly tf.Variable[] = [],
): Promise<tf.NamedTensorMap> {
  const names = gated.map(({ name }) => name).filter((name) => name in gradients);
  if (names.length === 0) return gradients;
  // One read for all of them: on a GPU each would wait for the step.
  const counts = tf.tidy(() => tf.stack(names.map((name) => tf.sum(tf.notEqual(gradients[name]!, 0)))));
  const moving = await counts.data();
  counts.dispose();
  const still = new Set(names.filter((_, i) => moving[i] === 0));
  return Object.fromEntries(Object.entries(gradients).filter(([name]) => !still.has(name)));
}
