import { describe, expect, it } from 'vitest';
import { preprocessConfigSchema } from '../../src/preprocess-config.ts';
import { simulatedDataset } from '../../training/datasets/simulated.ts';

describe('the simulated data set', () => {
  const montage = ['FP1', 'FP2', 'O1', 'O2', 'T7'];
  const config = {
    preset: 'demo' as const,
    montage,
    sampleRateHz: 250,
    seed: 3,
    subjects: 2,
    trials: 3,
    trialS: 12,
    preprocess: preprocessConfigSchema.parse({ montage }),
  };

  it('holds whole windows of one trial each, and none from the settling filters', () => {
    const { table } = simulatedDataset(config, () => {});
    expect(table.width).toBe(25);
    // Each trial holds three windows; the first window of each subject settles.
    expect(Array.from(table.trials)).toEqual([0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5, 5]);
    expect(Array.from(table.subjects)).toEqual(Array.from(table.trials, (trial) => Math.floor(trial / 3)));
    expect(table.values.every(Number.isFinite)).toBe(true);
    for (const subject of [0, 1]) {
      const labels = new Set(table.labels.filter((_, row) => table.subjects[row] === subject));
      expect(labels.size).toBe(3);
    }
  });

  it('is the same for the same seed, and other people for another', () => {
    const rows = (seed: number) => simulatedDataset({ ...config, subjects: 1, seed }, () => {}).table.values;
    expect(rows(3)).toEqual(rows(3));
    expect(rows(3)).not.toEqual(rows(4));
  });
});
