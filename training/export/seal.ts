/** Writes a model bundle and lets the runtime that serves it answer to its golden signal, whatever was trained. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AffectEdgeError } from '../../src/errors.ts';
import { makeFolder, writeFileAtomic } from '../../src/formats/write-file.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { type Manifest, modelIdSchema } from '../../src/model/manifest.ts';
import { makeGolden } from './golden.ts';
import { simulatedInput } from './simulated-input.ts';

/** The golden numbers' signal: a simulated person of no one's data. */
const GOLDEN_SEED = 2_000_000_011;
const GOLDEN_RATE_HZ: Readonly<Record<Manifest['modality'], number>> = { eeg: 250, eye: 60, eog: 250 };

interface SealTask {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly onnx: Uint8Array;
  /** Of the training framework; [rows][classes]. */
  probabilitiesOf(rows: readonly Float32Array[]): Promise<number[][]>;
  /** Made when the bundle can be loaded. */
  card(): Promise<string>;
}

/** The folder's last part names the model. */
export function modelIdOf(folder: string): string {
  return basename(resolve(folder));
}

/** Before hours of training: throws CONFIG_INVALID where a bundle can't be written there. */
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
  // Last: a folder with a manifest is a whole bundle.
  await writeFileAtomic(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  // Export law: the runtime that serves it answers to the golden signal as the training framework did.
  try {
    await (await loadBundle(folder, { live: false })).close();
  } catch (error) {
    await rm(join(folder, 'manifest.json'));
    throw error;
  }
  await writeFileAtomic(join(folder, 'CARD.md'), await task.card());
}
