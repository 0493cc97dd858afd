/** Figures of an EOG run's folds and their summary. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AffectEdgeError } from '../../src/errors.ts';
import { LEVELS } from '../../src/simulation/affect-scales.ts';
import { calibrate } from '../evaluation/calibrate.ts';
import { evaluate, pooled, rounded, SIMULATED_NOTICE, summarise } from '../evaluation/metrics.ts';
import type { FitResult } from '../loop/epochs.ts';
import { type EogConfig, type FeedbackMode, feedbackOf, RECONSTRUCTION, type Target } from './config.ts';
import { type NetworkSize, PUBLISHED_SIZE } from './network/size.ts';
import { type EogData, type EogTrial, type EogWindow, windowsOf } from './recordings.ts';
import type { EogFold } from './split.ts';
import { type EogPair, logitsOf } from './train-pair.ts';

/** Percent, of DEAP. */
const PUBLISHED: Readonly<Record<Target, number>> = { valence: 70.38, arousal: 60.41 };

type Figures = ReturnType<typeof evaluate>;

export interface EogFoldResult {
  readonly seed: number;
  readonly fold: string;
  /** Counts of windows. */
  readonly rows: Readonly<Record<'train' | 'validation' | 'test', number>>;
  readonly metrics: Figures;
  readonly teacher_metrics: Figures;
  /** Accuracy of always predicting the level that is more frequent in the training windows. */
  readonly majority_accuracy: number;
  readonly per_subject: readonly (SubjectFigures & { readonly subject: number })[];
  readonly training: FitResult;
}

interface SubjectFigures {
  readonly accuracy: number;
  readonly balanced_accuracy: number;
  readonly macro_f1: number;
  readonly majority_accuracy: number;
  readonly teacher_accuracy: number;
}

/** Keys as in every `train` run's result; accuracies from 0 to 1. */
export interface EogResult extends SubjectFigures {
  readonly system: 'eog-feedback';
  readonly reconstruction: string;
  /**
   * Between subjects; null for one. `accuracy`, `teacher_accuracy` and `majority_accuracy` are means over subjects and
   * seeds.
   */
  readonly accuracy_std: number | null;
  readonly ece: number;
  readonly per_subject: readonly (SubjectFigures & { readonly subject: number })[];
  /** [true level][predicted level], low before high, over all seeds and folds. */
  readonly confusion: readonly (readonly number[])[];
  /** The feedback that was used: `none` in V1 and V2. */
  readonly feedback: FeedbackMode;
  readonly seconds: number;
  readonly backend: string;
  readonly code_version: string;
  readonly simulated: boolean;
  /** Percent, of the paper on DEAP; null for simulated data. */
  readonly published_accuracy: number | null;
  readonly notices: readonly string[];
  readonly config: EogConfig;
  readonly size: NetworkSize;
  readonly data: {
    readonly description: string;
    readonly fingerprint: string;
    readonly rows: number;
    readonly left_out: number;
  };
}

/**
 * Evaluates a fold's networks, calibrated on its validation windows, on its test windows, which were used for nothing
 * else. Throws DATA_INVALID without test windows.
 */
export async function evaluateFold(pair: EogPair, fold: EogFold, { target }: EogConfig): Promise<EogFoldResult> {
  const windows = (trials: readonly EogTrial[]) => windowsOf(trials, target);
  const [train, validation, test] = [windows(fold.train), windows(fold.validation), windows(fold.test)];
  const labels = test.map(({ label }) => label);
  if (test.length === 0) {
    throw new AffectEdgeError('DATA_INVALID', `${fold.name} has no window to test on: use longer or more trials`);
  }
  const predict = async (network: EogPair['student']) => {
    const logits = (rows: readonly EogWindow[]) => logitsOf(network, rows, pair.scales);
    const { probabilities } = await calibrate(
      logits,
      validation,
      validation.map(({ label }) => label),
    );
    return probabilities(test);
  };
  const student = await predict(pair.student);
  const teacher = await predict(pair.teacher);
  const majority = majorityOf(train);
  const figuresOf = (rows: readonly number[]) => {
    const own = rows.map((row) => labels[row]!);
    const figures = (all: readonly number[][]) =>
      evaluate(
        rows.map((row) => all[row]!),
        own,
      );
    const always = own.filter((label) => label === majority).length / own.length;
    return { student: figures(student), teacher: figures(teacher), majority_accuracy: rounded(always) };
  };
  const all = figuresOf([...test.keys()]);
  const subjects = [...new Set(test.map(({ trial }) => trial.subject))];
  return {
    seed: fold.seed,
    fold: fold.name,
    rows: { train: train.length, validation: validation.length, test: test.length },
    metrics: all.student,
    teacher_metrics: all.teacher,
    majority_accuracy: all.majority_accuracy,
    per_subject: subjects.map((subject) => {
      const own = figuresOf([...test.keys()].filter((row) => test[row]!.trial.subject === subject));
      const { accuracy, balanced_accuracy, macro_f1 } = own.student;
      return {
        subject,
        accuracy,
        balanced_accuracy,
        macro_f1,
        majority_accuracy: own.majority_accuracy,
        teacher_accuracy: own.teacher.accuracy,
      };
    }),
    training: pair.fit,
  };
}

interface EogRunContext {
  readonly config: EogConfig;
  readonly data: EogData;
  readonly fingerprint: string;
  readonly size: NetworkSize;
  readonly backend: string;
  readonly codeVersion: string;
  readonly seconds: number;
}

export function summariseEog(folds: readonly EogFoldResult[], context: EogRunContext): EogResult {
  const { config, data, size, backend, codeVersion, fingerprint, seconds } = context;
  const mean = (values: readonly number[]) => rounded(summarise(values).mean);
  const entries = folds.flatMap((fold) => fold.per_subject);
  const overEach = (rows: readonly SubjectFigures[]): SubjectFigures => {
    const over = (pick: (row: SubjectFigures) => number) => mean(rows.map(pick));
    return {
      accuracy: over(({ accuracy }) => accuracy),
      balanced_accuracy: over(({ balanced_accuracy }) => balanced_accuracy),
      macro_f1: over(({ macro_f1 }) => macro_f1),
      majority_accuracy: over(({ majority_accuracy }) => majority_accuracy),
      teacher_accuracy: over(({ teacher_accuracy }) => teacher_accuracy),
    };
  };
  const subjects = [...new Set(entries.map(({ subject }) => subject))].sort((a, b) => a - b);
  const per_subject = subjects.map((subject) => ({
    subject,
    ...overEach(entries.filter((entry) => entry.subject === subject)),
  }));
  const { std } = summarise(per_subject.map(({ accuracy }) => accuracy));
  return {
    system: 'eog-feedback',
    reconstruction: RECONSTRUCTION,
    ...overEach(per_subject),
    accuracy_std: std === null ? null : rounded(std),
    ece: mean(folds.map(({ metrics }) => metrics.ece)),
    per_subject,
    confusion: pooled(folds.map(({ metrics }) => metrics)).confusion,
    feedback: feedbackOf(config),
    seconds: Number(seconds.toFixed(1)),
    backend,
    code_version: codeVersion,
    simulated: data.simulation !== null,
    published_accuracy: data.simulation === null ? PUBLISHED[config.target] : null,
    notices: noticesOf(data, size),
    config,
    size,
    data: {
      description: data.description,
      fingerprint,
      rows: windowsOf(data.trials, config.target).length,
      left_out: data.leftOut,
    },
  };
}

function noticesOf({ simulation, leftOut, trials }: EogData, size: NetworkSize): string[] {
  const all = leftOut + trials.reduce((sum, { windows }) => sum + windows.length, 0);
  const notices: [boolean, string][] = [
    [true, RECONSTRUCTION],
    [simulation !== null, SIMULATED_NOTICE],
    [
      leftOut > 0,
      `${leftOut} of ${all} windows are left out, as the live pipeline does not answer them: its filters settle, or a channel is bad`,
    ],
    [
      !isDeepStrictEqual(size, PUBLISHED_SIZE),
      `networks of another size than the published one: ${JSON.stringify(size)}`,
    ],
  ];
  return notices.flatMap(([holds, notice]) => (holds ? [notice] : []));
}

/** SHA-256 over signals, labels and groups. */
export function fingerprintOf({ description, trials }: EogData): string {
  const hash = createHash('sha256').update(description);
  for (const { subject, number, windows, high } of trials) {
    hash.update(JSON.stringify([subject, number, windows.length, high.valence, high.arousal]));
    for (const { eeg, eog } of windows) hash.update(eeg).update(eog);
  }
  return hash.digest('hex');
}

function majorityOf(windows: readonly EogWindow[]): number {
  const counts = LEVELS.map((_, level) => windows.filter(({ label }) => label === level).length);
  return counts.indexOf(Math.max(...counts));
}
