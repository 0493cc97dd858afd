/** AdamW (Loshchilov & Hutter 2019, "Decoupled weight decay regularization"), with PyTorch's defaults. */
import * as tf from '@tensorflow/tfjs';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

interface Moments {
  readonly parameter: tf.Variable;
  readonly first: tf.Variable;
  readonly second: tf.Variable;
}

export class AdamW {
  readonly #moments: readonly Moments[];
  readonly #weightDecay: number;
  #steps = 0;

  constructor(parameters: readonly tf.Variable[], weightDecay: number) {
    this.#weightDecay = weightDecay;
    this.#moments = tf.tidy(() =>
      parameters.map((parameter) => ({
        parameter,
        first: tf.variable(tf.zerosLike(parameter), false),
        second: tf.variable(tf.zerosLike(parameter), false),
      })),
    );
  }

  /** One step; `gradients` are keyed by the parameters' names, as tf.variableGrads gives them. */
  step(gradients: tf.NamedTensorMap, learningRate: number): void {
    this.#steps++;
    const unbias1 = 1 - BETA1 ** this.#steps;
    const unbias2 = 1 - BETA2 ** this.#steps;
    for (const { parameter, first, second } of this.#moments) {
      tf.tidy(() => {
        const gradient = gradients[parameter.name]!;
        first.assign(tf.add(tf.mul(first, BETA1), tf.mul(gradient, 1 - BETA1)));
        second.assign(tf.add(tf.mul(second, BETA2), tf.mul(tf.square(gradient), 1 - BETA2)));
        const scale = tf.add(tf.sqrt(tf.div(second, unbias2)), EPSILON);
        const move = tf.div(tf.mul(first, learningRate / unbias1), scale);
        parameter.assign(tf.sub(tf.mul(parameter, 1 - learningRate * this.#weightDecay), move));
      });
    }
  }

  dispose(): void {
    for (const { first, second } of this.#moments) tf.dispose([first, second]);
  }
}
