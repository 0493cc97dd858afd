/** Which trials train, choose and test. */
import { AffectEdgeError } from '../../src/errors.ts';
import { Random } from '../../src/random.ts';
import { LEVELS } from '../../src/simulation/affect-scales.ts';
import { shuffle } from '../loop/shuffle.ts';
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
  /** Is looked at once, for the figures that are reported. */
  readonly test: readonly EogTrial[];
}

type Protocol = Pick<EogConfig, 'protocol' | 'folds' | 'target'>;

/** One group in so many validates. */
const VALIDATION_SHARE = 5;

/**
 * Each group tests in one of the folds: a trial, every subject's being dealt to the folds in turn (`trial`), or a
 * subject (`subject`). Of the other groups one in five validates, of each subject's trials or of the subjects. The same
 * seed gives the same folds.
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

/** Every trial but the validation's trains: for the model that is to be served. Throws as `eogFolds`. */
export function eogDeployment(trials: readonly EogTrial[], protocol: Protocol, seed: number): EogSplit {
  return checked({ name: 'deployment', ...holdOut(trials, deal(trials, protocol, seed)) }, protocol);
}

/**
 * Lists of groups, each to be divided by itself in turn: trials subject by subject, or all subjects. They are in drawn
 * order, a subject's trials level by level, so that each part has its share of both.
 */
function deal(trials: readonly EogTrial[], { protocol, folds, target }: Protocol, seed: number): EogTrial[][][] {
  const subjects = [...new Set(trials.map(({ subject }) => subject))].sort((a, b) => a - b);
  const own = (subject: number) => trials.filter((trial) => trial.subject === subject);
  const lists =
    protocol === 'subject' ? [subjects.map(own)] : subjects.map((subject) => own(subject).map((trial) => [trial]));
  for (const [i, groups] of lists.entries()) {
    // One to train and one to validate must be left beside those that test.
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

/** One in five groups of each list, at least one, not at the same places in all lists; all in the order of `trials`. */
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
