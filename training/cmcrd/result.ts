/** Figures of a run's folds and their summary. */
import { isDeepStrictEqual } from 'node:util';
import type { PairedTable, TableMeta } from '../datasets/paired-table.ts';
import { type FeatureTable, selectRows } from '../datasets/table.ts';
import { traitsOf } from '../distillers/index.ts';
import { calibrate } from '../evaluation/calibrate.ts';
import { evaluate, pooledWithEce, rounded, SIMULATED_NOTICE, summarise } from '../evaluation/metrics.ts';
import type { EpochFigures } from '../loop/fit-state.ts';
import { type RunConfig, runConfigSchema } from './config.ts';
import { publishedAccuracy } from './published.ts';
import type { Fold } from './split.ts';
import { logitsOf, modalityOf, type Pair, type Role, type Trained } from './train-pair.ts';

/** Losses below this are not rounding: only the reference form of CMCRD's loss has no lower bound. */
const ROUNDING = -0.01;

type Figures = ReturnType<typeof evaluate>;

interface Training {
  readonly best_epoch: number;
  readonly validation_loss: number;
  readonly curve: readonly EpochFigures[];
}

export interface FoldResult {
  readonly seed: number;
  readonly fold: string;
  readonly subject: number;
  readonly rows: Readonly<Record<'train' | 'validation' | 'test', number>>;
  /** Of the test rows, by the student's predictions, or the mean of both models' for `fusion`. */
  readonly metrics: Figures;
  readonly student: Training;
  readonly teacher: (Training & { readonly metrics: Figures }) | null;
}

interface SubjectResult {
  readonly subject: number;
  /** Mean over the seeds, as all figures here. */
  readonly accuracy: number;
  readonly balanced_accuracy: number;
  readonly macro_f1: number;
  readonly ece: number;
  readonly teacher_accuracy: number | null;
}

export interface RunResult {
  /** Means over subjects and seeds. */
  readonly accuracy: number;
  readonly balanced_accuracy: number;
  readonly macro_f1: number;
  readonly ece: number;
  /** Between subjects; null for one. */
  readonly accuracy_std: number | null;
  readonly teacher_accuracy: number | null;
  readonly per_subject: readonly SubjectResult[];
  /** [true class][predicted class] over all seeds and folds. */
  readonly confusion: readonly (readonly number[])[];
  readonly seconds: number;
  readonly backend: string;
  readonly code_version: string;
  readonly simulated: boolean;
  /** Percent, from the paper, where the table is one of its data sets. */
  readonly published_accuracy: number | null;
  /** What a reader of the figures must know. */
  readonly notices: readonly string[];
  readonly config: RunConfig;
  readonly data: { readonly description: string | null; readonly fingerprint: string; readonly rows: number };
}

/** Evaluates a fold's models, calibrated on its validation rows, on its test rows, which were used for nothing else. */
export async function evaluateFold(
  { teacher, student }: Pair,
  fold: Fold,
  { direction, distiller }: RunConfig,
  table: PairedTable,
): Promise<FoldResult> {
  const predict = async (trained: Trained, role: Role) => {
    const features = table[modalityOf(role, direction)];
    const validation = selectRows(features, fold.validation);
    const logits = (rows: FeatureTable) => logitsOf(trained, rows);
    const { probabilities } = await calibrate(logits, validation, validation.labels);
    return probabilities(selectRows(features, fold.test));
  };
  const { labels } = selectRows(table.eeg, fold.test);
  const own = await predict(student, 'student');
  const teachers = teacher && (await predict(teacher, 'teacher'));
  const { averagesPredictions } = traitsOf(distiller.name);
  const predictions = averagesPredictions && teachers ? own.map((row, i) => meanOf(row, teachers[i]!)) : own;
  return {
    seed: fold.seed,
    fold: fold.name,
    subject: fold.subject,
    rows: { train: fold.train.length, validation: fold.validation.length, test: fold.test.length },
    metrics: evaluate(predictions, labels),
    student: trainingOf(student),
    teacher: teacher && teachers && { ...trainingOf(teacher), metrics: evaluate(teachers, labels) },
  };
}

interface RunContext {
  readonly config: RunConfig;
  readonly table: PairedTable;
  readonly backend: string;
  readonly codeVersion: string;
  readonly seconds: number;
}

export function summariseRun(folds: readonly FoldResult[], context: RunContext): RunResult {
  const { config, table, backend, codeVersion, seconds } = context;
  const { meta } = table;
  const mean = (values: readonly number[]) => rounded(summarise(values).mean);
  const subjects = [...new Set(folds.map(({ subject }) => subject))];
  const per_subject = subjects.map((subject) => {
    const own = folds.filter((fold) => fold.subject === subject);
    const over = (pick: (fold: FoldResult) => number) => mean(own.map(pick));
    return {
      subject,
      accuracy: over(({ metrics }) => metrics.accuracy),
      balanced_accuracy: over(({ metrics }) => metrics.balanced_accuracy),
      macro_f1: over(({ metrics }) => metrics.macro_f1),
      ece: over(({ metrics }) => metrics.ece),
      teacher_accuracy: own[0]!.teacher === null ? null : over(({ teacher }) => teacher!.metrics.accuracy),
    };
  });
  const over = (pick: (subject: SubjectResult) => number) => mean(per_subject.map(pick));
  const { std } = summarise(per_subject.map(({ accuracy }) => accuracy));
  return {
    accuracy: over(({ accuracy }) => accuracy),
    accuracy_std: std === null ? null : rounded(std),
    balanced_accuracy: over(({ balanced_accuracy }) => balanced_accuracy),
    macro_f1: over(({ macro_f1 }) => macro_f1),
    ece: over(({ ece }) => ece),
    teacher_accuracy: folds[0]!.teacher === null ? null : over(({ teacher_accuracy }) => teacher_accuracy!),
    per_subject,
    confusion: pooledWithEce(folds).confusion,
    seconds: Number(seconds.toFixed(1)),
    backend,
    code_version: codeVersion,
    simulated: meta.simulated,
    published_accuracy: publishedFor(config, meta),
    notices: noticesOf(folds, context),
    config,
    data: { description: meta.description ?? null, fingerprint: table.fingerprint, rows: table.eeg.labels.length },
  };
}

/** Only for the paper's recipe: all electrodes and no ablation, with any form of the loss. */
function publishedFor(config: RunConfig, { dataset }: TableMeta): number | null {
  const { direction, backbone, protocol, seeds, distiller } = config;
  const { name, form, negatives } = distiller;
  const paper = runConfigSchema.parse({ direction, backbone, protocol, seeds, distiller: { name, form, negatives } });
  if (dataset === undefined || !isDeepStrictEqual(config, paper)) return null;
  return publishedAccuracy({ direction, backbone, protocol, dataset, distiller: name });
}

function noticesOf(folds: readonly FoldResult[], { config, table }: RunContext): string[] {
  const lowest = Math.min(...folds.flatMap(({ student }) => student.curve.map(({ loss }) => loss)));
  const { simulated, causal } = table.meta;
  const still = constants(table.eeg) + constants(table.eye);
  const untested = folds.filter(({ metrics }) => metrics.confusion.some((row) => row.every((count) => count === 0)));
  const notices: [boolean, string][] = [
    [simulated, SIMULATED_NOTICE],
    [still > 0, `features with one value in every row of the table: ${still}`],
    [!causal, 'the table uses the future of its windows (causal: false): no model of it is served live'],
    [
      config.teacher.mccSource === 'target' && traitsOf(config.distiller.name).needsTeacher,
      'transductive: the teachers saw the test rows without their labels (mccSource target)',
    ],
    [
      untested.length > 0,
      `${untested.length} of ${folds.length} folds test no row of some class; balanced accuracy is over those they test`,
    ],
    [lowest < ROUNDING, `the loss has no floor in this form, and fell to ${lowest.toPrecision(3)}`],
  ];
  return notices.flatMap(([holds, notice]) => (holds ? [notice] : []));
}

/** How many features never vary. */
function constants({ width, values }: FeatureTable): number {
  let still = 0;
  for (let f = 0; f < width; f++) {
    let row = width + f;
    while (row < values.length && values[row] === values[f]) row += width;
    if (row >= values.length) still++;
  }
  return still;
}

function trainingOf({ fit }: Trained): Training {
  return { best_epoch: fit.bestEpoch, validation_loss: fit.validationLoss, curve: fit.curve };
}

function meanOf(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => (value + b[i]!) / 2);
}
