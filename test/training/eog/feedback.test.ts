import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.ts';
import { kd } from '../../../training/distillers/kd.ts';
import { FEEDBACK_MODES, type FeedbackMode } from '../../../training/eog/config.ts';
import { type Iteration, iterate, teacherGradient } from '../../../training/eog/feedback.ts';
import { type EogNetwork, forward } from '../../../training/eog/network/index.ts';
import { BATCH_PREDICTION, innerPass } from '../../../training/eog/network/pass.ts';
import { type DistillationWeights, studentLoss, valuesOf } from '../../../training/eog/student-loss.ts';
import { AdamW } from '../../../training/tf/adamw.ts';
import { crossEntropy } from '../../../training/tf/cross-entropy.ts';
import { detach } from '../../../training/tf/detach.ts';
import { goldenBatch, goldenNetwork, readGolden, wavesLike } from '../../support/eog-golden.ts';
import { CHANNELS, dot, noiseBatch, smallNetwork } from '../../support/eog-training.ts';
import { expectNear } from '../../support/losses.ts';
import { onWasm } from '../../support/on-wasm.ts';

const WEIGHTS: DistillationWeights = { answers: 0.1, feature: 1, temperature: 4 };

onWasm();

function iteration(mode: FeedbackMode, changes: Partial<Iteration> = {}): Iteration {
  const teacher = smallNetwork([CHANNELS.eeg, CHANNELS.eog], 1);
  const student = smallNetwork([CHANNELS.eog], 2);
  const learner = (network: EogNetwork) => ({
    network,
    optimiser: new AdamW(network.parameters, 1e-3),
    learningRate: 1e-3,
  });
  return {
    teacher: learner(teacher),
    student: learner(student),
    support: noiseBatch(5, 3),
    query: noiseBatch(6, 4),
    mode,
    weights: WEIGHTS,
    innerRate: 0.5,
    feedbackWeight: 1,
    random: (purpose) => new Random('dropout', purpose),
    ...changes,
  };
}

/** CE_q(T) + gamma CE_q(S(theta_S - eta grad L_S(a; T))) from the definition, the student is restored afterwards. */
function objective({ teacher, student, support, query, weights, innerRate, feedbackWeight, random }: Iteration) {
  return tf.tidy(() => {
    const inputs = [support.eeg, support.eog];
    const targets = valuesOf(forward(teacher.network, inputs, BATCH_PREDICTION));
    const { parameters } = student.network;
    const loss = () =>
      studentLoss(
        valuesOf(forward(student.network, [support.eog], innerPass(random('student')))),
        targets,
        support.labels,
        weights,
      );
    const { grads } = tf.variableGrads(loss, [...parameters]);
    const before = parameters.map((parameter) => parameter.clone());
    for (const parameter of parameters) {
      parameter.assign(tf.sub(parameter, tf.mul(innerRate, grads[parameter.name]!)));
    }
    const queryLoss = crossEntropy(forward(student.network, [query.eog], BATCH_PREDICTION).logits.value, query.labels);
    for (const [i, parameter] of parameters.entries()) parameter.assign(before[i]!);
    const pass = innerPass(random('teacher'));
    const own = crossEntropy(forward(teacher.network, [query.eeg, query.eog], pass).logits.value, query.labels);
    return own.dataSync()[0]! + feedbackWeight * queryLoss.dataSync()[0]!;
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

/** Directions of length 1: the gradient, and the gradient with some entries set to 0. */
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
    { what: 'everything', changes: {} },
    { what: 'mainly the path through the student', changes: { feedbackWeight: 1000 } },
    { what: 'without the fusion feature', changes: { feedbackWeight: 1000, weights: { ...WEIGHTS, feature: 0 } } },
  ])("is the gradient of the teacher's whole objective, with dropout: $what", async ({ changes }) => {
    const task = iteration('secondOrder', changes);
    const { value, grads } = await teacherGradient(task);
    for (const direction of directions(task.teacher.network, grads)) {
      const slope = dot(grads, direction);
      const measured = differenceAlong(task.teacher.network, direction, 1e-3, () => objective(task));
      // The accuracy of a float32 central difference through two networks and a step.
      expect(Math.abs(slope / measured - 1)).toBeLessThan(5e-3);
    }
    value.dispose();
  });

  it('has the slopes of a float64 NumPy version of the objective', async () => {
    const golden = readGolden();
    const task = goldenIteration('secondOrder');
    expect(objective(task)).toBeCloseTo(golden.objective, 5);
    const { grads } = await teacherGradient(task);
    for (const [phase, expected] of Object.entries(golden.slopes)) {
      const slope = dot(grads, wavesLike(task.teacher.network, Number(phase)));
      expect(Math.abs(slope / expected - 1)).toBeLessThan(1e-4);
    }
  });

  it("with weight 0 is the gradient of the query batch's cross-entropy alone", async () => {
    const task = iteration('secondOrder', { feedbackWeight: 0 });
    const { grads } = await teacherGradient(task);
    const plain = await teacherGradient({ ...task, mode: 'none', support: task.query });
    for (const [name, gradient] of Object.entries(plain.grads)) {
      expectNear(grads[name]!, gradient.arraySync(), name);
    }
  });
});

describe('first-order feedback', () => {
  it("weights the teacher's decisions by the gain of the inner step", async () => {
    const golden = readGolden();
    const task = goldenIteration('none');
    const { network } = task.teacher;
    const { eeg, eog } = task.support;
    const { grads: decided } = tf.variableGrads(() => {
      const { logits } = forward(network, [eeg, eog], BATCH_PREDICTION);
      return tf.neg(tf.mean(tf.max(tf.logSoftmax(logits.value), 1))) as tf.Scalar;
    }, [...network.parameters]);
    const { grads: weighted } = await teacherGradient({ ...task, mode: 'firstOrder', feedbackWeight: 2 });
    const { grads: plain } = await teacherGradient(task);
    const h = golden.before - golden.after;
    for (const { name } of network.parameters) {
      const expected = tf.add(plain[name]!, tf.mul(2 * h, decided[name]!));
      expectNear(weighted[name]!, expected.arraySync(), name, 1e-4);
    }
  });

  it("would be 0 with the divergence from the teacher's own probabilities", () => {
    const { network } = goldenIteration('none').teacher;
    const { eeg, eog } = goldenBatch(5, 1);
    const { grads } = tf.variableGrads(() => {
      const { logits } = forward(network, [eeg, eog], BATCH_PREDICTION);
      return kd(logits.value, detach(logits.value), 1);
    }, [...network.parameters]);
    expect(Math.sqrt(dot(grads, grads))).toBeLessThan(1e-5);
  });
});

describe('an iteration', () => {
  it('trains the student with the golden loss', async () => {
    const task = goldenIteration('none');
    const loss = await iterate({ ...task, teacher: { ...task.teacher, learningRate: 0 } });
    expect(loss.dataSync()[0]).toBeCloseTo(readGolden().lesson, 5);
  });

  it.each(FEEDBACK_MODES)('updates teacher and student, is deterministic and leaks no tensor: %s', async (mode) => {
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

  it("undoes the inner step: the teacher's step does not change the student", async () => {
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
    const { eog } = task.support;
    const student = valuesOf(forward(task.student.network, [eog], BATCH_PREDICTION));
    const targets = { ...student, feature: tf.add<tf.Tensor2D>(student.feature, 100) };
    const [without, within] = [0, 1].map(
      (feature) => studentLoss(student, targets, task.support.labels, { ...WEIGHTS, feature }).dataSync()[0]!,
    );
    expect(without! + 100 ** 2).toBeCloseTo(within!, 0);
    expect(without).toBeCloseTo(crossEntropy(student.logits, task.support.labels).dataSync()[0]!, 5);
  });
});

function goldenIteration(mode: FeedbackMode): Iteration {
  const learner = (network: EogNetwork) => ({
    network,
    optimiser: new AdamW(network.parameters, 1e-3),
    learningRate: 1e-3,
  });
  return iteration(mode, {
    teacher: learner(goldenNetwork('teacher')),
    student: learner(goldenNetwork('student')),
    support: goldenBatch(5, 1),
    query: goldenBatch(6, 3),
  });
}
