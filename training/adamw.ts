import * as tf from '@tensorflow/tfjs';
import type { Optimiser } from './optimiser.ts';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

interface Moments {
  readonly parameter: tf.Variable;
  readonly first: tf.Variable;
  readonly second: tf.Variable;
}

/**
 * AdamW (Loshchilov & Hutter 2019, "Decoupled weight decay regularization"), with PyTorch's defaults. A parameter
 * without a gradient doesn't decay either, and the bias of its moments is corrected by its own steps.
 */
export class AdamW implements Optimiser {
  readonly memory: readonly tf.Variable[];
  readonly steps: number[];
  readonly #moments: readonly Moments[];
  readonly #weightDecay: number;

  constructor(parameters: readonly tf.Variable[], weightDecay: number) {
    this.#weightDecay = weightDecay;
    this.#moments = tf.tidy(() =>
      parameters.map((parameter) => ({
        parameter,
        first: tf.variable(tf.zerosLike(parameter), false),
        second: tf.variable(tf.zerosLike(parameter), false),
      })),
    );
    this.memory = this.#moments.flatMap(({ first, second }) => [first, second]);
    this.steps = parameters.map(() => 0);
  }

  step(gradients: tf.NamedTensorMap, learningRate: number): void {
    for (const [i, { parameter, first, second }] of this.#moments.entries()) {
      const gradient = gradients[parameter.name];
      if (gradient === undefined) continue;
      const step = ++this.steps[i]!;
      const unbias1 = 1 - BETA1 ** step;
      const unbias2 = 1 - BETA2 ** step;
      tf.tidy(() => {
        first.assign(tf.add(tf.mul(first, BETA1), tf.mul(gradient, 1 - BETA1)));
        second.assign(tf.add(tf.mul(second, BETA2), tf.mul(tf.square(gradient), 1 - BETA2)));
        const scale = tf.add(tf.sqrt(tf.div(second, unbias2)), EPSILON);
        const move = tf.div(tf.mul(first, learningRate / unbias1), scale);
        parameter.assign(tf.sub(tf.mul(parameter, 1 - learningRate * this.#weightDecay), move));
      });
    }
  }

  dispose(): void {
    tf.dispose(this.memory as tf.Variable[]);
  }
}
