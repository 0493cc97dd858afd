import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../../src/random.ts';
import { NegativeSampler } from '../../../../training/distillers/contrast/negatives.ts';
import { startBackend } from '../../../../training/tf/backend.ts';

beforeAll(async () => {
  await startBackend(['wasm']);
});

describe('NegativeSampler', () => {
  const draw = (labels: readonly number[], perSample: number, rows: readonly number[], seed: number) =>
    tf.tidy(() => {
      const sampler = new NegativeSampler(Int32Array.from(labels), perSample);
      const { counts } = sampler.draw(Int32Array.from(rows), new Random(seed));
      return tf.transpose(counts).arraySync() as number[][];
    });

  it('draws K of the other classes for each sample, none twice where there are K', () => {
    const labels = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(labels, fc.integer({ min: 1, max: 40 }), fc.nat(), (some, perSample, seed) => {
        const all = [...some, 0, 1];
        const rows = [...all.keys()].slice(0, 8);
        for (const [i, counts] of draw(all, perSample, rows, seed).entries()) {
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(perSample);
          const others = all.filter((label) => label !== all[rows[i]!]).length;
          for (const [j, count] of counts.entries()) {
            if (all[j] === all[rows[i]!]) expect(count).toBe(0);
            else if (perSample <= others) expect(count).toBeLessThanOrEqual(1);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it.each([2, 3, 9])('draws every candidate equally often (K = %i)', (perSample) => {
    const rows = new Array<number>(3000).fill(0);
    const total = new Array<number>(6).fill(0);
    for (const counts of draw([0, 1, 1, 2, 0, 2], perSample, rows, 7)) {
      for (const [j, count] of counts.entries()) total[j]! += count;
    }
    expect([total[0], total[4]]).toEqual([0, 0]);
    const mean = (perSample * rows.length) / 4;
    for (const j of [1, 2, 3, 5]) expect(Math.abs(total[j]! / mean - 1)).toBeLessThan(0.06);
  });

  it('draws the same for the same seed, and otherwise for another', () => {
    const labels = Array.from({ length: 40 }, (_, i) => i % 2);
    expect(draw(labels, 5, [0, 1, 2], 1)).toEqual(draw(labels, 5, [0, 1, 2], 1));
    expect(draw(labels, 5, [0, 1, 2], 1)).not.toEqual(draw(labels, 5, [0, 1, 2], 2));
  });

  it('refuses a training set of one class', () => {
    const refused = expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringContaining('label 2') });
    expect(() => new NegativeSampler(Int32Array.of(2, 2), 3)).toThrow(refused);
  });
});
