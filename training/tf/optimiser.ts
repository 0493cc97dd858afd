import type * as tf from '@tensorflow/tfjs';

export interface Optimiser {
  /** One step over the parameters that have a gradient (by name, as tf.variableGrads gives them); others stay as they are. */
  step(gradients: tf.NamedTensorMap, learningRate: number): void;
  /** What it remembers of the steps before. */
  readonly memory: readonly tf.Variable[];
  /** Steps that each parameter has made; a run that is taken up again sets them. */
  readonly steps: number[];
  dispose(): void;
}
