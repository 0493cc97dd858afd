/** One fold: a teacher of one modality, a student of the other. */
import * as tf from '@tensorflow/tfjs';
import { Random } from '../src/simulation/random.ts';
import type { Backbone, RowLayout } from './backbones/backbone.ts';
import { createBackbone } from './backbones/create.ts';
import type { RunConfig } from './config.ts';
import type { PairedTable } from './datasets/paired-table.ts';
import { type FeatureTable, selectRows } from './datasets/table.ts';
import { distill } from './distill.ts';
import { createDistiller } from './distillers/create.ts';
import type { Widths } from './distillers/distiller.ts';
import type { FitResult, TrainingHooks } from './fit.ts';
import { type EpochFigures, type FitState, readAll } from './fit-state.ts';
import { answersOf, predictLogits, softmax } from './predict.ts';
import { fitStandardisation, type Standardisation, standardise } from './standardise.ts';
import { trainTeacher } from './train-teacher.ts';

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
  if (task.config.distiller.name === 'none') return { teacher: null, student: await studentOf(task, null, hooks) };
  const teacher = await teacherOf(task, hooks);
  return { teacher, student: await studentOf(task, teacher, hooks) };
}

/** [rows][classes], for plain features of the model's modality. */
export async function probabilitiesOf(
  { backbone, standardisation }: Trained,
  table: FeatureTable,
  temperature = 1,
): Promise<number[][]> {
  const logits = await predictLogits(backbone, standardise(table, standardisation));
  return logits.map((row) => softmax(row, temperature));
}

export function disposePair({ teacher, student }: Pair): void {
  for (const trained of [teacher, student]) tf.dispose(trained === null ? [] : weightsOf(trained.backbone));
}

async function teacherOf(task: PairTask, hooks: Hooks): Promise<Trained> {
  const { config, keys } = task;
  const { layout, standardisation, train, validation, test: target } = sideOf('teacher', task);
  const random = new Random(...keys, 'teacher', 'weights');
  const backbone = await createBackbone(config.backbone, layout, train.classes.length, random);
  const done = hooks.resume?.teacher;
  if (done) {
    for (const [i, variable] of weightsOf(backbone).entries()) {
      tf.tidy(() => variable.assign(tf.tensor(done.weights[i]!, variable.shape)));
    }
    return { backbone, standardisation, fit: done.fit };
  }
  const roleKeys = [...keys, 'teacher'];
  const fit = await trainTeacher(
    { backbone, train, validation, target, config: config.teacher, keys: roleKeys },
    hooksOf('teacher', null, hooks.resume, hooks),
  );
  return { backbone, standardisation, fit };
}

async function studentOf(task: PairTask, teacher: Trained | null, hooks: Hooks): Promise<Trained> {
  const { config, keys } = task;
  const { layout, standardisation, train, validation } = sideOf('student', task);
  const roleKeys = [...keys, 'student'];
  const random = new Random(...roleKeys, 'weights');
  const backbone = await createBackbone(config.backbone, layout, train.classes.length, random);
  const lesson = teacher && (await lessonOf(task, teacher, backbone, train));
  const taught = teacher && { fit: teacher.fit, weights: await readAll(weightsOf(teacher.backbone)) };
  // A teacher that was trained just now leaves nothing of the student's to resume.
  const resume = teacher === null || hooks.resume?.teacher ? hooks.resume : undefined;
  try {
    const fit = await distill(
      { backbone, lesson, train, validation, config: config.student, keys: roleKeys },
      hooksOf('student', taught, resume, hooks),
    );
    return { backbone, standardisation, fit };
  } finally {
    lesson?.distiller.dispose();
  }
}

/** Null where the distiller tells the student nothing. */
async function lessonOf(task: PairTask, teacher: Trained, student: Backbone, train: FeatureTable) {
  const { train: teacherTrain } = sideOf('teacher', task);
  const answers = await answersOf(teacher.backbone, teacherTrain);
  const distiller = await createDistiller(task.config.distiller.name, {
    student: widthsOf(student, train.width),
    teacher: { hidden: answers.hidden.width, embedding: answers.embedding.width },
    labels: train.labels,
    config: task.config.distiller,
    random: new Random(...task.keys, 'distiller'),
  });
  return distiller && { distiller, answers };
}

interface Side extends Readonly<Record<'train' | 'validation' | 'test', FeatureTable>> {
  readonly layout: RowLayout;
  readonly standardisation: Standardisation;
}

/** The rows of a role's modality, standardised by those that train. */
function sideOf(role: Role, { config, table, rows }: PairTask): Side {
  const modality = modalityOf(role, config.direction);
  const features = table[modality];
  const standardisation = fitStandardisation(selectRows(features, rows.train));
  const pick = (numbers: Int32Array) => standardise(selectRows(features, numbers), standardisation);
  const { montage, bands } = table.meta;
  return {
    layout: modality === 'eeg' ? { montage, bands: bands.length } : { features: features.width },
    standardisation,
    train: pick(rows.train),
    validation: pick(rows.validation),
    test: pick(rows.test),
  };
}

export function modalityOf(role: Role, direction: RunConfig['direction']): 'eeg' | 'eye' {
  return (role === 'student') === (direction === 'eye-to-eeg') ? 'eeg' : 'eye';
}

function widthsOf(backbone: Backbone, features: number): Widths {
  return tf.tidy(() => {
    const { hidden, embedding } = backbone.forward(tf.zeros([1, features]), false);
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
