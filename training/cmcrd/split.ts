/** Which rows train, validate and test: within subjects by trials, across subjects by whole subjects. */
import { AffectEdgeError } from '../../src/errors.ts';
import { Random } from '../../src/random.ts';
import type { PairedTable } from '../datasets/paired-table.ts';
import { shuffle } from '../loop/shuffle.ts';
import { describeSplits, VALIDATION_SHARE } from '../loop/split.ts';
import type { RunConfig } from './config.ts';

export type Protocol = RunConfig['protocol'];

/** Row numbers of the table, ascending. */
interface Rows {
  readonly train: Int32Array;
  /** Choose the epoch and the temperature. */
  readonly validation: Int32Array;
}

/** Groups that are not divided: trials as "subject/session/trial", or subjects. */
interface Groups {
  readonly train: readonly string[];
  readonly validation: readonly string[];
}

interface Origin {
  readonly seed: number;
  readonly name: string;
}

export interface Fold extends Origin, Rows {
  /** The subject that is tested. */
  readonly subject: number;
  /** Used once, for the reported figures. */
  readonly test: Int32Array;
  readonly groups: Groups & { readonly test: readonly string[] };
}

/** For the model to be served: every row trains except the validation rows. */
export interface DeploymentSplit extends Origin, Rows {
  readonly groups: Groups;
}

/**
 * `within`: a fold for each subject with its sessions pooled. The first `within_train_trials` of each session train and
 * the others test; one in five training trials of each class validates. `cross`: each subject tests in turn, and one in
 * five of the others validates. The same seed gives the same folds.
 *
 * @throws DATA_INVALID where a side has no rows or lacks a class, and for `cross` with fewer than 3 subjects
 */
export function foldsOf(table: PairedTable, protocol: Protocol, seed: number): Fold[] {
  const subjects = distinct(table.eeg.subjects);
  const rowsOf = rowFinder(table, protocol);
  if (protocol === 'cross') checkSubjects(subjects, 3);
  return subjects.map((subject) => {
    const name = `subject ${subject}`;
    const random = new Random(seed, 'validation', subject);
    const groups =
      protocol === 'within' ? withinGroups(table, subject, random) : crossGroups(subjects, subject, random);
    const rows = {
      train: rowsOf(groups.train),
      validation: rowsOf(groups.validation),
      test: rowsOf(groups.test),
    };
    const fold = { seed, name, subject, groups, ...rows };
    checkClasses(table, protocol, fold);
    if (fold.test.length === 0) {
      throw invalid(
        `${name} has no rows to test on: its sessions end before trial ${table.meta.within_train_trials}, and the ` +
          `trials before it train; lower within_train_trials in meta.json, or leave the subject out`,
      );
    }
    return fold;
  });
}

/** `within`: one in five trials of each subject and class validates; `cross`: one in five subjects. Throws DATA_INVALID. */
export function deploymentSplit(table: PairedTable, protocol: Protocol, seed: number): DeploymentSplit {
  const subjects = distinct(table.eeg.subjects);
  const random = new Random(seed, 'validation', 'deployment');
  let groups: Groups;
  if (protocol === 'within') {
    const parts = subjects.map((subject) => holdOutTrials(trialsOf(table, subject), random));
    groups = {
      train: parts.flatMap(({ train }) => train),
      validation: parts.flatMap(({ validation }) => validation),
    };
  } else {
    checkSubjects(subjects, 2);
    groups = holdOut(subjects.map(String), random);
  }
  const rowsOf = rowFinder(table, protocol);
  const rows = { train: rowsOf(groups.train), validation: rowsOf(groups.validation) };
  const split = { seed, name: 'deployment', groups, ...rows };
  checkClasses(table, protocol, split);
  return split;
}

/** Content of `split.json`. */
export function describeSplit(protocol: Protocol, splits: readonly (Fold | DeploymentSplit)[]) {
  return describeSplits(protocol, protocol === 'within' ? 'subject/session/trial' : 'subject', splits);
}

interface Trial {
  readonly key: string;
  /** Within its session, from 0. */
  readonly number: number;
  readonly label: number;
}

/** A subject's trials in the order of their rows. */
function trialsOf({ eeg, sessions, sessionTrials }: PairedTable, subject: number): Trial[] {
  const trials = new Map<number, Trial>();
  for (const [row, trial] of eeg.trials.entries()) {
    if (eeg.subjects[row] !== subject || trials.has(trial)) continue;
    const number = sessionTrials[row]!;
    trials.set(trial, { key: trialKey(subject, sessions[row]!, number), number, label: eeg.labels[row]! });
  }
  return [...trials.values()];
}

function trialKey(subject: number, session: number, trial: number): string {
  return `${subject}/${session}/${trial}`;
}

function withinGroups(table: PairedTable, subject: number, random: Random): Fold['groups'] {
  const trials = trialsOf(table, subject);
  const trains = ({ number }: Trial) => number < table.meta.within_train_trials;
  return {
    ...holdOutTrials(trials.filter(trains), random),
    test: trials.filter((trial) => !trains(trial)).map(({ key }) => key),
  };
}

function crossGroups(subjects: readonly number[], subject: number, random: Random): Fold['groups'] {
  return { ...holdOut(subjects.filter((other) => other !== subject).map(String), random), test: [String(subject)] };
}

/** Holds trials out class by class. */
function holdOutTrials(trials: readonly Trial[], random: Random): Groups {
  const classes = distinct(trials.map(({ label }) => label));
  const parts = classes.map((label) =>
    holdOut(
      trials.filter((trial) => trial.label === label).map(({ key }) => key),
      random,
    ),
  );
  const held = new Set(parts.flatMap(({ validation }) => validation));
  const keys = trials.map(({ key }) => key);
  return { train: keys.filter((key) => !held.has(key)), validation: keys.filter((key) => held.has(key)) };
}

/** Holds out one in five, at least one; both sides are in the order given. */
function holdOut(keys: readonly string[], random: Random): Groups {
  const drawn = [...keys];
  shuffle(drawn, random);
  const held = new Set(drawn.slice(0, Math.max(1, Math.round(keys.length / VALIDATION_SHARE))));
  return { train: keys.filter((key) => !held.has(key)), validation: keys.filter((key) => held.has(key)) };
}

/** A function from group names to their rows. */
function rowFinder({ eeg, sessions, sessionTrials }: PairedTable, protocol: Protocol) {
  const rows = new Map<string, number[]>();
  for (const [row, subject] of eeg.subjects.entries()) {
    const key = protocol === 'within' ? trialKey(subject, sessions[row]!, sessionTrials[row]!) : String(subject);
    const own = rows.get(key);
    if (own === undefined) rows.set(key, [row]);
    else own.push(row);
  }
  return (groups: readonly string[]): Int32Array => Int32Array.from(groups.flatMap((key) => rows.get(key)!)).sort();
}

/** Throws DATA_INVALID where training or validation rows lack a class. */
function checkClasses({ eeg, meta }: PairedTable, protocol: Protocol, { name, ...sides }: Origin & Rows): void {
  for (const side of ['train', 'validation'] as const) {
    const present = new Set(Array.from(sides[side], (row) => eeg.labels[row]!));
    const absent = meta.classes.filter((_, label) => !present.has(label));
    if (absent.length === 0) continue;
    const remedy =
      protocol === 'within'
        ? `a class needs two of the first ${meta.within_train_trials} trials of the subject's sessions`
        : 'every subject should show every class';
    throw invalid(
      `${name} has no ${side === 'train' ? 'training' : 'validation'} rows of class ${absent.map((c) => `"${c}"`).join(', ')}: ` +
        `${remedy}; add such trials, or leave the class or the subject out`,
    );
  }
}

function checkSubjects(subjects: readonly number[], fewest: number): void {
  if (subjects.length >= fewest) return;
  const there = subjects.length === 1 ? 'is only 1 subject' : `are only ${subjects.length} subjects`;
  throw invalid(
    `there ${there} in the table, and the protocol cross needs ${fewest} (to train, to validate${fewest > 2 ? ', to test' : ''}); use --protocol within, or add subjects`,
  );
}

function distinct(values: Iterable<number>): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

function invalid(message: string): AffectEdgeError {
  return new AffectEdgeError('DATA_INVALID', message);
}
