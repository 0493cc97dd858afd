import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../../src/random.ts';
import { MemoryBank } from '../../../../training/distillers/contrast/memory-bank.ts';
import { startBackend } from '../../../../training/tf/backend.ts';

beforeAll(async () => {
  await startBackend(['wasm']);
});

describe('MemoryBank', () => {
  it('starts uniform within the bound, by its seed', () => {
    const values = (seed: number) => new MemoryBank(200, 12, 0.5, new Random(seed)).features.dataSync();
    const start = values(1);
    expect(Math.max(...start.map(Math.abs))).toBeLessThanOrEqual(0.5);
    expect(Math.max(...start.map(Math.abs))).toBeGreaterThan(0.49);
    expect(start).toEqual(values(1));
    expect(start).not.toEqual(values(2));
  });

  it('updates only the rows of the batch, by its momentum', () => {
    const bank = new MemoryBank(3, 2, 0.25, new Random(1));
    bank.features.assign(tf.tensor2d([1, 0, 0, 1, 1, 0], [3, 2]));
    const rows = tf.tensor1d([2, 1], 'int32');
    bank.update(rows, bank.at(rows), tf.tensor2d([0, 1, 0, 1], [2, 2]));
    const length = Math.hypot(0.25, 0.75);
    const expected = [1, 0, 0, 1, 0.25 / length, 0.75 / length];
    for (const [i, value] of bank.features.dataSync().entries()) expect(value).toBeCloseTo(expected[i]!, 6);
  });
});
