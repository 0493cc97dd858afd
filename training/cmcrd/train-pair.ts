/** Trains the networks of one fold: a teacher of one modality and a student of the other. */
import * as tf from '@tensorflow/tfjs';
import { Random } from '../../src/random.ts';
import type { Backbone, RowLayout } from '../backbones/backbone.ts';
import { createBackbone } from '../backbones/index.ts';
import type { PairedTable } from '../datasets/paired-table.ts';
import { type FeatureTable, selectRows } from '../datasets/table.ts';
import type { Widths } from '../distillers/distiller.ts';
import { createDistiller, traitsOf } from '../distillers/index.ts';
import type { FitResult, TrainingHooks } from '../loop/epochs.ts';
import { type EpochFigures, type FitState, readAll } from '../loop/fit-state.ts';
import { activationsOf, predictLogits, softmax } from '../loop/predict.ts';
import type { RunConfig } from './config.ts';
import { fitStandardisation, type Standardisation, standardise } from './standardise.ts';
import { type Distillation, distill } from './student.ts';
import { trainTeacher } from './teacher.ts';

interface PairTask {
  readonly config: RunConfig;
  readonly table: PairedTable;
  /** Row numbers of each side; `test` may be empty. */
  readonly rows: Readonly<Record<'train' | 'validation' | 'test', Int32Array>>;
  /** Names of the random streams: the seed and the fold. */
  readonly keys: readonly (string | number)[];
}

export type Role = 'teacher' | 'student';
export type PairFigures = EpochFigures & { readonly role: Role };

/** Training state of a pair, as plain numbers. */
export interface PairState {
  /** Null until the teacher is trained. */
  readonly teacher: { readonly fit: FitResult; readonly weights: readonly Float32Array[] } | null;
  /** State of the network in training; null where it has not begun. */
  readonly training: FitState | null;
}

/** A trained network with the standardisation of its inputs. */
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
    // The student is made first, so that a backbone that can't read its rows is refused before the teacher is trained.
    const student = await createTrainee('student', task, created);
    const { needsTeacher } = traitsOf(task.config.distiller.name);
    const teacher = needsTeacher ? await createTrainee('teacher', task, created) : null;
    const trained = teacher && (await teacherOf(teacher, task, hooks));
    return { teacher: trained, student: await studentOf(student, teacher, trained, task, hooks) };
  } catch (error) {
    for (const backbone of created) tf.dispose(weightsOf(backbone));
    throw error;
  }
}

/** Logits [rows][classes] for plain features of the model's modality. */
export function logitsOf({ backbone, standardisation }: Trained, table: FeatureTable): Promise<number[][]> {
  return predictLogits(backbone, standardise(table, standardisation));
}

/** Probabilities [rows][classes] as served. */
export async function probabilitiesOf(trained: Trained, table: FeatureTable, temperature: number): Promise<number[][]> {
  return (await logitsOf(trained, table)).map((row) => softmax(row, temperature));
}

export function disposePair({ teacher, student }: Pair): void {
  for (const trained of [teacher, student]) tf.dispose(trained === null ? [] : weightsOf(trained.backbone));
}

/** A network to be trained, with the rows of its modality, standardised by the training rows. */
interface Trainee extends Readonly<Record<'train' | 'validation' | 'test', FeatureTable>> {
  readonly backbone: Backbone;
  readonly standardisation: Standardisation;
  readonly keys: PairTask['keys'];
}

async function createTrainee(role: Role, task: PairTask, created: Backbone[]): Promise<Trainee> {
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

/** Trains the teacher, or restores it where it was trained before the interruption. */
async function teacherOf(trainee: Trainee, { config }: PairTask, hooks: Hooks): Promise<Trained> {
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

async function studentOf(
  trainee: Trainee,
  teacher: Trainee | null,
  trained: Trained | null,
  task: PairTask,
  hooks: Hooks,
): Promise<Trained> {
  const { backbone, standardisation, train, validation, keys } = trainee;
  const distillation = teacher && (await distillationOf(task, teacher, trainee));
  const state = trained && { fit: trained.fit, weights: await readAll(weightsOf(trained.backbone)) };
  // If the checkpoint is of the teacher's training, there is no state of the student to resume.
  const resume = teacher === null || hooks.resume?.teacher ? hooks.resume : undefined;
  try {
    const fit = await distill(
      { backbone, distillation, train, validation, config: task.config.student, keys },
      hooksOf('student', state, resume, hooks),
    );
    return { backbone, standardisation, fit };
  } finally {
    distillation?.distiller.dispose();
  }
}

/** Null where the student learns from the labels alone, as for `fusion`. */
async function distillationOf(
  { config, keys }: PairTask,
  teacher: Trainee,
  student: Trainee,
): Promise<Distillation | null> {
  const distiller = await createDistiller(config.distiller.name, {
    student: widthsOf(student),
    teacher: widthsOf(teacher),
    labels: student.train.labels,
    config: config.distiller,
    random: new Random(...keys, 'distiller'),
  });
  return distiller && { distiller, teacher: await activationsOf(teacher.backbone, teacher.train) };
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

/** The hooks of one role, made from the pair's. */
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
