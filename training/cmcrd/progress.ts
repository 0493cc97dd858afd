/** The work of training a pair, in steps of a teacher. */
import { traitsOf } from '../distillers/index.ts';
import type { RunConfig } from './config.ts';
import type { PairFigures, PairState } from './train-pair.ts';

export interface PairWork {
  /** Work of one epoch. */
  readonly teacher: number;
  readonly student: number;
  /** Work of all the teacher's epochs, and of the whole pair. */
  readonly teacherTotal: number;
  readonly total: number;
}

/** A contrastive step takes as long as two steps of a teacher, plus one for so many rows of the bank. */
const ROWS_PER_STEP = 1000;

/** Of a pair that trains on so many rows. */
export function pairWork({ teacher, student, distiller }: RunConfig, rows: number): PairWork {
  const { contrastive, needsTeacher } = traitsOf(distiller.name);
  const perStep = contrastive ? 2 + rows / ROWS_PER_STEP : 1;
  const perTeacher = needsTeacher ? Math.floor(rows / teacher.batch) : 0;
  const perStudent = Math.floor(rows / student.batch) * perStep;
  const teacherTotal = perTeacher * teacher.epochs;
  return { teacher: perTeacher, student: perStudent, teacherTotal, total: teacherTotal + perStudent * student.epochs };
}

/** Work done after an epoch of either role. */
export function workAfter(work: PairWork, { role, epoch }: Pick<PairFigures, 'role' | 'epoch'>): number {
  return role === 'teacher' ? epoch * work.teacher : work.teacherTotal + epoch * work.student;
}

/** Work done on a pair of which a checkpoint holds the state. */
export function workIn(work: PairWork, state: PairState | null): number {
  const role = state?.teacher || work.teacher === 0 ? 'student' : 'teacher';
  return workAfter(work, { role, epoch: state?.training?.curve.length ?? 0 });
}
