import * as tf from '@tensorflow/tfjs';
import { pkt } from '../losses/pkt.ts';
import type { Distiller } from './distiller.ts';
import { parameterFree } from './parameter-free.ts';

/** In the code of CMCRD's authors (Kan et al. 2026). */
const WEIGHT = 1000;

/**
 * Probabilistic knowledge transfer of the last feature (Passalis & Tefas 2018). A batch of fewer than 3 rows is refused
 * with DATA_INVALID.
 */
export function createPkt(): Distiller {
  return parameterFree(({ student, teacher }) => tf.mul(pkt(student.embedding, teacher.embedding), WEIGHT));
}
