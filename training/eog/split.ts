/** Which trials train, validate and test. */
import { AffectEdgeError } from '../../src/errors.ts';
import { Random } from '../../src/random.ts';
import { LEVELS } from '../../src/simulation/affect-scales.ts';
import { shuffle } from '../loop/shuffle.ts';
import { describeSplits, VALIDATION_SHARE } from '../loop/split.ts';
import type { EogConfig } from './config.ts';
import type { EogTrial } from './recordings.ts';

export interface EogSplit {
  readonly train: readonly EogTrial[];
  /** Chooses the epoch. */
  readonly validation: readonly EogTrial[];
}

export interface EogFold extends EogSplit {
  readonly seed: number;
  readonly name: string;
  /** Used once, for the reported figures. */
  readonly test: readonly EogTrial[];
}

type Protocol = Pick<EogConfig, 'protocol' | 'folds' | 'target'>;

/**
 * Each group tests in one of the folds. A group is a trial, and each subject's trials are distributed over the folds
 * (`trial`), or a subject (`subject`). One in five of the other groups validates, of each subject's trials or of the
 * subjects. The same seed gives the same folds.
 *
 * @throws DATA_INVALID where there are too few groups for the folds, or training or validation lacks a level
 */
export function eogFolds(trials: readonly EogTrial[], protocol: Protocol, seed: number): EogFold[] {
  const dealt = deal(trials, protocol, seed);
  return Array.from({ length: protocol.folds }, (_, k) => {
    const test = new Set(dealt.flatMap((groups) => groups.filter((_, i) => i % protocol.folds === k)).flat());
    const others = dealt.map((groups) => groups.filter((_, i) => i % protocol.folds !== k));
    const fold = { seed, name: `fold ${k + 1}`, ...holdOut(trials, others), test: trials.filter((t) => test.has(t)) };
    return checked(fold, protocol);
  });
}

/** For the model to be served: every trial trains except those of validation. Throws as `eogFolds`. */
export function eogDeployment(trials: readonly EogTrial[], protocol: Protocol, seed: number): EogSplit {
  return checked({ name: 'deployment', ...holdOut(trials, deal(trials, protocol, seed)) }, protocol);
}

/**
 * Lists of groups, each to be divided by itself: a list of trials for each subject, or one list of all subjects. The
 * order is shuffled; a subject's trials are then sorted by level, so that each part has its share of both.
 */
function deal(trials: readonly EogTrial[], { protocol, folds, target }: Protocol, seed: number): EogTrial[][][] {
  const subjects = [...new Set(trials.map(({ subject }) => subject))].sort((a, b) => a - b);
  const own = (subject: number) => trials.filter((trial) => trial.subject === subject);
  const lists =
    protocol === 'subject' ? [subjects.map(own)] : subjects.map((subject) => own(subject).map((trial) => [trial]));
  for (const [i, groups] of lists.entries()) {
    // At least one group to train and one to validate must remain besides those that test.
    const left = groups.length - Math.ceil(groups.length / folds);
    if (groups.length < folds || left < 2) {
      const what = protocol === 'subject' ? 'subjects' : `trials of subject ${subjects[i]}`;
      const remedy =
        groups.length < 3 ? 'add some, or take the other protocol' : `ask for ${left < 2 ? 'more' : 'fewer'} folds`;
      throw new AffectEdgeError(
        'DATA_INVALID',
        `${groups.length} ${what} for ${folds} folds, each to train, to validate and to test: ${remedy}`,
      );
    }
    shuffle(groups, new Random(seed, 'eog folds', protocol, subjects[i]!));
    if (protocol === 'trial') groups.sort(([a], [b]) => Number(a!.high[target]) - Number(b!.high[target]));
  }
  return lists;
}

/** Holds out one in five groups of each list, at least one, at other places in each list; in the order of `trials`. */
function holdOut(trials: readonly EogTrial[], lists: readonly EogTrial[][][]): EogSplit {
  const held = new Set<EogTrial>();
  const rest = new Set<EogTrial>();
  for (const [l, groups] of lists.entries()) {
    const share = Math.min(VALIDATION_SHARE, groups.length);
    for (const [g, group] of groups.entries()) {
      for (const trial of group) (g % share === l % share ? held : rest).add(trial);
    }
  }
  return { train: trials.filter((trial) => rest.has(trial)), validation: trials.filter((trial) => held.has(trial)) };
}

function checked<Split extends EogSplit & { readonly name: string }>(split: Split, { target }: Protocol): Split {
  for (const side of ['train', 'validation'] as const) {
    for (const [level, name] of LEVELS.entries()) {
      if (split[side].some(({ high }) => Number(high[target]) === level)) continue;
      throw new AffectEdgeError(
        'DATA_INVALID',
        `${split.name} has no trial of ${name} ${target} to ${side === 'train' ? 'train on' : 'validate with'}: ` +
          'add trials or subjects, ask for fewer folds, or take another seed',
      );
    }
  }
  return split;
}

/** Content of split.json: trials as "subject/trial". */
export function describeSplit(protocol: string, folds: readonly EogFold[]) {
  const names = (trials: readonly EogTrial[]) => trials.map(({ subject, number }) => `${subject}/${number}`);
  const named = folds.map(({ seed, name, train, validation, test }) => ({
    seed,
    name,
    groups: { train: names(train), validation: names(validation), test: names(test) },
  }));
  return describeSplits(protocol, 'subject/trial', named);
}
