import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { type Block, blockForward } from '../../../training/backbones/dnn.ts';
import type { Linear } from '../../../training/backbones/parts.ts';
import { cmcrd } from '../../../training/distillers/cmcrd.ts';
import { project } from '../../../training/distillers/contrast/contrastive.ts';
import { withoutGated } from '../../../training/loop/gated.ts';
import { AdamW } from '../../../training/tf/adamw.ts';
import { crossEntropy } from '../../../training/tf/cross-entropy.ts';
import { type BatchNorm, linear } from '../../../training/tf/layers.ts';
import { banksOf, drawnOf, oneHot } from '../../support/contrast.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { expectNear, findCase, type LossCase, type Numbers, readCases, tensor2d } from '../../support/losses.ts';
import { onWasm } from '../../support/on-wasm.ts';

/** Relative to the largest number of a tensor; 1e-3 is asked for. */
const TOLERANCE = 1e-5;
/** The total of W in the authors' code, as in the oracle's single steps. */
const WEIGHT_TOTAL = 32;

/** Tensors by PyTorch's names. */
type Weights = Readonly<Record<string, Numbers>>;
interface Trajectory {
  readonly inputs: LossCase['inputs'] & {
    readonly teacher: Weights;
    readonly start: Readonly<Record<Part, Weights>>;
    readonly batches: readonly { readonly idx: number[]; readonly contrast_idx: Numbers }[];
  };
  readonly expected: LossCase['expected'] & {
    readonly steps: readonly {
      readonly lr: number;
      readonly loss_ce: number;
      readonly loss_kd: number;
      readonly without_gradient: readonly string[];
    }[];
    readonly end: Readonly<Record<Part, Weights>>;
  };
}
type Part = 'student' | 'embed_s' | 'embed_t';

onWasm();

/** PyTorch keeps matrices as [out, in]. */
function fromTorch(values: Numbers): tf.Tensor {
  const tensor = tf.tensor(values as number[]);
  return tensor.rank === 2 ? tf.transpose(tensor) : tensor;
}

class Module {
  readonly #variables = new Map<string, tf.Variable>();

  constructor(weights: Weights) {
    for (const [name, values] of Object.entries(weights)) this.#variables.set(name, tf.variable(fromTorch(values)));
  }

  /** What an optimiser moves, by name. */
  get parameters(): [string, tf.Variable][] {
    return [...this.#variables].filter(([name]) => !name.includes('running'));
  }

  linear(name: string): Linear {
    return { weight: this.#of(name, 'weight'), bias: this.#of(name, 'bias') };
  }

  batchNorm(name: string): BatchNorm {
    return {
      gamma: this.#of(name, 'weight'),
      beta: this.#of(name, 'bias'),
      movingMean: this.#of(name, 'running_mean'),
      movingVariance: this.#of(name, 'running_var'),
    };
  }

  expectNear(weights: Weights): void {
    expect([...this.#variables.keys()].sort()).toEqual(Object.keys(weights).sort());
    for (const [name, values] of Object.entries(weights)) {
      expectNear(this.#variables.get(name)!, fromTorch(values).arraySync(), name, TOLERANCE);
    }
  }

  #of<R extends tf.Rank>(layer: string, name: string): tf.Variable<R> {
    return this.#variables.get(`${layer}.${name}`) as tf.Variable<R>;
  }
}

/** Four blocks and a classifier, by the authors' names. */
function forward(network: Module, x: tf.Tensor2D, training: boolean) {
  const blocks: Block[] = [
    { linear: network.linear('classifier1.0'), norm: network.batchNorm('classifier1.1') },
    { linear: network.linear('classifier1.3'), norm: network.batchNorm('classifier1.4') },
    { linear: network.linear('classifier2.0'), norm: network.batchNorm('classifier2.1') },
    { linear: network.linear('classifier2.3'), norm: network.batchNorm('classifier2.4') },
  ];
  const embedding = blocks.reduce((input, block) => blockForward(input, block, training), x);
  const head = network.linear('cls');
  return { embedding, logits: linear(embedding, head.weight, head.bias) };
}

describeWithData('oracle', "12 steps of the authors' training", () => {
  it('end at the reference weights, banks and Z, and pass through its losses', async () => {
    const reference = findCase(readCases(testData('oracle', 'losses.json')), 'trajectory/student-12-steps');
    const { params } = reference;
    const { inputs, expected } = reference as LossCase & Trajectory;
    const teacher = new Module(inputs.teacher);
    const student = new Module(inputs.start.student);
    const projections = { student: new Module(inputs.start.embed_s), teacher: new Module(inputs.start.embed_t) };
    const banks = banksOf(reference);
    const x = tensor2d(inputs['x']);
    const e = tensor2d(inputs['e']);
    const labels = oneHot(inputs['labels'], 3);

    const gated = [
      ...projections.student.parameters.map(([name, variable]) => [`embed_s.${name}`, variable] as const),
      ...projections.teacher.parameters.map(([name, variable]) => [`embed_t.${name}`, variable] as const),
    ];
    const parameters = [...student.parameters, ...gated].map(([, variable]) => variable);
    const optimiser = new AdamW(parameters, params['weight_decay']!);

    for (const [s, { idx, contrast_idx }] of inputs.batches.entries()) {
      const step = expected.steps[s]!;
      const rows = tf.tensor1d(idx, 'int32');
      const own = tf.gather(labels, rows);
      const guide = forward(teacher, tf.gather(e, rows), false);
      const drawn = drawnOf(idx, contrast_idx, labels.shape[0]);
      const { value, grads } = tf.variableGrads(() => {
        const { embedding, logits } = forward(student, tf.gather(x, rows), true);
        const contrast = {
          student: project(embedding, projections.student.linear('linear')),
          teacher: project(guide.embedding, projections.teacher.linear('linear')),
          drawn,
        };
        const guidance = { studentLogits: logits, teacherLogits: guide.logits, labels: own };
        const taught = cmcrd(contrast, banks, guidance, { form: 'reference', weightTotal: WEIGHT_TOTAL });
        const learnt = crossEntropy(logits, own);
        expectNear(learnt, step.loss_ce, `step ${s}: cross-entropy`, TOLERANCE);
        expectNear(taught, step.loss_kd, `step ${s}: CMCRD`, TOLERANCE);
        return tf.add(learnt, tf.mul(taught, params['lambda']!));
      }, parameters);
      const used = await withoutGated(
        grads,
        gated.map(([, variable]) => variable),
      );
      const left = gated.filter(([, variable]) => !(variable.name in used)).map(([name]) => name);
      expect(left, `step ${s}`).toEqual(step.without_gradient);
      optimiser.step(used, step.lr);
      if (s === inputs.batches.length - 1) expectNear(value, expected.loss, 'loss', TOLERANCE);
    }

    student.expectNear(expected.end.student);
    projections.student.expectNear(expected.end.embed_s);
    projections.teacher.expectNear(expected.end.embed_t);
    expectNear(banks.student.features, expected['mem1_after'], "the student's bank", TOLERANCE);
    expectNear(banks.teacher.features, expected['mem2_after'], "the teacher's bank", TOLERANCE);
    expectNear(tf.exp(banks.teacher.logZ!), expected['Z1'], 'Z of the student', TOLERANCE);
    expectNear(tf.exp(banks.student.logZ!), expected['Z2'], 'Z of the teacher', TOLERANCE);
  });
});
