import type * as tf from '@tensorflow/tfjs';

export interface Optimiser {
  /** Updates the parameters that have a gradient (by name, as tf.variableGrads returns them); others are unchanged. */
  step(gradients: tf.NamedTensorMap, learningRate: number): void;
  /** State from earlier steps, such as moments. */
  readonly memory: readonly tf.Variable[];
  /** Number of steps of each parameter; set when a run is resumed. */
  readonly steps: number[];
  dispose(): void;
}
