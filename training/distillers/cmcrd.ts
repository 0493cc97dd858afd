import * as tf from '@tensorflow/tfjs';
import { cmcrd } from '../losses/cmcrd.ts';
import { createContrastive } from './contrast/contrastive.ts';
import type { Distiller, DistillerContext } from './distiller.ts';

/** Lambda 2 of CMCRD (Kan et al. 2026). */
const WEIGHT = 0.02;
/** Share of itself that a row of a bank keeps, in the code of CMCRD's authors. */
const MOMENTUM = 0.05;

/**
 * Cross-modal contrastive representation distillation of the last feature (Kan et al. 2026) in the form that the
 * configuration names. Where the guidance sets gate, a step may leave the projections without gradient.
 * Throws DATA_INVALID for one class.
 */
export function createCmcrd(context: DistillerContext): Distiller {
  const { form, guidanceSets, certaintyWeights } = context.config;
  const distiller = createContrastive(context, MOMENTUM, (contrast, banks, { student, teacher, labels }) => {
    const guidance = { studentLogits: student.logits, teacherLogits: teacher.logits, labels };
    return tf.mul(cmcrd(contrast, banks, guidance, { form, guidanceSets, certaintyWeights }), WEIGHT);
  });
  return guidanceSets ? { ...distiller, gated: distiller.parameters } : distiller;
}
