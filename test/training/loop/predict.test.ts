import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.ts';
import { createBackbone } from '../../../training/backbones/index.ts';
import { batchOf } from '../../../training/loop/batch.ts';
import { activationsOf, predictLogits } from '../../../training/loop/predict.ts';
import { startBackend } from '../../../training/tf/backend.ts';
import { blobs } from '../../support/training.ts';

beforeAll(async () => {
  await startBackend(['wasm']);
});

describe('the activations of a backbone', () => {
  const table = blobs({ rows: 1500, width: 6, classes: 3 });
  const dnn = () => createBackbone('dnn', { features: 6 }, 3, new Random('predict'));

  it('are those of one pass over all rows, for any number of rows', async () => {
    const backbone = await dnn();
    const answers = await activationsOf(backbone, table);
    const whole = tf.tidy(() => {
      const outputs = backbone.forward(tf.tensor2d(table.values, [1500, 6]), false);
      return { hidden: outputs.hidden, embedding: outputs.embedding, logits: outputs.logits };
    });
    for (const kind of ['hidden', 'embedding', 'logits'] as const) {
      const [rows, width] = whole[kind].shape;
      expect([answers[kind].values.length, answers[kind].width]).toEqual([rows * width, width]);
      const expected = whole[kind].dataSync();
      const errors = answers[kind].values.map((value, i) => Math.abs(value - expected[i]!));
      expect(
        errors.every((error) => error < 1e-5),
        kind,
      ).toBe(true);
    }
    const logits = await predictLogits(backbone, table);
    expect(logits.flat()).toEqual([...answers.logits.values]);
    expect(logits[1499]).toHaveLength(3);
  });

  it('leave no tensor behind', async () => {
    const backbone = await dnn();
    const before = tf.memory().numTensors;
    await activationsOf(backbone, table);
    await predictLogits(backbone, table);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('are empty without rows', async () => {
    const backbone = await dnn();
    const none = { ...table, values: new Float32Array(), labels: new Int32Array() };
    expect(await predictLogits(backbone, none)).toEqual([]);
    expect((await activationsOf(backbone, none)).embedding.values).toHaveLength(0);
  });
});

describe('batchOf', () => {
  it('picks rows in the order that it is asked for, also twice', () => {
    const picked = tf.tidy(() =>
      batchOf({ width: 2, values: Float32Array.of(0, 1, 10, 11, 20, 21) }, Int32Array.of(2, 0, 2)).arraySync(),
    );
    expect(picked).toEqual([
      [20, 21],
      [0, 1],
      [20, 21],
    ]);
  });
});
