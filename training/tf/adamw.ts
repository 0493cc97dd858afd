import * as tf from '@tensorflow/tfjs';
import type { Optimiser } from './optimiser.ts';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
/** Parameters with fewer values are updated as one vector: an update makes some ten calls, which dominate their time. */
const SMALL = 4096;

/**
 * AdamW (Loshchilov & Hutter 2019, "Decoupled weight decay regularization") with PyTorch's defaults. A parameter
 * without a gradient does not decay either, and its moments' bias is corrected by the number of its own steps.
 */
export class AdamW implements Optimiser {
  /** Both moments of each group. */
  readonly memory: readonly tf.Variable[];
  readonly steps: number[];
  readonly #groups: readonly Group[];
  readonly #weightDecay: number;

  constructor(parameters: readonly tf.Variable[], weightDecay: number) {
    this.#weightDecay = weightDecay;
    const members = parameters.map((parameter, index) => ({ parameter, index }));
    const small = members.filter(({ parameter }) => parameter.size < SMALL);
    const large = members.filter(({ parameter }) => parameter.size >= SMALL);
    this.#groups = [...large.map((member) => [member]), ...(small.length > 0 ? [small] : [])].map(groupOf);
    this.memory = this.#groups.flatMap(({ first, second }) => [first, second]);
    this.steps = parameters.map(() => 0);
  }

  step(gradients: tf.NamedTensorMap, learningRate: number): void {
    for (const { members, first, second } of this.#groups) {
      const moving = members.map(({ parameter }) => parameter.name in gradients);
      if (!moving.includes(true)) continue;
      tf.tidy(() => {
        const coefficients = members.map(({ index }, m) =>
          moving[m] ? coefficientsOf(++this.steps[index]!, learningRate, this.#weightDecay) : STILL,
        );
        const of = (name: keyof Coefficients) =>
          spread(
            members,
            coefficients.map((each) => each[name]),
          );
        const gradient = joined(members.map(({ parameter }) => gradients[parameter.name] ?? tf.zerosLike(parameter)));
        first.assign(tf.add(tf.mul(first, of('keep1')), tf.mul(gradient, of('take1'))));
        second.assign(tf.add(tf.mul(second, of('keep2')), tf.mul(tf.square(gradient), of('take2'))));
        const move = tf.div(tf.mul(first, of('rate')), tf.add(tf.sqrt(second), of('epsilon')));
        const before = joined(members.map(({ parameter }) => parameter));
        const after = tf.sub<tf.Tensor1D>(tf.mul(before, of('decay')), move);
        for (const [m, value] of separated(after, members).entries()) {
          if (moving[m]) members[m]!.parameter.assign(value);
        }
      });
    }
  }

  dispose(): void {
    tf.dispose(this.memory as tf.Variable[]);
  }
}

interface Member {
  readonly parameter: tf.Variable;
  /** Index among all parameters. */
  readonly index: number;
}

/** Parameters that are updated as one vector. */
interface Group {
  readonly members: readonly Member[];
  readonly first: tf.Variable<tf.Rank.R1>;
  readonly second: tf.Variable<tf.Rank.R1>;
}

function groupOf(members: readonly Member[]): Group {
  const size = members.reduce((sum, { parameter }) => sum + parameter.size, 0);
  const zeros = () => tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([size]), false));
  return { members, first: zeros(), second: zeros() };
}

const joined = (tensors: readonly tf.Tensor[]): tf.Tensor1D =>
  tensors.length === 1 ? tf.reshape(tensors[0]!, [-1]) : tf.concat(tensors.map((x) => tf.reshape<tf.Rank.R1>(x, [-1])));

function separated(values: tf.Tensor1D, members: readonly Member[]): tf.Tensor[] {
  const pieces =
    members.length === 1
      ? [values]
      : tf.split(
          values,
          members.map(({ parameter }) => parameter.size),
        );
  return pieces.map((piece, m) => tf.reshape(piece, members[m]!.parameter.shape));
}

/** A number per member, repeated for each of its values; a scalar where all numbers are equal. */
function spread(members: readonly Member[], numbers: readonly number[]): tf.Tensor {
  if (numbers.every((number) => number === numbers[0])) return tf.scalar(numbers[0]!);
  return tf.concat(numbers.map((number, m) => tf.fill([members[m]!.parameter.size], number)));
}

interface Coefficients {
  readonly keep1: number;
  readonly take1: number;
  readonly keep2: number;
  readonly take2: number;
  readonly rate: number;
  readonly epsilon: number;
  readonly decay: number;
}

/** Rate and epsilon include the bias correction of both moments: Kingma & Ba 2015, "Adam", end of section 2. */
function coefficientsOf(step: number, learningRate: number, weightDecay: number): Coefficients {
  const scale = Math.sqrt(1 - BETA2 ** step);
  return {
    keep1: BETA1,
    take1: 1 - BETA1,
    keep2: BETA2,
    take2: 1 - BETA2,
    rate: (learningRate * scale) / (1 - BETA1 ** step),
    epsilon: EPSILON * scale,
    decay: 1 - learningRate * weightDecay,
  };
}

/** Leaves a member and its moments unchanged. */
const STILL: Coefficients = { keep1: 1, take1: 0, keep2: 1, take2: 0, rate: 0, epsilon: EPSILON, decay: 1 };
