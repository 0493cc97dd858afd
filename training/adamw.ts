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
    tf.tidy(() => {
      // Numbers become tensors once a step, not once a parameter: most parameters are so small that calls cost most.
      const [beta1, rest1, beta2, rest2] = [BETA1, 1 - BETA1, BETA2, 1 - BETA2].map((value) => tf.scalar(value));
      const kept = tf.scalar(1 - learningRate * this.#weightDecay);
      const unbiased = new Map<number, Unbiased>();
      for (const [i, { parameter, first, second }] of this.#moments.entries()) {
        const gradient = gradients[parameter.name];
        if (gradient === undefined) continue;
        const step = ++this.steps[i]!;
        if (!unbiased.has(step)) unbiased.set(step, unbias(step, learningRate));
        const { rate, epsilon } = unbiased.get(step)!;
        tf.tidy(() => {
          first.assign(tf.add(tf.mul(first, beta1!), tf.mul(gradient, rest1!)));
          second.assign(tf.add(tf.mul(second, beta2!), tf.mul(tf.square(gradient), rest2!)));
          const move = tf.div(tf.mul(first, rate), tf.add(tf.sqrt(second), epsilon));
          parameter.assign(tf.sub(tf.mul(parameter, kept), move));
        });
      }
    });
  }

  dispose(): void {
    tf.dispose(this.memory as tf.Variable[]);
  }
}

interface Unbiased {
  readonly rate: tf.Scalar;
  readonly epsilon: tf.Scalar;
}

/** The correction of both moments' bias, moved into rate and epsilon: Kingma & Ba 2015, "Adam", end of section 2. */
function unbias(step: number, learningRate: number): Unbiased {
  const scale = Math.sqrt(1 - BETA2 ** step);
  return { rate: tf.scalar((learningRate * scale) / (1 - BETA1 ** step)), epsilon: tf.scalar(EPSILON * scale) };
}
