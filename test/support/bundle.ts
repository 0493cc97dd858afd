/** A small valid bundle. */
import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Golden } from '../../src/model/golden.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import { Random } from '../../src/random.ts';
import { createEegGenerator } from '../../src/simulation/eeg/generator.ts';
import { createDnn } from '../../training/backbones/dnn.ts';
import { exportOnnx } from '../../training/cmcrd/onnx.ts';
import { standardise } from '../../training/cmcrd/standardise.ts';
import { tableOf } from '../../training/datasets/table.ts';
import { makeGolden } from '../../training/export/golden.ts';
import { predictLogits, softmax } from '../../training/loop/predict.ts';
import { startBackend } from '../../training/tf/backend.ts';

export interface BundleFiles {
  readonly manifest: Manifest;
  readonly onnx: Uint8Array;
  readonly golden: Extract<Golden, { schema: 'golden/1' }>;
}

const MONTAGE = ['FP1', 'O2'];
const WIDTH = 10;

/** A bundle with untrained weights, as the checks of a bundle do not depend on its accuracy. */
export async function createBundleFiles(): Promise<BundleFiles> {
  await startBackend(['wasm']);
  const standardisation = { mean: new Array<number>(WIDTH).fill(2), std: new Array<number>(WIDTH).fill(0.5) };
  const description = {
    schema: 'model-bundle/1' as const,
    id: 'tiny',
    modality: 'eeg' as const,
    montage: MONTAGE,
    preprocess: eegPreprocessConfigSchema.parse({ montage: MONTAGE }),
    classes: ['negative', 'neutral', 'positive'],
    standardisation,
    temperature: 1.5,
    simulated: true,
    causal: true,
  };
  const backbone = createDnn({ features: WIDTH }, 3, new Random('tiny'));
  const onnx = await exportOnnx(backbone, description);
  const manifest: Manifest = {
    ...description,
    ece: 0.1,
    onnx_sha256: sha256(onnx),
    training: {
      data: 'none',
      protocol: 'untrained',
      seeds: [1],
      code_version: 'test',
      backend: 'wasm',
      metrics: {},
      preset: 'demo',
      simulation_version: 1,
    },
  };
  const generator = createEegGenerator({ seed: 5, preset: 'demo', montage: MONTAGE, sampleRateHz: 250 });
  const golden = await makeGolden(generator, manifest, async (rows) => {
    const logits = await predictLogits(backbone, standardise(tableOf(manifest.classes, rows), standardisation));
    return logits.map((row) => softmax(row, description.temperature));
  });
  if (golden.schema !== 'golden/1') throw new Error(`an EEG's golden numbers are golden/1, not ${golden.schema}`);
  return { manifest, onnx, golden };
}

/** Writes a bundle to a new folder; its manifest gets the hash of `onnx`. */
export async function writeBundle({ manifest, onnx, golden }: BundleFiles): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'affect-edge-bundle-'));
  await writeFile(join(dir, 'model.onnx'), onnx);
  await writeFile(join(dir, 'manifest.json'), JSON.stringify({ ...manifest, onnx_sha256: sha256(onnx) }));
  await writeFile(join(dir, 'golden.json'), JSON.stringify(golden));
  return dir;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
