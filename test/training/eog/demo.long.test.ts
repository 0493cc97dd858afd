import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../../src/model/bundle.ts';
import { buildModels } from '../../../training/build-models.ts';
import { EOG_DEMO, type EogDemo } from '../../../training/eog/demo.ts';

const demo: EogDemo = {
  ...EOG_DEMO,
  id: 'tiny',
  data: { preset: 'demo', seed: 1, subjects: 4, trials: 6, trialS: 8 },
  held: { validation: 1, test: 1 },
  config: { ...EOG_DEMO.config, batch: 4, epochs: 2, warmupEpochs: 1 },
  live: [{ ratesHz: [250], minutes: 1, seed: 99 }],
};

describe('the demo of EOG', () => {
  let out: string;
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'eog-demo-'));
  });
  afterAll(() => rm(out, { recursive: true }));

  const build = (name: string) =>
    buildModels({ out: join(out, name), codeVersion: '1.2.3', log: () => {}, demos: [demo] });

  it('loads, names its training data, and is the same twice', async () => {
    const [first] = await build('first');
    const [second] = await build('second');
    for (const name of ['model.onnx', 'manifest.json', 'golden.json', 'CARD.md']) {
      const bytes = await readFile(join(first!, name));
      expect(bytes.equals(await readFile(join(second!, name))), name).toBe(true);
    }
    const bundle = await loadBundle(first!);
    const { manifest, description } = bundle;
    expect(manifest).toMatchObject({ modality: 'eog', simulated: true, target: 'valence' });
    expect(manifest.training).toMatchObject({ preset: 'demo', code_version: '1.2.3', seeds: [2022] });
    expect(manifest.training.protocol).toContain('subjects 0 to 1 train, 2 to 2 validate, 3 to 3 test');
    expect(manifest.standardisation.mean).toHaveLength(2);
    expect(description).toMatchObject({ montage: ['hEOG', 'vEOG'], bands: [], features: [], window_ms: 4000 });
    const { label, probs } = await bundle.classify(new Float32Array(1024));
    expect(['low valence', 'high valence']).toContain(label);
    expect(probs).toHaveLength(2);
    await bundle.close();
    const card = await readFile(join(first!, 'CARD.md'), 'utf8');
    expect(card).toContain('Trained on SIMULATED data');
    expect(card).toContain('taught this student of EOG (V3), with feedback (secondOrder) to it');
    expect(card).toContain('RECONSTRUCTION of Zhang & Lu 2025');
    expect(card).toContain('1 min at 250 Hz, seed 99');
  });
});
