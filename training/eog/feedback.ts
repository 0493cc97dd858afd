/**
 * One training step of teacher and student (Zhang & Lu 2025, in this project's RECONSTRUCTION). The teacher learns from
 * the labels and, with feedback, from how well a student predicts a query batch q after an inner step on a support batch
 * a:
 *
 * 1. inner step: theta_S' = theta_S - eta grad L_S(a; theta_T), which is undone afterwards;
 * 2. the teacher's step: `none` on CE_a(T); `secondOrder` on CE_q(T) + gamma CE_q(S(theta_S'(theta_T))), whose
 *    gradient goes through theta_S'; `firstOrder` on CE_a(T) + gamma h KL(t || T(a)) with h = CE_q(theta_S) -
 *    CE_q(theta_S');
 * 3. the student's step on L_S(a) with the updated teacher.
 *
 * Chosen here: steps 2 and 3 are AdamW's; the predictions for the query batch and the teacher's predictions that the
 * student learns from use the batch's statistics and no dropout; the inner step and the student's step drop the same
 * units. In `firstOrder`, t is the teacher's hard decision, like the pseudo-labels of Pham et al. 2021 ("Meta pseudo
 * labels"): with t = the teacher's probabilities, as the divergence is usually written, the gradient at t = p_T is 0 and
 * there is no feedback.
 */
import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../src/random.ts';
import { crossEntropy } from '../tf/cross-entropy.ts';
import { detached } from '../tf/detach.ts';
import type { Optimiser } from '../tf/optimiser.ts';
import type { FeedbackMode } from './config.ts';
import { type EogNetwork, forward } from './network/index.ts';
import { BATCH_PREDICTION, innerPass, type Pass, trainingPass } from './network/pass.ts';
import type { Patches } from './network/patches.ts';
import {
  type DistillationWeights,
  type Outputs,
  studentLoss,
  studentLossSlope,
  tangentsOf,
  valuesOf,
} from './student-loss.ts';

/** Windows with their labels, one-hot [windows, classes]. */
export interface Batch {
  readonly eeg: Patches;
  readonly eog: Patches;
  readonly labels: tf.Tensor2D;
}

/** A network with what trains it. */
interface Learner {
  readonly network: EogNetwork;
  readonly optimiser: Optimiser;
  readonly learningRate: number;
}

export interface Iteration {
  readonly teacher: Learner;
  readonly student: Learner;
  /** a */
  readonly support: Batch;
  /** q, of other trials than a. */
  readonly query: Batch;
  readonly mode: FeedbackMode;
  readonly weights: DistillationWeights;
  /** eta */
  readonly innerRate: number;
  /** gamma */
  readonly feedbackWeight: number;
  /** The same stream for the same purpose at every call. */
  random(purpose: 'teacher' | 'student'): Random;
}

/** Makes the steps of teacher and student; returns the student's L_S. */
export async function iterate(iteration: Iteration): Promise<tf.Scalar> {
  (await stepTeacher(iteration)).dispose();
  const { teacher, student, support, weights, random } = iteration;
  const gradient = tf.tidy(() => {
    const targets = teacherOutputs(teacher.network, support);
    return studentGradient(student.network, support, targets, weights, trainingPass(random('student')));
  });
  return step(student, gradient);
}

/** Makes the teacher's step; returns the value whose gradient it used. */
export async function stepTeacher(iteration: Iteration): Promise<tf.Scalar> {
  return step(iteration.teacher, await teacherGradient(iteration));
}

interface Gradient {
  readonly value: tf.Scalar;
  readonly grads: tf.NamedTensorMap;
}

function step({ optimiser, learningRate }: Learner, { value, grads }: Gradient): tf.Scalar {
  optimiser.step(grads, learningRate);
  tf.dispose(grads);
  return value;
}

/** Gradient of the teacher's step, which the caller disposes of. The student stays as it was. */
export async function teacherGradient(iteration: Iteration): Promise<Gradient> {
  const { teacher, support, query, mode, feedbackWeight, innerRate, weights, random } = iteration;
  const { network } = teacher;
  const inputs = ({ eeg, eog }: Batch) => [eeg, eog];
  const own = (batch: Batch) =>
    crossEntropy(forward(network, inputs(batch), trainingPass(random('teacher'))).logits.value, batch.labels);
  const gradientOf = (loss: () => tf.Scalar) => tf.tidy(() => tf.variableGrads(loss, [...network.parameters]));
  if (mode === 'none') return gradientOf(() => own(support));

  const { network: student } = iteration.student;
  const queryLoss = () => crossEntropy(forward(student, [query.eog], BATCH_PREDICTION).logits.value, query.labels);
  if (mode === 'firstOrder') {
    const gain = tf.tidy(() => tf.sub(queryLoss(), afterInnerStep(iteration, queryLoss)));
    const [h] = await gain.data();
    gain.dispose();
    return gradientOf(() => tf.add(own(support), tf.mul(selfDivergence(network, support), feedbackWeight * h!)));
  }

  // d CE_q(theta_S') = <v, d theta_S'> with v its gradient there, and d theta_S' = -eta d grad L_S. Mixed derivatives
  // commute, so the teacher's gradient is that of -eta <v, grad L_S>, with <v, grad L_S> L_S' derivative along v.
  const moved = tf.tidy(() => {
    const v = afterInnerStep(iteration, () => tf.variableGrads(queryLoss, [...student.parameters]).grads);
    const answer = forward(student, [support.eog], innerPass(random('student'), v));
    return { values: valuesOf(answer), tangents: tangentsOf(answer) };
  });
  const gradients = gradientOf(() => {
    const slope = studentLossSlope(moved.values, moved.tangents, teacherOutputs(network, support), weights);
    return tf.add(own(query), tf.mul(slope, -feedbackWeight * innerRate));
  });
  tf.dispose(moved);
  return gradients;
}

/** What `f` returns at theta_S'; the inner step is undone afterwards. */
function afterInnerStep<T extends tf.TensorContainer>(iteration: Iteration, f: () => T): T {
  const { teacher, student, support, weights, innerRate, random } = iteration;
  const { network } = student;
  return tf.tidy(() => {
    const targets = teacherOutputs(teacher.network, support);
    const { grads } = studentGradient(network, support, targets, weights, innerPass(random('student')));
    const before = network.parameters.map((parameter) => parameter.clone());
    for (const parameter of network.parameters) {
      parameter.assign(tf.sub(parameter, tf.mul(grads[parameter.name]!, innerRate)));
    }
    const result = f();
    for (const [i, parameter] of network.parameters.entries()) parameter.assign(before[i]!);
    return result;
  });
}

function teacherOutputs(network: EogNetwork, { eeg, eog }: Batch): Outputs {
  return valuesOf(forward(network, [eeg, eog], BATCH_PREDICTION));
}

function studentGradient(
  network: EogNetwork,
  batch: Batch,
  teacher: Outputs,
  weights: DistillationWeights,
  pass: Pass,
) {
  const loss = () => studentLoss(valuesOf(forward(network, [batch.eog], pass)), teacher, batch.labels, weights);
  return tf.variableGrads(loss, [...network.parameters]);
}

/** KL(t || T(a)) for the teacher's own decisions t, which are constants: -ln p_T of them. */
function selfDivergence(network: EogNetwork, batch: Batch): tf.Scalar {
  const { logits } = teacherOutputs(network, batch);
  return crossEntropy(logits, decisionsOf(logits));
}

/** One-hot argmax, without gradient. */
const decisionsOf = detached(
  (logits: tf.Tensor2D) =>
    tf.cast(tf.oneHot(tf.argMax(logits, 1) as tf.Tensor1D, logits.shape[1]), 'float32') as tf.Tensor2D,
);
