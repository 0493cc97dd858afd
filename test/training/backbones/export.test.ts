import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { CYTON8, EEG62 } from '../../../src/montage.ts';
import { eegPreprocessConfigSchema } from '../../../src/preprocess/eeg/config.ts';
import { eyePreprocessConfigSchema } from '../../../src/preprocess/eye/config.ts';
import { Random } from '../../../src/random.ts';
import type { RowLayout } from '../../../training/backbones/backbone.ts';
import { BACKBONE_NAMES, createBackbone } from '../../../training/backbones/index.ts';
import { exportOnnx } from '../../../training/cmcrd/onnx.ts';
import { startBackend } from '../../../training/tf/backend.ts';
import { hashed, inputs } from '../../support/backbones.ts';

const ROWS = 5;
const TEMPERATURE = 1.7;
const layouts: { row: string; layout: RowLayout; width: number }[] = [
  { row: '62 electrodes', layout: { montage: EEG62, bands: 5 }, width: 310 },
  { row: 'a Cyton', layout: { montage: CYTON8, bands: 5 }, width: 40 },
  { row: 'eye movement of 33 features', layout: { features: 33 }, width: 33 },
  { row: 'eye movement of 31 features', layout: { features: 31 }, width: 31 },
];

describe('export law', () => {
  beforeAll(async () => {
    await startBackend(['wasm']);
  });

  it.each(BACKBONE_NAMES.flatMap((name) => layouts.map((layout) => ({ name, ...layout }))))(
    'the served $name of $row answers as the trained one',
    async ({ name, layout, width }) => {
      const backbone = await createBackbone(name, layout, 3, new Random(7));
      // No weight stays at its start, where a forgotten 0 or 1 would not show.
      for (const [k, weight] of backbone.parameters.entries()) {
        weight.assign(tf.add(weight, tf.mul(0.1, hashed(k, weight.shape))));
      }
      // A few training passes give the statistics values of their own.
      for (let i = 0; i < 5; i++) backbone.forward(inputs(16, width), true);
      const mean = Array.from(hashed(1, [width]).dataSync());
      const std = Array.from(tf.add(1, hashed(2, [width])).dataSync());
      const montage = ['FP1', 'FP2'];
      const onnx = await exportOnnx(backbone, {
        schema: 'model-bundle/1',
        id: 'law',
        ...('montage' in layout
          ? { modality: 'eeg' as const, montage, preprocess: eegPreprocessConfigSchema.parse({ montage }) }
          : { modality: 'eye' as const, preprocess: eyePreprocessConfigSchema.parse({}) }),
        classes: ['a', 'b', 'c'],
        standardisation: { mean, std },
        temperature: TEMPERATURE,
        simulated: true,
        causal: true,
      });
      const x = inputs(ROWS, width);
      const { logits, embedding } = backbone.forward(tf.div(tf.sub(x, mean), std), false);
      const expected = { logits, embedding, probabilities: tf.softmax(tf.div(logits, TEMPERATURE)) };
      const session = await InferenceSession.create(onnx, { logSeverityLevel: 2 });
      // One row, as it is served live, and several.
      for (const rows of [1, ROWS]) {
        const features = new Tensor('float32', x.dataSync().slice(0, rows * width), [rows, width]);
        const outputs = await session.run({ features });
        for (const [output, tensor] of Object.entries(expected)) {
          const served = tf.tensor(outputs[output]!.data as Float32Array, [...outputs[output]!.dims]);
          const trained = tf.slice(tensor, 0, rows);
          expect(served.shape).toEqual(trained.shape);
          expect(tf.max(tf.abs(tf.sub(served, trained))).dataSync()[0], output).toBeLessThan(1e-4);
        }
      }
      await session.release();
    },
  );
});
