/** Writes a model bundle and checks that the serving runtime reproduces its golden numbers. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AffectEdgeError } from '../../src/errors.ts';
import { makeFolder, writeFileAtomic } from '../../src/formats/write-file.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { type Manifest, modelIdSchema } from '../../src/model/manifest.ts';
import { makeGolden } from './golden.ts';
import { simulatedInput } from './simulated-input.ts';

/** Seed of the golden signal: a simulated person of no training data. */
const GOLDEN_SEED = 2_000_000_011;
const GOLDEN_RATE_HZ: Readonly<Record<Manifest['modality'], number>> = { eeg: 250, eye: 60, eog: 250 };

interface SealTask {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly onnx: Uint8Array;
  /** Probabilities of the training framework, [rows][classes]. */
  probabilitiesOf(rows: readonly Float32Array[]): Promise<number[][]>;
  /** Content of CARD.md; called when the bundle can be loaded. */
  card(): Promise<string>;
}

/** The last part of the folder's path is the model's id. */
export function modelIdOf(folder: string): string {
  return basename(resolve(folder));
}

/** Called before training. Throws CONFIG_INVALID where a bundle can't be written to the folder. */
export function checkBundleFolder(folder: string): void {
  const id = modelIdSchema.safeParse(modelIdOf(folder));
  const problem = id.success
    ? existsSync(join(folder, 'manifest.json')) && 'holds a bundle already; choose another name'
    : `its name becomes the model's id: ${id.error.issues[0]!.message}`;
  if (problem) throw new AffectEdgeError('CONFIG_INVALID', `--export ${folder}: ${problem}`);
}

/** Throws DISK_FULL, FILE_INVALID, and MODEL_INVALID where the export law does not hold. */
export async function sealBundle({ folder, manifest, onnx, ...task }: SealTask): Promise<void> {
  const sampleRateHz = GOLDEN_RATE_HZ[manifest.modality];
  const unseen = simulatedInput(manifest, { seed: GOLDEN_SEED, preset: 'demo', sampleRateHz });
  const golden = await makeGolden(unseen, manifest, (rows) => task.probabilitiesOf(rows));
  await makeFolder(folder);
  await writeFileAtomic(join(folder, 'model.onnx'), onnx);
  await writeFileAtomic(join(folder, 'golden.json'), `${JSON.stringify(golden)}\n`);
  // The manifest is written last: a folder with a manifest is a complete bundle.
  await writeFileAtomic(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  // Export law: the serving runtime must give the training framework's probabilities for the golden signal.
  try {
    await (await loadBundle(folder, { live: false })).close();
  } catch (error) {
    await rm(join(folder, 'manifest.json'));
    throw error;
  }
  await writeFileAtomic(join(folder, 'CARD.md'), await task.card());
}
