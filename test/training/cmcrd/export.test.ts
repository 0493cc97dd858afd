import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../../src/model/bundle.ts';
import type { RunConfig } from '../../../training/cmcrd/config.ts';
import { checkExport, exportBundle } from '../../../training/cmcrd/export.ts';
import { foldsOf } from '../../../training/cmcrd/split.ts';
import { disposePair, probabilitiesOf, trainPair } from '../../../training/cmcrd/train-pair.ts';
import type { TableMeta } from '../../../training/datasets/paired-table.ts';
import { startBackend } from '../../../training/tf/backend.ts';
import { type PairedBlobs, pairedBlobs, QUICK } from '../../support/paired-table.ts';

let folder: string;

beforeAll(async () => {
  await startBackend(['wasm']);
  folder = await mkdtemp(join(tmpdir(), 'export-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function exported(name: string, meta: NonNullable<PairedBlobs['meta']>, direction = QUICK.direction) {
  const table = pairedBlobs({ meta });
  const config = { ...QUICK, direction };
  const rows = foldsOf(table, 'within', 1)[0]!;
  const pair = await trainPair({ config, table, rows, keys: [1] });
  const manifest = await exportBundle({
    folder: join(folder, name),
    student: pair.student,
    config,
    table,
    validation: rows.validation,
    test: rows.test,
    seed: 1,
    split: 'by trial',
    backend: 'wasm',
    codeVersion: '1.2.3',
  });
  const features = direction === 'eye-to-eeg' ? table.eeg : table.eye;
  const expected = await probabilitiesOf(pair.student, features, manifest.temperature);
  disposePair(pair);
  return { features, expected };
}

describe('a sealed student', () => {
  it('gives the same probabilities in the live runtime as in training (export law)', async () => {
    const { features, expected } = await exported('law', { simulated: false, description: 'a study of two' });
    const bundle = await loadBundle(join(folder, 'law'));
    const { width, values } = features;
    for (const row of [0, 7, 42]) {
      const { probs } = await bundle.classify(values.slice(row * width, (row + 1) * width));
      for (const [c, p] of probs.entries()) expect(p).toBeCloseTo(expected[row]![c]!, 4);
    }
    expect(bundle.manifest).toMatchObject({ id: 'law', simulated: false, causal: true });
    expect(bundle.manifest.training).toMatchObject({ data: 'a study of two', seeds: [1], preset: null });
    await bundle.close();
    const card = await readFile(join(folder, 'law', 'CARD.md'), 'utf8');
    expect(card).not.toContain('SIMULATED');
    expect(card).toContain('Trained on recordings of people');
  });

  it('does so for eye movement too, with blinks in the gaze', async () => {
    const meta = { description: 'a study of two', eye_method: 'causal-30s' } as const;
    const { features, expected } = await exported('eyes', meta, 'eeg-to-eye');
    const bundle = await loadBundle(join(folder, 'eyes'));
    const { width, values } = features;
    for (const row of [0, 7, 42]) {
      const { probs } = await bundle.classify(values.slice(row * width, (row + 1) * width));
      for (const [c, p] of probs.entries()) expect(p).toBeCloseTo(expected[row]![c]!, 4);
    }
    const { manifest } = bundle;
    await bundle.close();
    expect(manifest).toMatchObject({ id: 'eyes', modality: 'eye', causal: true });
    expect(manifest.preprocess).toMatchObject({ method: 'causal-30s', features: 33, window_s: 4, pupil_unit: 'mm' });
    const golden = JSON.parse(await readFile(join(folder, 'eyes', 'golden.json'), 'utf8'));
    expect(golden).toMatchObject({ schema: 'golden/2', sample_rate_hz: 60 });
    expect(golden.features).toHaveLength(4);
    const bytes = Buffer.from(golden.samples_base64, 'base64');
    const missing = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i)).filter(Number.isNaN);
    expect(missing.length).toBeGreaterThan(0);
    const card = await readFile(join(folder, 'eyes', 'CARD.md'), 'utf8');
    expect(card).toContain("No person's eye movement went into this model");
    expect(card).toContain('a teacher of EEG');
    expect(card).toContain('taught this student of eye movement by CMCRD');
  });

  it('of features that use the future is refused for live use', async () => {
    await exported('future', { causal: false });
    await (await loadBundle(join(folder, 'future'), { live: false })).close();
    await expect(loadBundle(join(folder, 'future'))).rejects.toThrow('causal is false');
  });
});

describe('an export that is not possible is refused before training', () => {
  const table = (meta: Partial<TableMeta> = {}) => pairedBlobs({ meta });

  it.each<[string, string, Partial<RunConfig>, Partial<TableMeta>, RegExp]>([
    [
      'a student of eye movement that knew the whole trial',
      'm',
      { direction: 'eeg-to-eye' },
      { eye_method: 'seed-trial' },
      /"seed-trial".*export a student of eye movement from a table of eye_method "causal-30s"/,
    ],
    [
      'one of a table that does not say',
      'm',
      { direction: 'eeg-to-eye' },
      { eye_preprocess: undefined },
      /eye_method null/,
    ],
    [
      'one of a table that does not state its preprocessing of gaze',
      'm',
      { direction: 'eeg-to-eye' },
      { eye_method: 'causal-30s', eye_preprocess: undefined },
      /how its eye features were made.*as "eye_preprocess".*--preprocess default if they were made with .*"algorithm":"ivt"/,
    ],
    [
      'one of a table that does not state its preprocessing of EEG',
      'm',
      {},
      { preprocess: undefined },
      /how its eeg features were made.*as "preprocess".*--preprocess default if they were made with .*"notch_hz":null/,
    ],
    [
      'one that knew the future',
      'm',
      { direction: 'eeg-to-eye' },
      { eye_method: 'causal-30s', causal: false },
      /causal: false/,
    ],
    ['fusion', 'm', { distiller: { ...QUICK.distiller, name: 'fusion' } }, {}, /both modalities/],
    ['a transductive run', 'm', { teacher: { ...QUICK.teacher, mccSource: 'target' } }, {}, /--mcc-source/],
    ['a name that is no id', 'My Model', {}, {}, /lower-case/],
    ['an electrode without a known place', 'm', {}, { montage: ['FP1', 'FP2', 'T7', 'Q9'] }, /Q9/],
    ['smoothed features', 'm', {}, { smoothing: 'lds' }, /smoothed \(lds\)/],
  ])('%s', (_, name, config, changes, message) => {
    expect(() => checkExport(join(folder, name), { ...QUICK, ...config }, table(changes))).toThrow(message);
    expect(() => checkExport(join(folder, 'm'), QUICK, table())).not.toThrow();
  });

  it('over another bundle', async () => {
    await mkdir(join(folder, 'taken'));
    await writeFile(join(folder, 'taken', 'manifest.json'), '{}');
    expect(() => checkExport(join(folder, 'taken'), QUICK, table())).toThrow('holds a bundle already');
  });
});
