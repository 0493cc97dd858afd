/** Splits rows by a group (subject or trial), so that no group has rows on two sides. */
import { AffectEdgeError } from '../src/errors.ts';
import type { Random } from '../src/simulation/random.ts';
import { type FeatureTable, selectRows } from './datasets/table.ts';
import { shuffle } from './shuffle.ts';

export interface Split {
  readonly train: FeatureTable;
  /** Chooses the epoch and the temperature. */
  readonly validation: FeatureTable;
  /** Is looked at once, for the figures that are reported. */
  readonly test: FeatureTable;
  /** In words, with the groups of each side. */
  readonly description: string;
}

/** `shares`: how many groups go to validation and test; the others train. Throws DATA_INVALID where none is left to. */
export function splitBy(
  group: 'subjects' | 'trials',
  table: FeatureTable,
  shares: { readonly validation: number; readonly test: number },
  random: Random,
): Split {
  const groups = [...new Set(table[group])];
  if (groups.length <= shares.validation + shares.test) {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `${groups.length} ${group} leave none to train on: validation takes ${shares.validation}, test ${shares.test}; use more ${group} or smaller shares`,
    );
  }
  shuffle(groups, random);
  const sides = {
    test: groups.slice(0, shares.test),
    validation: groups.slice(shares.test, shares.test + shares.validation),
    train: groups.slice(shares.test + shares.validation),
  };
  const rowsOf = (members: readonly number[]) => {
    const set = new Set(members);
    return [...table[group].keys()].filter((row) => set.has(table[group][row]!));
  };
  const listed = (members: readonly number[]) => [...members].sort((a, b) => a - b).join(' ');
  return {
    train: selectRows(table, rowsOf(sides.train)),
    validation: selectRows(table, rowsOf(sides.validation)),
    test: selectRows(table, rowsOf(sides.test)),
    description:
      `split by ${group.slice(0, -1)}: train ${listed(sides.train)}; ` +
      `validation ${listed(sides.validation)}; test ${listed(sides.test)}`,
  };
}
