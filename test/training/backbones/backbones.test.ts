import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { CYTON8, EEG62 } from '../../../src/montage.ts';
import { Random } from '../../../src/random.ts';
import type { RowLayout } from '../../../training/backbones/backbone.ts';
import { BACKBONE_NAMES, type BackboneName, createBackbone } from '../../../training/backbones/index.ts';
import { AdamW } from '../../../training/tf/adamw.ts';
import { startBackend } from '../../../training/tf/backend.ts';
import { crossEntropy } from '../../../training/tf/cross-entropy.ts';
import { countParameters, inputs } from '../../support/backbones.ts';

const seed = () => new Random(7, 'weights');
const eeg62: RowLayout = { montage: EEG62, bands: 5 };
const cyton8: RowLayout = { montage: CYTON8, bands: 5 };

describe('backbones', () => {
  beforeAll(async () => {
    await startBackend(['wasm']);
  });

  it.each<[BackboneName, RowLayout, width: number, parameters: number, hidden: number, embedding: number]>([
    ['dnn', eeg62, 310, 91_013, 128, 128],
    ['dnn', { features: 33 }, 33, 55_557, 128, 128],
    ['dgcnn', eeg62, 310, 8_979, 992, 992],
    ['dgcnn', { features: 33 }, 33, 3_768, 528, 528],
    ['bihdm', eeg62, 310, 11_409, 384, 96],
    ['bihdm', { features: 33 }, 33, 5_057, 192, 48],
    ['bihdm', cyton8, 40, 11_157, 384, 96],
  ])('%s of %o: the sizes of the specification', async (name, layout, width, parameters, hidden, embedding) => {
    const backbone = await createBackbone(name, layout, 5, seed());
    expect(countParameters(backbone)).toBe(parameters);
    const outputs = backbone.forward(inputs(2, width), false);
    expect(outputs.hidden.shape).toEqual([2, hidden]);
    expect(outputs.embedding.shape).toEqual([2, embedding]);
    expect(outputs.logits.shape).toEqual([2, 5]);
  });

  it('BiHDM refuses a montage without mirrored electrodes, with a way out', async () => {
    await expect(createBackbone('bihdm', { montage: ['FP1', 'CZ', 'O2'], bands: 5 }, 3, seed())).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringContaining('FP1 CZ O2 has no such two') }),
    );
  });

  it.each(
    BACKBONE_NAMES.flatMap((name) => [
      { name, layout: cyton8, width: 40 },
      { name, layout: { features: 33 }, width: 33 },
    ]),
  )(
    '$name learns, moves every weight that it reads, and leaves no tensor behind ($layout)',
    async ({ name, layout, width }) => {
      const backbone = await createBackbone(name, layout, 2, seed());
      const before = backbone.parameters.map((parameter) => parameter.dataSync().slice());
      const x = inputs(32, width);
      const y = tf.tidy(() =>
        tf
          .oneHot(
            tf.tensor1d(
              Array.from({ length: 32 }, (_, i) => i % 2),
              'int32',
            ),
            2,
          )
          .toFloat(),
      );
      const loss = () => crossEntropy(backbone.forward(x, true).logits, y as tf.Tensor2D);
      const optimiser = new AdamW(backbone.parameters, 0);
      const tensors = tf.memory().numTensors;
      const losses = Array.from({ length: 40 }, () =>
        tf.tidy(() => {
          const { value, grads } = tf.variableGrads(loss, [...backbone.parameters]);
          optimiser.step(grads, 1e-2);
          return value.dataSync()[0]!;
        }),
      );
      expect(tf.memory().numTensors).toBe(tensors);
      expect(losses.at(-1)).toBeLessThan(0.5 * losses[0]!);
      for (const [k, parameter] of backbone.parameters.entries()) {
        const moved = parameter.dataSync().some((value, i) => value !== before[k]![i]);
        // One step of eye movement has no state before it.
        const isState = name === 'bihdm' && 'features' in layout && k < 24 && k % 4 === 1;
        // Batch normalisation takes the bias before it out again.
        const isBias = name === 'dnn' && k < 16 && k % 4 === 1;
        expect(moved, `parameter ${k}`).toBe(!isState && !isBias);
      }
    },
  );
});
