import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../../training/backend.ts';

describe('startBackend', () => {
  it('takes the first that runs and says why the others do not', async () => {
    const { name, refused } = await startBackend();
    expect(tf.getBackend()).toBe(name === 'cuda' ? 'tensorflow' : name);
    for (const { reason } of refused) expect(reason).not.toBe('');
    const order = ['cuda', 'webgpu', 'wasm', 'cpu'];
    expect(refused.map((backend) => backend.name)).toEqual(order.slice(0, order.indexOf(name)));
  });

  it('every machine has wasm', async () => {
    expect(await startBackend(['wasm'])).toEqual({ name: 'wasm', refused: [] });
  });

  it('fails with the reasons where nothing runs', async () => {
    await expect(startBackend([])).rejects.toThrow('no TensorFlow.js backend starts');
  });
});
