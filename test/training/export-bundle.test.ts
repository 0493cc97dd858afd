import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../src/model/bundle.ts';
import { startBackend } from '../../training/backend.ts';
import type { RunConfig } from '../../training/config.ts';
import type { TableMeta } from '../../training/datasets/paired-table.ts';
import { checkExport, exportBundle } from '../../training/export-bundle.ts';
import { foldsOf } from '../../training/protocols.ts';
import { disposePair, probabilitiesOf, trainPair } from '../../training/train-pair.ts';
import { type PairedBlobs, pairedBlobs, QUICK } from './paired-support.ts';

let folder: string;

beforeAll(async () => {
  await startBackend(['wasm']);
  folder = await mkdtemp(join(tmpdir(), 'export-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function exported(name: string, meta: PairedBlobs['meta']) {
  const table = pairedBlobs(meta === undefined ? {} : { meta });
  const rows = foldsOf(table, 'within', 1)[0]!;
  const pair = await trainPair({ config: QUICK, table, rows, keys: [1] });
  const manifest = await exportBundle({
    folder: join(folder, name),
    student: pair.student,
    config: QUICK,
    table,
    validation: rows.validation,
    test: rows.test,
    seed: 1,
    split: 'by trial',
    backend: 'wasm',
    codeVersion: '1.2.3',
  });
  const expected = await probabilitiesOf(pair.student, table.eeg, manifest.temperature);
  disposePair(pair);
  return { table, expected };
}

describe('a sealed student', () => {
  it('answers in the live runtime as in training (export law)', async () => {
    const { table, expected } = await exported('law', { simulated: false, description: 'a study of two' });
    const bundle = await loadBundle(join(folder, 'law'));
    const { width, values } = table.eeg;
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

  it('of features that use the future is refused for live use', async () => {
    await exported('future', { causal: false });
    await (await loadBundle(join(folder, 'future'), { live: false })).close();
    await expect(loadBundle(join(folder, 'future'))).rejects.toThrow('causal is false');
  });
});

describe('what can not be exported is refused before the training', () => {
  const meta = pairedBlobs().meta;

  it.each<[string, string, Partial<RunConfig>, Partial<TableMeta>, RegExp]>([
    ['a student of eye movement', 'm', { direction: 'eeg-to-eye' }, {}, /student of eye movement/],
    ['fusion', 'm', { distiller: { ...QUICK.distiller, name: 'fusion' } }, {}, /both modalities/],
    ['a transductive run', 'm', { teacher: { ...QUICK.teacher, mccSource: 'target' } }, {}, /--mcc-source/],
    ['a name that is no id', 'My Model', {}, {}, /lower-case/],
    ['an electrode without a known place', 'm', {}, { montage: ['FP1', 'FP2', 'T7', 'Q9'] }, /Q9/],
    ['smoothed features', 'm', {}, { smoothing: 'lds' }, /smoothed \(lds\)/],
  ])('%s', (_, name, config, changes, message) => {
    expect(() => checkExport(join(folder, name), { ...QUICK, ...config }, { ...meta, ...changes })).toThrow(message);
    expect(() => checkExport(join(folder, 'm'), QUICK, meta)).not.toThrow();
  });

  it('over another bundle', async () => {
    await mkdir(join(folder, 'taken'));
    await writeFile(join(folder, 'taken', 'manifest.json'), '{}');
    expect(() => checkExport(join(folder, 'taken'), QUICK, meta)).toThrow('holds a bundle already');
  });
});
