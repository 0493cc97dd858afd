import * as tf from '@tensorflow/tfjs';
import { kd } from '../losses/kd.ts';
import type { Distiller } from './distiller.ts';
import { parameterFree } from './parameter-free.ts';

/** In the code of CMCRD's authors (Kan et al. 2026). */
const WEIGHT = 10;

/** Knowledge distillation of the logits (Hinton et al. 2015). */
export function createKd(): Distiller {
  return parameterFree(({ student, teacher }) => tf.mul(kd(student.logits, teacher.logits), WEIGHT));
}
