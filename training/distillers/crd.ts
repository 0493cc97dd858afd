import * as tf from '@tensorflow/tfjs';
import { crd } from '../losses/crd.ts';
import { createContrastive } from './contrast/contrastive.ts';
import type { Distiller, DistillerContext } from './distiller.ts';

/** In the code of CMCRD's authors (Kan et al. 2026). */
const WEIGHT = 0.02;
/** Share of itself that a row of a bank keeps; RepDistiller's default. */
const MOMENTUM = 0.5;

/** Contrastive representation distillation of the last feature (Tian et al. 2020). Throws DATA_INVALID for one class. */
export function createCrd(context: DistillerContext): Distiller {
  return createContrastive(context, MOMENTUM, (contrast, banks) => tf.mul(crd(contrast, banks), WEIGHT));
}
