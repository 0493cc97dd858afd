/**
 * One iteration of teacher and student (Zhang & Lu 2025, in this project's RECONSTRUCTION). The teacher learns from
 * the labels and, with feedback, from how well a student does on held-out windows q after it was taught on windows a:
 *
 * 1. theta_S' = theta_S - eta grad L_S(a; theta_T), a step that is taken back;
 * 2. the teacher's step: `none` on CE_a(T); `secondOrder` on CE_q(T) + gamma CE_q(S(theta_S'(theta_T))), whose
 *    gradient goes through theta_S'; `firstOrder` on CE_a(T) + gamma h KL(t || T(a)) with h = CE_q(theta_S) -
 *    CE_q(theta_S');
 * 3. the student's own step on L_S(a) with the teacher as it is now.
 *
 * Chosen here: both real steps are AdamW's; the held-out questions and the teacher's answers that teach are given with
 * the batch's statistics and without dropout; rehearsal and real step drop the same units. In `firstOrder`, t is the
 * teacher's own hard decision, as the pseudo-labels of Pham et al. 2021 ("Meta pseudo labels"): with t = the teacher's
 * probabilities, as the divergence is usually written, the gradient at t = p_T is 0, and the feedback would say
 * nothing.
 */
import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../src/random.ts';
import { crossEntropy } from '../tf/cross-entropy.ts';
import { detached } from '../tf/detach.ts';
import type { Optimiser } from '../tf/optimiser.ts';
import type { FeedbackMode } from './config.ts';
import { type LessonWeights, lessonLoss, lessonSlope, movementOf, type Told, toldBy } from './lesson.ts';
import { type EogNetwork, forward } from './network/index.ts';
import { ASKING, learning, type Pass, rehearsing } from './network/pass.ts';
import type { Patches } from './network/patches.ts';

/** Some windows with their labels, one-hot [windows, classes]. */
export interface Batch {
  readonly eeg: Patches;
  readonly eog: Patches;
  readonly labels: tf.Tensor2D;
}

export interface Pupil {
  readonly network: EogNetwork;
  readonly optimiser: Optimiser;
  readonly learningRate: number;
}

export interface Iteration {
  readonly teacher: Pupil;
  readonly student: Pupil;
  /** a */
  readonly taught: Batch;
  /** q, of other trials. */
  readonly asked: Batch;
  readonly mode: FeedbackMode;
  readonly weights: LessonWeights;
  /** eta */
  readonly rehearsalRate: number;
  /** gamma */
  readonly feedbackWeight: number;
  /** The same streams at every call. */
  random(purpose: 'teacher' | 'student'): Random;
}

/** Makes both steps; gives the student's L_S. */
export async function iterate(iteration: Iteration): Promise<tf.Scalar> {
  (await teachTeacher(iteration)).dispose();
  const { teacher, student, taught, weights, random } = iteration;
  const gradient = tf.tidy(() => {
    const told = askTeacher(teacher.network, taught);
    return studentGradient(student.network, taught, told, weights, learning(random('student')));
  });
  return step(student, gradient);
}

/** Makes the teacher's step; gives the value whose gradient it took. */
export async function teachTeacher(iteration: Iteration): Promise<tf.Scalar> {
  return step(iteration.teacher, await teacherGradient(iteration));
}

interface Gradient {
  readonly value: tf.Scalar;
  readonly grads: tf.NamedTensorMap;
}

function step({ optimiser, learningRate }: Pupil, { value, grads }: Gradient): tf.Scalar {
  optimiser.step(grads, learningRate);
  tf.dispose(grads);
  return value;
}

/** Of the teacher's step 2; disposes of everything else. The student is as it was. */
export async function teacherGradient(iteration: Iteration): Promise<Gradient> {
  const { teacher, taught, asked, mode, feedbackWeight, rehearsalRate, weights, random } = iteration;
  const { network } = teacher;
  const inputs = ({ eeg, eog }: Batch) => [eeg, eog];
  const own = (batch: Batch) =>
    crossEntropy(forward(network, inputs(batch), learning(random('teacher'))).logits.value, batch.labels);
  const gradientOf = (loss: () => tf.Scalar) => tf.tidy(() => tf.variableGrads(loss, [...network.parameters]));
  if (mode === 'none') return gradientOf(() => own(taught));

  const { network: pupil } = iteration.student;
  const answer = () => crossEntropy(forward(pupil, [asked.eog], ASKING).logits.value, asked.labels);
  if (mode === 'firstOrder') {
    const gain = tf.tidy(() => tf.sub(answer(), afterLesson(iteration, answer)));
    const [h] = await gain.data();
    gain.dispose();
    return gradientOf(() => tf.add(own(taught), tf.mul(selfDivergence(network, taught), feedbackWeight * h!)));
  }

  // d CE_q(theta_S') = <v, d theta_S'> with v its gradient there, and d theta_S' = -eta d grad L_S: the teacher's
  // gradient is that of -eta <v, grad L_S>, L_S' derivative along v, in which mixed derivatives may change places.
  const student = tf.tidy(() => {
    const v = afterLesson(iteration, () => tf.variableGrads(answer, [...pupil.parameters]).grads);
    const moved = forward(pupil, [taught.eog], rehearsing(random('student'), v));
    return { told: toldBy(moved), movement: movementOf(moved) };
  });
  const gradients = gradientOf(() => {
    const slope = lessonSlope(student.told, student.movement, askTeacher(network, taught), weights);
    return tf.add(own(asked), tf.mul(slope, -feedbackWeight * rehearsalRate));
  });
  tf.dispose(student);
  return gradients;
}

/** What `f` gives at theta_S', the student having learnt on a; it forgets afterwards. */
function afterLesson<T extends tf.TensorContainer>(iteration: Iteration, f: () => T): T {
  const { teacher, student, taught, weights, rehearsalRate, random } = iteration;
  const { network } = student;
  return tf.tidy(() => {
    const told = askTeacher(teacher.network, taught);
    const { grads } = studentGradient(network, taught, told, weights, rehearsing(random('student')));
    const memories = network.parameters.map((parameter) => parameter.clone());
    for (const parameter of network.parameters) {
      parameter.assign(tf.sub(parameter, tf.mul(grads[parameter.name]!, rehearsalRate)));
    }
    const found = f();
    for (const [i, parameter] of network.parameters.entries()) parameter.assign(memories[i]!);
    return found;
  });
}

function askTeacher(network: EogNetwork, { eeg, eog }: Batch): Told {
  return toldBy(forward(network, [eeg, eog], ASKING));
}

function studentGradient(network: EogNetwork, batch: Batch, told: Told, weights: LessonWeights, pass: Pass) {
  const loss = () => lessonLoss(toldBy(forward(network, [batch.eog], pass)), told, batch.labels, weights);
  return tf.variableGrads(loss, [...network.parameters]);
}

/** KL(t || T(a)) for the teacher's own decisions t, which are constants: -ln p_T of them. */
function selfDivergence(network: EogNetwork, batch: Batch): tf.Scalar {
  const { logits } = askTeacher(network, batch);
  return crossEntropy(logits, decisionsOf(logits));
}

/** One-hot argmax, without gradient. */
const decisionsOf = detached(
  (logits: tf.Tensor2D) =>
    tf.cast(tf.oneHot(tf.argMax(logits, 1) as tf.Tensor1D, logits.shape[1]), 'float32') as tf.Tensor2D,
);
