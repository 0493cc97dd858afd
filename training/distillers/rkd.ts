import { rkd } from '../losses/rkd.ts';
import type { Distiller } from './distiller.ts';
import { parameterFree } from './parameter-free.ts';

/**
 * Relational knowledge distillation of the last feature (Park et al. 2019), with weight 1 beside the cross-entropy, as
 * in the code of CMCRD's authors (Kan et al. 2026). A batch of fewer than 3 rows is refused with DATA_INVALID.
 */
export function createRkd(): Distiller {
  return parameterFree(({ student, teacher }) => rkd(student.embedding, teacher.embedding));
}
