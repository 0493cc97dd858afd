import { describe, expect, it } from 'vitest';
import { fitStandardisation, standardise } from '../../../training/cmcrd/standardise.ts';
import { blobs } from '../../support/training.ts';

describe('standardisation', () => {
  it('gives the training rows mean 0 and deviation 1', () => {
    const table = blobs({ rows: 400, width: 3, classes: 3 });
    const { mean, std } = fitStandardisation(standardise(table, fitStandardisation(table)));
    for (const value of mean) expect(value).toBeCloseTo(0, 5);
    for (const value of std) expect(value).toBeCloseTo(1, 5);
  });

  const oneFeature = (...values: number[]) => ({
    ...blobs({ rows: values.length, width: 1, classes: 1 }),
    values: Float32Array.from(values),
  });

  it('does not divide a constant feature, such as the blinks of a person who does not blink', () => {
    for (const constant of [0, 2, 1 / 3, 1e4]) {
      const learnt = fitStandardisation(oneFeature(constant, constant, constant));
      const [unseen] = standardise(oneFeature(constant + 30), learnt).values;
      expect(unseen).toBeCloseTo(30, 2);
    }
  });

  it('does the same in every unit', () => {
    const metres = oneFeature(0.0031, 0.0035, 0.0039);
    const millimetres = oneFeature(3.1, 3.5, 3.9);
    const [a, b] = [metres, millimetres].map((table) => standardise(table, fitStandardisation(table)).values);
    for (const [i, value] of a!.entries()) expect(value).toBeCloseTo(b![i]!, 3);
  });
});
