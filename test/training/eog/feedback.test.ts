import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.ts';
import { kd } from '../../../training/distillers/kd.ts';
import { FEEDBACK_MODES, type FeedbackMode } from '../../../training/eog/config.ts';
import { type Iteration, iterate, teacherGradient } from '../../../training/eog/feedback.ts';
import { type LessonWeights, lessonLoss, toldBy } from '../../../training/eog/lesson.ts';
import { type EogNetwork, forward } from '../../../training/eog/network/index.ts';
import { ASKING, rehearsing } from '../../../training/eog/network/pass.ts';
import { AdamW } from '../../../training/tf/adamw.ts';
import { crossEntropy } from '../../../training/tf/cross-entropy.ts';
import { detach } from '../../../training/tf/detach.ts';
import { goldenBatch, goldenNetwork, readGolden, wavesLike } from '../../support/eog-golden.ts';
import { CHANNELS, dot, noiseBatch, smallNetwork } from '../../support/eog-training.ts';
import { expectNear } from '../../support/losses.ts';
import { onWasm } from '../../support/on-wasm.ts';

const WEIGHTS: LessonWeights = { answers: 0.1, feature: 1, temperature: 4 };

onWasm();

function iteration(mode: FeedbackMode, changes: Partial<Iteration> = {}): Iteration {
  const teacher = smallNetwork([CHANNELS.eeg, CHANNELS.eog], 1);
  const student = smallNetwork([CHANNELS.eog], 2);
  const pupil = (network: EogNetwork) => ({
    network,
    optimiser: new AdamW(network.parameters, 1e-3),
    learningRate: 1e-3,
  });
  return {
    teacher: pupil(teacher),
    student: pupil(student),
    taught: noiseBatch(5, 3),
    asked: noiseBatch(6, 4),
    mode,
    weights: WEIGHTS,
    rehearsalRate: 0.5,
    feedbackWeight: 1,
    random: (purpose) => new Random('dropout', purpose),
    ...changes,
  };
}

/** CE_q(T) + gamma CE_q(S(theta_S - eta grad L_S(a; T))) from the definition, the student put back afterwards. */
function objective({ teacher, student, taught, asked, weights, rehearsalRate, feedbackWeight, random }: Iteration) {
  return tf.tidy(() => {
    const inputs = [taught.eeg, taught.eog];
    const told = toldBy(forward(teacher.network, inputs, ASKING));
    const { parameters } = student.network;
    const lesson = () =>
      lessonLoss(
        toldBy(forward(student.network, [taught.eog], rehearsing(random('student')))),
        told,
        taught.labels,
        weights,
      );
    const { grads } = tf.variableGrads(lesson, [...parameters]);
    const before = parameters.map((parameter) => parameter.clone());
    for (const parameter of parameters) {
      parameter.assign(tf.sub(parameter, tf.mul(rehearsalRate, grads[parameter.name]!)));
    }
    const answer = crossEntropy(forward(student.network, [asked.eog], ASKING).logits.value, asked.labels);
    for (const [i, parameter] of parameters.entries()) parameter.assign(before[i]!);
    const pass = rehearsing(random('teacher'));
    const own = crossEntropy(forward(teacher.network, [asked.eeg, asked.eog], pass).logits.value, asked.labels);
    return own.dataSync()[0]! + feedbackWeight * answer.dataSync()[0]!;
  });
}

/** Central difference of `f` where the weights move along `direction`. */
function differenceAlong(network: EogNetwork, direction: tf.NamedTensorMap, step: number, f: () => number): number {
  const at = network.parameters.map((parameter) => parameter.clone());
  const values = [step, -step].map((h) => {
    for (const [i, parameter] of network.parameters.entries()) {
      parameter.assign(tf.tidy(() => tf.add(at[i]!, tf.mul(h, direction[parameter.name]!))));
    }
    return f();
  });
  for (const [i, parameter] of network.parameters.entries()) parameter.assign(at[i]!);
  return (values[0]! - values[1]!) / (2 * step);
}

/** Of length 1: the gradient's, and what a draw leaves of it. */
function directions(network: EogNetwork, gradient: tf.NamedTensorMap): tf.NamedTensorMap[] {
  const unit = (map: tf.NamedTensorMap) => {
    const length = Math.sqrt(dot(map, map));
    return Object.fromEntries(Object.entries(map).map(([name, x]) => [name, tf.div(x, length)]));
  };
  const random = new Random('directions');
  const some = () =>
    Object.fromEntries(
      network.parameters.map(({ name, shape, size }) => [
        name,
        tf.mul(
          gradient[name]!,
          tf.tensor(
            Float32Array.from({ length: size }, () => (random.uniform() < 0.3 ? 0 : 1)),
            shape,
          ),
        ),
      ]),
    );
  return [gradient, some(), some()].map(unit);
}

describe('second-order feedback', () => {
  it.each([
    { what: 'all of it', changes: {} },
    { what: 'its way through the student alone', changes: { feedbackWeight: 1000 } },
    { what: 'without the fusion feature', changes: { feedbackWeight: 1000, weights: { ...WEIGHTS, feature: 0 } } },
  ])("is the gradient of the teacher's whole objective, dropout and all: $what", async ({ changes }) => {
    const task = iteration('secondOrder', changes);
    const { value, grads } = await teacherGradient(task);
    for (const direction of directions(task.teacher.network, grads)) {
      const told = dot(grads, direction);
      const measured = differenceAlong(task.teacher.network, direction, 1e-3, () => objective(task));
      // What float32 leaves of a central difference through two networks and a step between them.
      expect(Math.abs(told / measured - 1)).toBeLessThan(5e-3);
    }
    value.dispose();
  });

  it("has the slopes of the objective's description in NumPy, in float64", async () => {
    const golden = readGolden();
    const task = goldenIteration('secondOrder');
    expect(objective(task)).toBeCloseTo(golden.objective, 5);
    const { grads } = await teacherGradient(task);
    for (const [phase, slope] of Object.entries(golden.slopes)) {
      const told = dot(grads, wavesLike(task.teacher.network, Number(phase)));
      expect(Math.abs(told / slope - 1)).toBeLessThan(1e-4);
    }
  });

  it('without weight is what the teacher learns from the held-out windows alone', async () => {
    const task = iteration('secondOrder', { feedbackWeight: 0 });
    const { grads } = await teacherGradient(task);
    const plain = await teacherGradient({ ...task, mode: 'none', taught: task.asked });
    for (const [name, gradient] of Object.entries(plain.grads)) {
      expectNear(grads[name]!, gradient.arraySync(), name);
    }
  });
});

describe('first-order feedback', () => {
  it("weighs the teacher's decisions by what the rehearsal gained", async () => {
    const golden = readGolden();
    const task = goldenIteration('none');
    const { network } = task.teacher;
    const { eeg, eog } = task.taught;
    const { grads: decided } = tf.variableGrads(() => {
      const { logits } = forward(network, [eeg, eog], ASKING);
      return tf.neg(tf.mean(tf.max(tf.logSoftmax(logits.value), 1))) as tf.Scalar;
    }, [...network.parameters]);
    const { grads: told } = await teacherGradient({ ...task, mode: 'firstOrder', feedbackWeight: 2 });
    const { grads: plain } = await teacherGradient(task);
    const h = golden.before - golden.after;
    for (const { name } of network.parameters) {
      const expected = tf.add(plain[name]!, tf.mul(2 * h, decided[name]!));
      expectNear(told[name]!, expected.arraySync(), name, 1e-4);
    }
  });

  it("would say nothing through the divergence from the teacher's own probabilities", () => {
    const { network } = goldenIteration('none').teacher;
    const { eeg, eog } = goldenBatch(5, 1);
    const { grads } = tf.variableGrads(() => {
      const { logits } = forward(network, [eeg, eog], ASKING);
      return kd(logits.value, detach(logits.value), 1);
    }, [...network.parameters]);
    expect(Math.sqrt(dot(grads, grads))).toBeLessThan(1e-5);
  });
});

describe('an iteration', () => {
  it("teaches the student by the golden lesson's loss", async () => {
    const task = goldenIteration('none');
    const loss = await iterate({ ...task, teacher: { ...task.teacher, learningRate: 0 } });
    expect(loss.dataSync()[0]).toBeCloseTo(readGolden().lesson, 5);
  });

  it.each(FEEDBACK_MODES)('moves teacher and student, repeats itself and keeps no tensor: %s', async (mode) => {
    const weights: number[][] = [];
    for (let run = 0; run < 2; run++) {
      const task = iteration(mode);
      const all = [...task.teacher.network.parameters, ...task.student.network.parameters];
      const before = all.map((weight) => Array.from(weight.dataSync()));
      const tensors = tf.memory().numTensors;
      (await iterate(task)).dispose();
      expect(tf.memory().numTensors).toBe(tensors);
      for (const [k, weight] of all.entries()) expect(Array.from(weight.dataSync())).not.toEqual(before[k]);
      weights.push(all.flatMap((weight) => Array.from(weight.dataSync())));
    }
    expect(weights[1]).toEqual(weights[0]);
  });

  it('rehearses without a trace: the teacher step leaves the student as it was', async () => {
    for (const mode of ['firstOrder', 'secondOrder'] as const) {
      const task = iteration(mode);
      const { parameters, statistics } = task.student.network;
      const now = () => [...parameters, ...statistics].map((weight) => Array.from(weight.dataSync()));
      const before = now();
      await teacherGradient(task);
      expect(now()).toEqual(before);
    }
  });

  it('leaves the fusion feature out where its weight is 0', async () => {
    const task = iteration('none', { weights: { ...WEIGHTS, feature: 0 } });
    const { eog } = task.taught;
    const student = toldBy(forward(task.student.network, [eog], ASKING));
    const told = { ...student, feature: tf.add<tf.Tensor2D>(student.feature, 100) };
    const [without, within] = [0, 1].map(
      (feature) => lessonLoss(student, told, task.taught.labels, { ...WEIGHTS, feature }).dataSync()[0]!,
    );
    expect(without! + 100 ** 2).toBeCloseTo(within!, 0);
    expect(without).toBeCloseTo(crossEntropy(student.logits, task.taught.labels).dataSync()[0]!, 5);
  });
});

function goldenIteration(mode: FeedbackMode): Iteration {
  const pupil = (network: EogNetwork) => ({
    network,
    optimiser: new AdamW(network.parameters, 1e-3),
    learningRate: 1e-3,
  });
  return iteration(mode, {
    teacher: pupil(goldenNetwork('teacher')),
    student: pupil(goldenNetwork('student')),
    taught: goldenBatch(5, 1),
    asked: goldenBatch(6, 3),
  });
}
