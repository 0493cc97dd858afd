import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/simulation/random.ts';
import { splitBy } from '../../training/split.ts';
import { fitStandardisation, standardise } from '../../training/standardise.ts';
import { blobs } from './support.ts';

describe('splitBy', () => {
  it('puts every row on one side, and no group on two', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('subjects' as const, 'trials' as const),
        fc.nat(),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 3 }),
        (group, seed, validation, test) => {
          const table = blobs({ rows: 160, width: 2, classes: 2 });
          const split = splitBy(group, table, { validation, test }, new Random(seed));
          const sides = [split.train, split.validation, split.test];
          expect(sides.reduce((sum, side) => sum + side.labels.length, 0)).toBe(160);
          const groups = sides.map((side) => new Set(side[group]));
          expect(groups[1]!.size).toBe(validation);
          expect(groups[2]!.size).toBe(test);
          const all = groups.flatMap((side) => [...side]);
          expect(new Set(all).size).toBe(all.length);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('refuses shares that leave nobody to train on', () => {
    const table = blobs({ rows: 48, width: 2, classes: 2 });
    expect(() => splitBy('subjects', table, { validation: 2, test: 1 }, new Random(1))).toThrow(
      /3 subjects leave none to train on/,
    );
  });

  it('keeps values, labels and groups of a row together, and tells the groups', () => {
    const table = blobs({ rows: 48, width: 3, classes: 3, separation: 1000 });
    const split = splitBy('subjects', table, { validation: 1, test: 1 }, new Random(1));
    for (const side of [split.train, split.validation, split.test]) {
      for (const [row, label] of side.labels.entries()) {
        expect(side.values[row * 3 + label]).toBeGreaterThan(900);
        expect(Math.floor(side.trials[row]! / 4)).toBe(side.subjects[row]);
      }
    }
    expect(split.description).toMatch(/^split by subject: train \d; validation \d; test \d$/);
  });
});

describe('standardisation', () => {
  it('gives the rows it was learnt from mean 0 and deviation 1', () => {
    const table = blobs({ rows: 400, width: 3, classes: 3 });
    const { mean, std } = fitStandardisation(standardise(table, fitStandardisation(table)));
    for (const value of mean) expect(value).toBeCloseTo(0, 5);
    for (const value of std) expect(value).toBeCloseTo(1, 5);
  });

  it('does not blow up a feature that never varied', () => {
    const table = { ...blobs({ rows: 4, width: 1, classes: 1 }), values: new Float32Array(4).fill(2) };
    expect(Array.from(standardise(table, fitStandardisation(table)).values)).toEqual([0, 0, 0, 0]);
  });
});
