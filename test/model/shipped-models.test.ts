import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBundle } from '../../src/model/bundle.ts';
import { CYTON8, EEG62 } from '../../src/montage.ts';
import { simulatedAccuracy } from '../../training/evaluation/simulated-accuracy.ts';

const models = fileURLToPath(new URL('../../models/', import.meta.url));

describe.each([
  { name: 'demo-eeg62-cmcrd', montage: EEG62, features: 0, ratesHz: [250] },
  { name: 'demo-cyton8-cmcrd', montage: CYTON8, features: 0, ratesHz: [250] },
  { name: 'demo-eye33-cmcrd', montage: [], features: 33, ratesHz: [60, 120, 250] },
])('models/$name', ({ name, montage, features, ratesHz }) => {
  it('loads with its golden numbers and is marked as simulated', async () => {
    const bundle = await loadBundle(models + name);
    expect(bundle.description.montage).toEqual(montage);
    expect(bundle.description.features).toHaveLength(features);
    expect(bundle.description.simulated).toBe(true);
    expect(await readFile(`${models}${name}/CARD.md`, 'utf8')).toContain('Trained on SIMULATED data');
    expect((await stat(`${models}${name}/golden.json`)).size).toBeLessThan(300_000);
    await bundle.close();
  });

  it.each(ratesHz)('classifies a simulated person outside its training data, at %i Hz', async (sampleRateHz) => {
    const bundle = await loadBundle(models + name);
    const { all, withinState, windows, unanswered } = await simulatedAccuracy({
      bundle,
      seed: 123_456,
      minutes: 2,
      sampleRateHz,
    });
    expect(withinState.accuracy).toBeGreaterThan(0.9);
    expect(all.accuracy).toBeGreaterThan(0.85);
    expect(unanswered / windows).toBeLessThan(0.1);
    await bundle.close();
  });
});

/** Two levels of valence; one of them is twice as frequent as the other. */
describe('models/demo-eog2-valence', () => {
  const folder = `${models}demo-eog2-valence`;

  it('loads with its golden numbers and is marked as simulated and as a reconstruction', async () => {
    const bundle = await loadBundle(folder);
    expect(bundle.description).toMatchObject({ modality: 'eog', montage: ['hEOG', 'vEOG'], simulated: true });
    expect(bundle.description.labels).toEqual(['low valence', 'high valence']);
    const card = await readFile(`${folder}/CARD.md`, 'utf8');
    expect(card).toContain('Trained on SIMULATED data');
    expect(card).toContain('RECONSTRUCTION of Zhang & Lu 2025');
    await bundle.close();
  });

  it('classifies simulated people outside its training data better than the majority class', async () => {
    const bundle = await loadBundle(folder);
    for (const seed of [123_456, 123_457]) {
      const { withinState } = await simulatedAccuracy({ bundle, seed, minutes: 5, sampleRateHz: 250 });
      const counts = withinState.confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
      const majority = Math.max(...counts) / (counts[0]! + counts[1]!);
      expect(withinState.accuracy, `seed ${seed}`).toBeGreaterThan(majority + 0.1);
      expect(withinState.balanced_accuracy, `seed ${seed}`).toBeGreaterThan(0.7);
    }
    await bundle.close();
  });
});
