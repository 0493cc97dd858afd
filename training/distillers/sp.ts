import * as tf from '@tensorflow/tfjs';
import { sp } from '../losses/sp.ts';
import type { Distiller } from './distiller.ts';
import { parameterFree } from './parameter-free.ts';

/** In the code of CMCRD's authors (Kan et al. 2026). */
const WEIGHT = 100;

/** Similarity preservation of the intermediate feature f1 (Tung & Mori 2019). */
export function createSp(): Distiller {
  return parameterFree(({ student, teacher }) => tf.mul(sp(student.hidden, teacher.hidden), WEIGHT));
}
