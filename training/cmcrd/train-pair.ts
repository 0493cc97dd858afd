/** One fold: a teacher of one modality, a student of the other. */
import * as tf from '@tensorflow/tfjs';
import { Random } from '../../src/random.ts';
import type { Backbone, RowLayout } from '../backbones/backbone.ts';
import { createBackbone } from '../backbones/index.ts';
import type { PairedTable } from '../datasets/paired-table.ts';
import { type FeatureTable, selectRows } from '../datasets/table.ts';
import type { Widths } from '../distillers/distiller.ts';
import { createDistiller, traitsOf } from '../distillers/index.ts';
import type { FitResult, TrainingHooks } from '../loop/fit.ts';
import { type EpochFigures, type FitState, readAll } from '../loop/fit-state.ts';
import { answersOf, predictLogits, softmax } from '../loop/predict.ts';
import type { RunConfig } from './config.ts';
import { fitStandardisation, type Standardisation, standardise } from './standardise.ts';
import { distill } from './student.ts';
import { trainTeacher } from './teacher.ts';

export interface PairTask {
  readonly config: RunConfig;
  readonly table: PairedTable;
  /** Row numbers of each side; `test` may be empty. */
  readonly rows: Readonly<Record<'train' | 'validation' | 'test', Int32Array>>;
  /** Name the random streams: the seed and the fold. */
  readonly keys: readonly (string | number)[];
}

export type Role = 'teacher' | 'student';
export type PairFigures = EpochFigures & { readonly role: Role };

/** Where a pair stands, as plain numbers. */
export interface PairState {
  /** Null until the teacher is trained. */
  readonly teacher: { readonly fit: FitResult; readonly weights: readonly Float32Array[] } | null;
  /** Of the one that is being trained; null where it has not begun. */
  readonly training: FitState | null;
}

/** A trained network with the standardisation that it needs. */
export interface Trained {
  readonly backbone: Backbone;
  readonly standardisation: Standardisation;
  readonly fit: FitResult;
}

export interface Pair {
  /** Null where the student learnt from the labels alone. */
  readonly teacher: Trained | null;
  readonly student: Trained;
}

type Hooks = TrainingHooks<PairState, PairFigures>;

/** Throws what `fitBackbone` throws, and what backbone and distiller refuse. */
export async function trainPair(task: PairTask, hooks: Hooks = {}): Promise<Pair> {
  const created: Backbone[] = [];
  try {
    // First, so that a backbone that can't read the student's rows is refused before its teacher is trained.
    const student = await traineeOf('student', task, created);
    const { needsTeacher } = traitsOf(task.config.distiller.name);
    const teacher = needsTeacher ? await traineeOf('teacher', task, created) : null;
    const taught = teacher && (await taughtTeacher(teacher, task, hooks));
    return { teacher: taught, student: await taughtStudent(student, teacher, taught, task, hooks) };
  } catch (error) {
    for (const backbone of created) tf.dispose(weightsOf(backbone));
    throw error;
  }
}

/** [rows][classes], for plain features of the model's modality. */
export function logitsOf({ backbone, standardisation }: Trained, table: FeatureTable): Promise<number[][]> {
  return predictLogits(backbone, standardise(table, standardisation));
}

/** The same as they are served. */
export async function probabilitiesOf(trained: Trained, table: FeatureTable, temperature: number): Promise<number[][]> {
  return (await logitsOf(trained, table)).map((row) => softmax(row, temperature));
}

export function disposePair({ teacher, student }: Pair): void {
  for (const trained of [teacher, student]) tf.dispose(trained === null ? [] : weightsOf(trained.backbone));
}

/** A network that is to learn, with the rows of its modality, standardised by those that train. */
interface Trainee extends Readonly<Record<'train' | 'validation' | 'test', FeatureTable>> {
  readonly backbone: Backbone;
  readonly standardisation: Standardisation;
  readonly keys: PairTask['keys'];
}

async function traineeOf(role: Role, task: PairTask, created: Backbone[]): Promise<Trainee> {
  const { config, table, rows } = task;
  const keys = [...task.keys, role];
  const modality = modalityOf(role, config.direction);
  const features = table[modality];
  const plain = selectRows(features, rows.train);
  const standardisation = fitStandardisation(plain);
  const pick = (numbers: Int32Array) => standardise(selectRows(features, numbers), standardisation);
  const { montage, bands } = table.meta;
  const layout: RowLayout = modality === 'eeg' ? { montage, bands: bands.length } : { features: features.width };
  const random = new Random(...keys, 'weights');
  const backbone = await createBackbone(config.backbone, layout, features.classes.length, random);
  created.push(backbone);
  const train = standardise(plain, standardisation);
  return { backbone, standardisation, keys, train, validation: pick(rows.validation), test: pick(rows.test) };
}

async function taughtTeacher(trainee: Trainee, { config }: PairTask, hooks: Hooks): Promise<Trained> {
  const { backbone, standardisation, train, validation, test: target, keys } = trainee;
  const done = hooks.resume?.teacher;
  if (done) {
    for (const [i, variable] of weightsOf(backbone).entries()) {
      tf.tidy(() => variable.assign(tf.tensor(done.weights[i]!, variable.shape)));
    }
    return { backbone, standardisation, fit: done.fit };
  }
  const fit = await trainTeacher(
    { backbone, train, validation, target, config: config.teacher, keys },
    hooksOf('teacher', null, hooks.resume, hooks),
  );
  return { backbone, standardisation, fit };
}

async function taughtStudent(
  trainee: Trainee,
  teacher: Trainee | null,
  taught: Trained | null,
  task: PairTask,
  hooks: Hooks,
): Promise<Trained> {
  const { backbone, standardisation, train, validation, keys } = trainee;
  const lesson = teacher && (await lessonOf(task, teacher, trainee));
  const state = taught && { fit: taught.fit, weights: await readAll(weightsOf(taught.backbone)) };
  // A teacher that was trained just now leaves nothing of the student's to resume.
  const resume = teacher === null || hooks.resume?.teacher ? hooks.resume : undefined;
  try {
    const fit = await distill(
      { backbone, lesson, train, validation, config: task.config.student, keys },
      hooksOf('student', state, resume, hooks),
    );
    return { backbone, standardisation, fit };
  } finally {
    lesson?.distiller.dispose();
  }
}

/** Null where the distiller tells the student nothing. */
async function lessonOf({ config, keys }: PairTask, teacher: Trainee, student: Trainee) {
  const distiller = await createDistiller(config.distiller.name, {
    student: widthsOf(student),
    teacher: widthsOf(teacher),
    labels: student.train.labels,
    config: config.distiller,
    random: new Random(...keys, 'distiller'),
  });
  return distiller && { distiller, answers: await answersOf(teacher.backbone, teacher.train) };
}

export function modalityOf(role: Role, direction: RunConfig['direction']): 'eeg' | 'eye' {
  return (role === 'student') === (direction === 'eye-to-eeg') ? 'eeg' : 'eye';
}

function widthsOf({ backbone, train }: Trainee): Widths {
  return tf.tidy(() => {
    const { hidden, embedding } = backbone.forward(tf.zeros([1, train.width]), false);
    return { hidden: hidden.shape[1], embedding: embedding.shape[1] };
  });
}

function weightsOf({ parameters, statistics }: Backbone): tf.Variable[] {
  return [...parameters, ...statistics];
}

/** The pair's hooks as those of one of the two. */
function hooksOf(
  role: Role,
  teacher: PairState['teacher'],
  resume: PairState | undefined,
  { signal, onEpoch, onInterrupt }: Hooks,
): TrainingHooks<FitState> {
  const wrap = (save: () => Promise<FitState>) => async () => ({ teacher, training: await save() });
  return {
    resume: resume?.training ?? undefined,
    signal,
    onEpoch: (figures, save) => onEpoch?.({ ...figures, role }, wrap(save)),
    onInterrupt: async (save) => onInterrupt?.(wrap(save)),
  };
}
