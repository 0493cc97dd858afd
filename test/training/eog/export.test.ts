import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { manifestEssentials } from '../../../src/model/manifest.ts';
import { decodeOnnx } from '../../../src/model/onnx-proto.ts';
import { Random } from '../../../src/random.ts';
import { EOG_PREPROCESS } from '../../../training/eog/cut.ts';
import { createEogNetwork, type EogNetwork, forward } from '../../../training/eog/network/index.ts';
import { SERVING, trainingPass } from '../../../training/eog/network/pass.ts';
import { patchesOf } from '../../../training/eog/network/patches.ts';
import { PUBLISHED_SIZE } from '../../../training/eog/network/size.ts';
import { type EogDescription, exportEogStudent } from '../../../training/eog/onnx.ts';
import { CHANNELS, normals, SMALL } from '../../support/eog-training.ts';
import { onWasm } from '../../support/on-wasm.ts';

const MANIFEST: EogDescription = {
  schema: 'model-bundle/1',
  id: 'law',
  modality: 'eog',
  montage: ['hEOG', 'vEOG'],
  preprocess: EOG_PREPROCESS,
  target: 'valence',
  reconstruction: 'RECONSTRUCTION',
  classes: ['low valence', 'high valence'],
  standardisation: { mean: [12.5, -40], std: [60, 90] },
  temperature: 1.6,
  simulated: true,
  causal: true,
};
const { mean, std } = MANIFEST.standardisation;
/** The export law of docs: what an exported model may differ from the trained one. */
const LAW = 1e-4;

onWasm();

/** Trained as far as that no weight and no statistic is at its start. */
function student(size: EogNetwork['size']): EogNetwork {
  const random = new Random('export');
  const network = createEogNetwork([CHANNELS.eog], 2, size, random);
  for (const weight of network.parameters) weight.assign(tf.add(weight, tf.mul(0.1, normals(random, weight.shape))));
  for (let i = 0; i < 4; i++) {
    forward(network, [patchesOf(windows(4, size, i).standardised, CHANNELS.eog, size)], trainingPass(random));
  }
  return network;
}

function windows(count: number, { samples }: EogNetwork['size'], seed: number) {
  const random = new Random('windows', seed);
  const plain = Array.from({ length: count }, () =>
    Float32Array.from({ length: CHANNELS.eog * samples }, (_, i) => {
      const channel = Math.floor(i / samples);
      return mean[channel]! + std[channel]! * random.normal();
    }),
  );
  const standardised = plain.map((signal) =>
    signal.map((value, i) => {
      const channel = Math.floor(i / samples);
      return (value - mean[channel]!) / std[channel]!;
    }),
  );
  return { plain, standardised };
}

describe('the served EOG student', () => {
  it.each([
    ['the published size', PUBLISHED_SIZE],
    ['a small one', SMALL],
  ])('answers plain windows as the trained one: %s', async (_, size) => {
    const network = student(size);
    const onnx = await exportEogStudent(network, MANIFEST);
    const session = await InferenceSession.create(onnx, { logSeverityLevel: 2 });
    for (const count of [1, 5]) {
      const { plain, standardised } = windows(count, size, 99);
      const { feature, logits } = forward(network, [patchesOf(standardised, CHANNELS.eog, size)], SERVING);
      const expected = {
        logits: logits.value,
        probabilities: tf.softmax(tf.div(logits.value, MANIFEST.temperature)),
        embedding: feature.value,
      };
      const width = CHANNELS.eog * size.samples;
      const values = new Float32Array(count * width);
      for (const [i, signal] of plain.entries()) values.set(signal, i * width);
      const outputs = await session.run({ features: new Tensor('float32', values, [count, width]) });
      for (const [name, tensor] of Object.entries(expected)) {
        const served = tf.tensor(outputs[name]!.data as Float32Array, [...outputs[name]!.dims]);
        expect(served.shape).toEqual(tensor.shape);
        expect(tf.max(tf.abs(tf.sub(served, tensor))).dataSync()[0], name).toBeLessThan(LAW);
      }
    }
  });

  it('describes itself', async () => {
    const model = decodeOnnx(await exportEogStudent(student(SMALL), MANIFEST));
    const metadata = new Map(model.metadata_props!.map(({ key, value }) => [key, value]));
    expect(model.opset_import).toEqual([expect.objectContaining({ version: 17 })]);
    expect(metadata).toEqual(manifestEssentials(MANIFEST));
    expect(metadata.get('target')).toBe('"valence"');
    expect(metadata.get('reconstruction')).toContain('RECONSTRUCTION');
  });
});
