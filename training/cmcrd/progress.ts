/** How far a run is, in shares of its work. */
import { traitsOf } from '../distillers/index.ts';
import type { Shares } from '../loop/progress.ts';
import type { RunConfig } from './config.ts';
import type { PairFigures, PairState } from './train-pair.ts';

interface Sides {
  readonly train: Int32Array;
}

/** Work of an epoch of either role, and of a whole fold. */
interface Work {
  readonly teacher: number;
  readonly student: number;
  readonly teacherInAll: number;
  readonly all: number;
}

/** A contrastive step meets a bank of all rows: as long as a teacher's step, twice, and again for so many rows. */
const ROWS_PER_STEP = 1000;

export class RunProgressMeter {
  readonly #config: RunConfig;
  readonly #folds: readonly Sides[];
  readonly #before = new Map<Sides, number>();
  readonly #total: number;
  readonly #resumed: number;
  #reported: number;

  /** `finished` folds lie behind, and the next one has begun so far. */
  constructor(config: RunConfig, folds: readonly Sides[], finished: number, begun: PairState | null) {
    this.#config = config;
    this.#folds = folds;
    let total = 0;
    for (const fold of folds) {
      this.#before.set(fold, total);
      total += this.#workOf(fold).all;
    }
    this.#total = total;
    this.#resumed = this.#upTo(finished, begun);
    this.#reported = this.#resumed;
  }

  /** After an epoch of a fold. */
  at(fold: Sides, { role, epoch }: Pick<PairFigures, 'role' | 'epoch'>): Shares {
    const work = this.#workOf(fold);
    const own = role === 'teacher' ? epoch * work.teacher : work.teacherInAll + epoch * work.student;
    const done = this.#before.get(fold)! + own;
    // Epochs come one by one, unless a teacher's are left out or a step in the middle of one was taken up.
    const advanced = Math.min(done - this.#reported, work[role]);
    const skipped = done - this.#reported - advanced;
    this.#reported = done;
    const share = (value: number) => value / this.#total;
    return {
      done: share(done),
      resumed: share(this.#resumed),
      advanced: share(advanced),
      skipped: share(skipped),
    };
  }

  #workOf({ train }: Sides): Work {
    const { teacher, student, distiller } = this.#config;
    const { contrastive, needsTeacher } = traitsOf(distiller.name);
    const perStep = contrastive ? 2 + train.length / ROWS_PER_STEP : 1;
    const perTeacher = needsTeacher ? Math.floor(train.length / teacher.batch) : 0;
    const perStudent = Math.floor(train.length / student.batch) * perStep;
    const teacherInAll = perTeacher * teacher.epochs;
    return { teacher: perTeacher, student: perStudent, teacherInAll, all: teacherInAll + perStudent * student.epochs };
  }

  #upTo(finished: number, begun: PairState | null): number {
    const fold = this.#folds[finished];
    if (fold === undefined) return this.#total;
    const work = this.#workOf(fold);
    const epochs = begun?.training?.curve.length ?? 0;
    const own =
      begun?.teacher || work.teacher === 0 ? work.teacherInAll + epochs * work.student : epochs * work.teacher;
    return this.#before.get(fold)! + own;
  }
}
