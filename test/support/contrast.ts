import * as tf from '@tensorflow/tfjs';
import { Random } from '../../src/random.ts';
import type { Banks, ContrastBatch } from '../../training/distillers/contrast/contrast.ts';
import { MemoryBank } from '../../training/distillers/contrast/memory-bank.ts';
import type { Drawn } from '../../training/distillers/contrast/negatives.ts';
import { l2Normalise } from '../../training/tf/l2-normalise.ts';
import { linear } from '../../training/tf/layers.ts';
import { type LossCase, type Numbers, tensor2d } from './losses.ts';

/** Banks that hold what a case's `mem1` (student) and `mem2` (teacher) hold. */
export function banksOf({ params, inputs, expected }: LossCase): Banks {
  const bank = (values: Numbers | undefined) => {
    const features = tensor2d(values);
    const created = new MemoryBank(...features.shape, params['momentum']!, new Random(0));
    created.features.assign(features);
    return created;
  };
  const banks = { student: bank(inputs['mem1']), teacher: bank(inputs['mem2']) };
  if (params['Z_given']) {
    banks.teacher.freezeZ(tf.scalar(Math.log(expected['Z1'] as number)));
    banks.student.freezeZ(tf.scalar(Math.log(expected['Z2'] as number)));
  }
  return banks;
}

/** From rows [j_0 = i, j_1 .. j_K] of contrast_idx, with repetitions. */
export function drawnOf(idx: Numbers | undefined, contrastIdx: Numbers | undefined, samples: number): Drawn {
  const rows = idx as number[];
  const counts = tf.buffer([samples, rows.length], 'float32');
  for (const [i, [, ...negatives]] of (contrastIdx as number[][]).entries()) {
    for (const j of negatives) counts.set(counts.get(j, i) + 1, j, i);
  }
  const perSample = (contrastIdx as number[][])[0]!.length - 1;
  return { rows: tf.tensor1d(rows, 'int32'), counts: counts.toTensor() as tf.Tensor2D, perSample };
}

export const oneHot = (labels: Numbers | undefined, classes: number) =>
  tf.oneHot(tf.tensor1d(labels as number[], 'int32'), classes).toFloat() as tf.Tensor2D;

/** l2norm(x W' + b), with W [d, in] as PyTorch keeps it. */
function embed(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor2D {
  return l2Normalise(linear(x as tf.Tensor2D, tf.transpose(weight as tf.Tensor2D), bias as tf.Tensor1D));
}

/** The features of a case, by its operands fs, ft, ws, wt. */
export function batchOf(reference: LossCase, operands: Record<string, tf.Tensor>, samples: number): ContrastBatch {
  const { bs, bt, idx, contrast_idx } = reference.inputs;
  return {
    student: embed(operands['fs']!, operands['ws']!, tf.tensor1d(bs as number[])),
    teacher: embed(operands['ft']!, operands['wt']!, tf.tensor1d(bt as number[])),
    drawn: drawnOf(idx, contrast_idx, samples),
  };
}

export function guidanceOf({ inputs }: LossCase) {
  const studentLogits = tensor2d(inputs['student_logits']);
  return {
    studentLogits,
    teacherLogits: tensor2d(inputs['teacher_logits']),
    labels: oneHot(inputs['labels'], studentLogits.shape[1]),
  };
}
