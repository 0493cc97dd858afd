/** Changed manifests: read, or refused by field. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseBundleJson } from '../../src/model/bundle.ts';
import { manifestSchema } from '../../src/model/manifest.ts';
import { fuzz } from '../support/fuzz.ts';

it('fuzzed manifests are read or refused', { timeout: 600_000 }, () => {
  const seeds = ['demo-cyton8-cmcrd', 'demo-eye33-cmcrd', 'demo-eog2-valence'].map((name) =>
    readFileSync(new URL(`../../models/${name}/manifest.json`, import.meta.url)),
  );
  const report = fuzz('manifest', seeds, (bytes) => parseBundleJson('manifest.json', bytes, manifestSchema));
  expect(report.refusals).toBeGreaterThan(0);
});
