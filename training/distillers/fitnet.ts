import * as tf from '@tensorflow/tfjs';
import { createLinear } from '../backbones/parts.ts';
import { linear } from '../tf/layers.ts';
import type { Distiller, DistillerContext } from './distiller.ts';
import { parameterFree } from './parameter-free.ts';

/**
 * FitNets (Romero et al. 2015) on the last feature, with weight 1 beside the cross-entropy, as in the code of CMCRD's
 * authors (Kan et al. 2026). Where the widths differ, a linear regressor that trains with the student maps its feature
 * to the teacher's width. The teacher's feature is not regressed: with a regressor on each side, both could make the
 * loss 0 by shrinking, and the student would learn nothing.
 */
export function createFitnet({ student, teacher, random }: DistillerContext): Distiller {
  if (student.embedding === teacher.embedding) {
    return parameterFree((batch) => fitnet(batch.student.embedding, batch.teacher.embedding));
  }
  const { weight, bias } = createLinear(student.embedding, teacher.embedding, random);
  return {
    parameters: [weight, bias] as tf.Variable[],
    banks: [],
    loss: (batch) => fitnet(linear(batch.student.embedding, weight, bias), batch.teacher.embedding),
    dispose() {
      weight.dispose();
      bias.dispose();
    },
  };
}

/** Mean squared error of the features, [B, d] each -> scalar. Romero et al. 2015, "FitNets: hints for thin deep nets". */
export function fitnet(student: tf.Tensor2D, teacher: tf.Tensor2D): tf.Scalar {
  return tf.mean(tf.square(tf.sub(student, teacher)));
}
