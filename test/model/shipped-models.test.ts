import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBundle } from '../../src/model/bundle.ts';
import { CYTON8, EEG62 } from '../../src/montage.ts';
import { simulatedAccuracy } from '../../training/simulated-accuracy.ts';

const models = fileURLToPath(new URL('../../models/', import.meta.url));

describe.each([
  { name: 'demo-eeg62-cmcrd', montage: EEG62, features: 0, ratesHz: [250] },
  { name: 'demo-cyton8-cmcrd', montage: CYTON8, features: 0, ratesHz: [250] },
  { name: 'demo-eye33-cmcrd', montage: [], features: 33, ratesHz: [60, 120, 250] },
])('models/$name', ({ name, montage, features, ratesHz }) => {
  it('loads with its own golden numbers and says that it is simulated', async () => {
    const bundle = await loadBundle(models + name);
    expect(bundle.description.montage).toEqual(montage);
    expect(bundle.description.features).toHaveLength(features);
    expect(bundle.description.simulated).toBe(true);
    expect(await readFile(`${models}${name}/CARD.md`, 'utf8')).toContain('Trained on SIMULATED data');
    expect((await stat(`${models}${name}/golden.json`)).size).toBeLessThan(300_000);
    await bundle.close();
  });

  it.each(ratesHz)('recognises the states of a simulated person it never saw, at %i Hz', async (sampleRateHz) => {
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
