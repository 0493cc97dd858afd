import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deploymentSplit, describeSplit, type Fold, foldsOf, type Protocol } from '../../../training/cmcrd/split.ts';
import { pairedTable } from '../../../training/datasets/assemble.ts';
import type { PairedTable } from '../../../training/datasets/paired-table.ts';
import { pairedBlobs } from '../../support/paired-table.ts';

/** Tables on which both protocols have what they need. */
const tables = fc
  .record({
    subjects: fc.integer({ min: 3, max: 8 }),
    sessions: fc.integer({ min: 1, max: 3 }),
    trials: fc.integer({ min: 6, max: 12 }),
    windows: fc.integer({ min: 1, max: 3 }),
  })
  .map((options) => pairedBlobs(options));
const protocols = fc.constantFrom<Protocol>('within', 'cross');
const seeds = fc.nat(5000);

const SIDES = ['train', 'validation', 'test'] as const;
const union = (sides: readonly ArrayLike<number>[]) => sides.flatMap((side) => Array.from(side)).sort((a, b) => a - b);
const groupsAt = (groups: Int32Array, rows: Int32Array) => new Set(Array.from(rows, (row) => groups[row]!));

/** Rows of a table without those for which `drop` holds. */
function without(table: PairedTable, drop: (row: number) => boolean): PairedTable {
  const kept = [...table.eeg.labels.keys()].filter((row) => !drop(row));
  const pick = (column: Int32Array) => Int32Array.from(kept, (row) => column[row]!);
  const values = ({ values, width }: PairedTable['eeg']) =>
    Float32Array.from(kept.flatMap((row) => Array.from(values.subarray(row * width, (row + 1) * width))));
  return pairedTable(table.meta, {
    eeg: values(table.eeg),
    eye: values(table.eye),
    eyeWidth: table.eye.width,
    labels: pick(table.eeg.labels),
    subjects: pick(table.eeg.subjects),
    sessions: pick(table.sessions),
    sessionTrials: pick(table.sessionTrials),
  });
}

describe('the folds', () => {
  it('put every row of their universe on one side, and no trial or subject on two', () => {
    fc.assert(
      fc.property(tables, protocols, seeds, (table, protocol, seed) => {
        const { subjects, trials } = table.eeg;
        const folds = foldsOf(table, protocol, seed);
        expect(folds.map(({ subject }) => subject)).toEqual([...new Set(subjects)]);
        for (const fold of folds) {
          const universe = [...subjects.keys()].filter((row) => protocol === 'cross' || subjects[row] === fold.subject);
          expect(union(SIDES.map((side) => fold[side]))).toEqual(universe);
          const held = SIDES.map((side) => [...groupsAt(protocol === 'cross' ? subjects : trials, fold[side])]);
          expect(new Set(held.flat()).size).toBe(held.flat().length);
        }
      }),
    );
  });

  it('within subjects train on the first trials of each session, and hold out one in five of each class', () => {
    fc.assert(
      fc.property(tables, seeds, (table, seed) => {
        const { labels, trials } = table.eeg;
        for (const fold of foldsOf(table, 'within', seed)) {
          const first = (row: number) => table.sessionTrials[row]! < table.meta.within_train_trials;
          expect([...fold.train, ...fold.validation].every(first)).toBe(true);
          expect([...fold.test].some(first)).toBe(false);
          for (const label of [0, 1]) {
            const held = SIDES.slice(0, 2).map(
              (side) =>
                groupsAt(
                  trials,
                  fold[side].filter((row) => labels[row] === label),
                ).size,
            ) as [number, number];
            expect(held[1]).toBe(Math.max(1, Math.round((held[0] + held[1]) / 5)));
          }
        }
      }),
    );
  });

  it('across subjects test each once, and validate on one in five of the others', () => {
    fc.assert(
      fc.property(tables, seeds, (table, seed) => {
        const { subjects } = table.eeg;
        const folds = foldsOf(table, 'cross', seed);
        for (const fold of folds) {
          expect([...groupsAt(subjects, fold.test)]).toEqual([fold.subject]);
          const others = folds.length - 1;
          expect(groupsAt(subjects, fold.validation).size).toBe(Math.max(1, Math.round(others / 5)));
        }
      }),
    );
  });

  it('are the same for the same seed, and others for another', () => {
    const table = pairedBlobs({ subjects: 6, sessions: 3, trials: 12 });
    for (const protocol of ['within', 'cross'] as const) {
      expect(foldsOf(table, protocol, 1)).toEqual(foldsOf(table, protocol, 1));
      const held = (seed: number) => foldsOf(table, protocol, seed).map(({ groups }) => groups.validation);
      expect(held(1)).not.toEqual(held(2));
      // Each fold draws for itself.
      expect(new Set(held(1).map((groups) => groups.join().replaceAll(/(^|,)\d+\//g, ' '))).size).toBeGreaterThan(1);
    }
  });

  it('need no particular order of the rows', () => {
    const table = pairedBlobs({ subjects: 4 });
    const order = [...table.eeg.labels.keys()].reverse();
    const pick = (column: Int32Array) => Int32Array.from(order, (row) => column[row]!);
    const reversed: PairedTable = {
      ...table,
      eeg: {
        ...table.eeg,
        labels: pick(table.eeg.labels),
        subjects: pick(table.eeg.subjects),
        trials: pick(table.eeg.trials),
      },
      sessions: pick(table.sessions),
      sessionTrials: pick(table.sessionTrials),
    };
    const sides = (folds: Fold[]) => folds.map(({ test }) => test.length);
    expect(sides(foldsOf(reversed, 'cross', 1))).toEqual(sides(foldsOf(table, 'cross', 1)));
    for (const { test, subject } of foldsOf(reversed, 'within', 1)) {
      expect([...groupsAt(reversed.eeg.subjects, test)]).toEqual([subject]);
      expect(Array.from(test)).toEqual(union([test]));
    }
  });
});

describe('the split of the model to be served', () => {
  it('holds out validation groups, and trains on every other row', () => {
    fc.assert(
      fc.property(tables, protocols, seeds, (table, protocol, seed) => {
        const { subjects, trials, labels } = table.eeg;
        const split = deploymentSplit(table, protocol, seed);
        expect(union([split.train, split.validation])).toEqual([...subjects.keys()]);
        const groups = protocol === 'cross' ? subjects : trials;
        const held = [split.train, split.validation].map((rows) => groupsAt(groups, rows));
        expect([...held[0]!].some((group) => held[1]!.has(group))).toBe(false);
        expect(groupsAt(labels, split.validation).size).toBe(2);
        if (protocol === 'within') expect(groupsAt(subjects, split.validation)).toEqual(new Set(subjects));
        expect(deploymentSplit(table, protocol, seed)).toEqual(split);
      }),
    );
  });
});

describe('split.json', () => {
  it('holds enough to rebuild every side exactly', () => {
    fc.assert(
      fc.property(tables, protocols, seeds, (table, protocol, seed) => {
        const splits = [...foldsOf(table, protocol, seed), deploymentSplit(table, protocol, seed)];
        const written = JSON.parse(JSON.stringify(describeSplit(protocol, splits))) as ReturnType<typeof describeSplit>;
        expect(written.splits.length).toBe(splits.length);
        for (const [i, { name, unit, ...groups }] of written.splits.entries()) {
          expect(groups).toMatchObject({ protocol, seed });
          expect(name).toBe(splits[i]!.name);
          const keyOf = (row: number) =>
            unit === 'subject'
              ? `${table.eeg.subjects[row]}`
              : `${table.eeg.subjects[row]}/${table.sessions[row]}/${table.sessionTrials[row]}`;
          for (const side of SIDES.filter((side) => side in groups)) {
            const members = new Set((groups as Fold['groups'])[side]);
            const rows = [...table.eeg.labels.keys()].filter((row) => members.has(keyOf(row)));
            expect(Array.from((splits[i] as Fold)[side])).toEqual(rows);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('a table is refused', () => {
  const refusal = (message: RegExp) =>
    expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(message) });

  it('across subjects, with fewer than three of them, and the way out is written', () => {
    expect(() => foldsOf(pairedBlobs({ subjects: 1 }), 'cross', 1)).toThrow(
      refusal(/only 1 subject .*needs 3.*--protocol within/),
    );
    expect(() => foldsOf(pairedBlobs({ subjects: 2 }), 'cross', 1)).toThrow(refusal(/only 2 subjects .*needs 3/));
    expect(() => deploymentSplit(pairedBlobs({ subjects: 1 }), 'cross', 1)).toThrow(
      refusal(/only 1 subject .*needs 2/),
    );
    expect(foldsOf(pairedBlobs({ subjects: 1 }), 'within', 1).length).toBe(1);
  });

  it('where a class is absent from what trains or validates', () => {
    const table = pairedBlobs({ subjects: 3 });
    const { subjects, labels } = table.eeg;
    const gone = without(table, (row) => subjects[row] === 1 && labels[row] === 1);
    expect(() => foldsOf(gone, 'within', 1)).toThrow(
      refusal(/^subject 1 has no training rows of class "class1".*two of the first 4 trials/),
    );
    const single = without(table, (row) => subjects[row] === 2 && table.sessionTrials[row] === 0);
    expect(() => foldsOf(single, 'within', 1)).toThrow(refusal(/^subject 2 has no training rows of class "class0"/));
    const alone = without(table, (row) => subjects[row] !== 0 && labels[row] === 1);
    expect(() => foldsOf(alone, 'cross', 1)).toThrow(
      refusal(/^subject 0 has no training rows of class "class1".*every subject/),
    );
    expect(() => deploymentSplit(alone, 'within', 1)).not.toThrow();
    const unseen = without(table, (row) => subjects[row] === 0 && labels[row] === 1);
    expect(() => foldsOf(unseen, 'cross', 1)).toThrow(refusal(/has no (training|validation) rows of class "class1"/));
  });

  it('where a subject has nothing to test on', () => {
    const table = pairedBlobs({ subjects: 2 });
    const short = without(table, (row) => table.eeg.subjects[row] === 1 && table.sessionTrials[row]! >= 4);
    expect(() => foldsOf(short, 'within', 1)).toThrow(
      refusal(/^subject 1 has no rows to test on.*before trial 4.*within_train_trials/),
    );
  });
});
