import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../src/model/bundle.ts';
import { buildModels } from '../../training/build-models.ts';
import { runConfigSchema } from '../../training/cmcrd/config.ts';
import type { CmcrdDemo } from '../../training/cmcrd/demo.ts';

const demo: CmcrdDemo = {
  system: 'cmcrd',
  id: 'tiny',
  data: {
    preset: 'demo',
    montage: ['FP1', 'T7', 'T8', 'O1', 'O2'],
    sampleRateHz: 250,
    seed: 1,
    subjects: 4,
    trials: 6,
    trialS: 12,
  },
  badChannels: 'flag',
  held: { validation: 1, test: 1 },
  config: runConfigSchema.parse({
    direction: 'eye-to-eeg',
    protocol: 'cross',
    seeds: [2022],
    teacher: { epochs: 8, batch: 8, learningRate: 1e-2 },
    student: { epochs: 8, warmupEpochs: 1, batch: 8 },
  }),
  live: { ratesHz: [250], minutes: 1, seed: 99 },
};

describe('buildModels', () => {
  let out: string;

  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'affect-edge-models-'));
  });

  afterAll(async () => {
    await rm(out, { recursive: true });
  });

  const build = (name: string, demos = [demo]) =>
    buildModels({ out: join(out, name), codeVersion: '1.2.3', log: () => {}, demos });

  it('makes a bundle that loads, names its training data, and is the same twice', async () => {
    const [first] = await build('first');
    const [second] = await build('second');
    for (const name of ['model.onnx', 'manifest.json', 'golden.json', 'CARD.md']) {
      const bytes = await readFile(join(first!, name));
      expect(bytes.equals(await readFile(join(second!, name))), name).toBe(true);
    }
    const bundle = await loadBundle(first!);
    expect(bundle.manifest.simulated).toBe(true);
    expect(bundle.manifest.training).toMatchObject({ preset: 'demo', code_version: '1.2.3', seeds: [2022] });
    expect(bundle.manifest.training.protocol).toContain('subjects 0 to 1 train, 2 to 2 validate, 3 to 3 test');
    await bundle.close();
    const card = await readFile(join(first!, 'CARD.md'), 'utf8');
    expect(card).toContain('Trained on SIMULATED data');
    expect(card).toContain('taught this student of EEG by CMCRD, form stable');
    expect(card).toContain('1 min at 250 Hz, seed 99');
  });

  it('makes one of eye movement, tried before every tracker that it names', async () => {
    const eyes: CmcrdDemo = {
      ...demo,
      data: { ...demo.data, trackerRatesHz: [60, 120] },
      config: { ...demo.config, direction: 'eeg-to-eye' },
      live: { ratesHz: [60, 1250], minutes: 1, seed: 99 },
    };
    const [folder] = await build('eyes', [eyes]);
    const bundle = await loadBundle(folder!);
    expect(bundle.manifest).toMatchObject({ modality: 'eye', simulated: true });
    expect(bundle.manifest.training.data).toContain('eyes at 60, 120 Hz');
    await bundle.close();
    const card = await readFile(join(folder!, 'CARD.md'), 'utf8');
    expect(card).toContain('1 min at 60 Hz, seed 99');
    expect(card).toContain('1 min at 1250 Hz, seed 99');
  });
});
