import * as tf from '@tensorflow/tfjs';
import { createLinear, type Linear } from '../../backbones/parts.ts';
import { l2Normalise } from '../../tf/l2-normalise.ts';
import { linear } from '../../tf/layers.ts';
import type { DistillBatch, Distiller, DistillerContext } from '../distiller.ts';
import type { Banks, ContrastBatch } from './contrast.ts';
import { MemoryBank } from './memory-bank.ts';
import { NegativeSampler } from './negatives.ts';

/** Width of the space that both features are projected to. */
const WIDTH = 128;
/** K / n where the configuration has no K: the paper has 900 of 1,200 rows within subjects. */
const NEGATIVES_SHARE = 0.75;

/**
 * What CRD and CMCRD share: linear projections of both last features to unit vectors of one space, a memory bank for
 * each modality whose rows keep the share `momentum` of their old value, and negatives drawn in every step. `loss`
 * scores a batch and updates the banks. A feature with NaN makes the loss NaN in the step that writes it to a bank, so a
 * training loop only has to check the loss.
 * @throws AffectEdgeError DATA_INVALID where all training rows are of one class
 */
export function createContrastive(
  { student, teacher, labels, config, random }: DistillerContext,
  momentum: number,
  loss: (contrast: ContrastBatch, banks: Banks, batch: DistillBatch) => tf.Scalar,
): Distiller {
  const samples = labels.length;
  const sampler = new NegativeSampler(labels, config.negatives ?? Math.max(1, Math.round(NEGATIVES_SHARE * samples)));
  const ofStudent = createLinear(student.embedding, WIDTH, random);
  const ofTeacher = createLinear(teacher.embedding, WIDTH, random);
  const banks = {
    student: new MemoryBank(samples, WIDTH, momentum, random),
    teacher: new MemoryBank(samples, WIDTH, momentum, random),
  };
  const parameters = [ofStudent.weight, ofStudent.bias, ofTeacher.weight, ofTeacher.bias] as tf.Variable[];
  return {
    parameters,
    banks: [banks.student, banks.teacher],
    loss(batch) {
      const projected = {
        student: project(batch.student.embedding, ofStudent),
        teacher: project(batch.teacher.embedding, ofTeacher),
      };
      return loss({ ...projected, drawn: sampler.draw(batch.rows, batch.random) }, banks, batch);
    },
    dispose() {
      tf.dispose(parameters);
      banks.student.dispose();
      banks.teacher.dispose();
    },
  };
}

/** x [B, in] -> unit vectors [B, out] */
export function project(x: tf.Tensor2D, { weight, bias }: Linear): tf.Tensor2D {
  return l2Normalise(linear(x, weight, bias));
}
