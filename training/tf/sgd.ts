import * as tf from '@tensorflow/tfjs';
import type { Optimiser } from './optimiser.ts';

/** Stochastic gradient descent with momentum as in PyTorch: v <- m v + g, w <- w - rate v. */
export class Sgd implements Optimiser {
  /** The velocity of each parameter. */
  readonly memory: readonly tf.Variable[];
  readonly steps: number[];
  readonly #parameters: readonly tf.Variable[];
  readonly #momentum: number;

  constructor(parameters: readonly tf.Variable[], momentum = 0.9) {
    this.#parameters = parameters;
    this.#momentum = momentum;
    this.memory = tf.tidy(() => parameters.map((parameter) => tf.variable(tf.zerosLike(parameter), false)));
    this.steps = parameters.map(() => 0);
  }

  step(gradients: tf.NamedTensorMap, learningRate: number): void {
    for (const [i, parameter] of this.#parameters.entries()) {
      const gradient = gradients[parameter.name];
      if (gradient === undefined) continue;
      const velocity = this.memory[i]!;
      this.steps[i]!++;
      tf.tidy(() => {
        velocity.assign(tf.add(tf.mul(velocity, this.#momentum), gradient));
        parameter.assign(tf.sub(parameter, tf.mul(velocity, learningRate)));
      });
    }
  }

  dispose(): void {
    tf.dispose(this.memory as tf.Variable[]);
  }
}
