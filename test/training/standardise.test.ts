import { describe, expect, it } from 'vitest';
import { fitStandardisation, standardise } from '../../training/standardise.ts';
import { blobs } from './support.ts';

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
