import { describe, expect, it } from 'vitest';
import { BCMI_BANDS, eegPreprocessConfigSchema, PAPER_BANDS } from '../../../src/preprocess/eeg/config.ts';
import { createEegPreprocessor } from '../../../src/preprocess/eeg/preprocessor.ts';
import golden from '../../golden/preprocess-de.json' with { type: 'json' };
import { allWindows } from '../../support/preprocessing.ts';
import { blockOf, cutEvenly, eegInfo } from '../../support/signals.ts';

/** The formula of golden/make_preprocess.py. */
function synthetic(rateHz: number) {
  const info = eegInfo(['C3', 'CZ', 'C4'], rateHz);
  return blockOf(info, golden.seconds * rateHz, (c, n) => {
    const t = n / rateHz;
    let x = (c - 1) * 30000 + 40 * Math.sin(2 * Math.PI * 0.1 * t + c);
    PAPER_BANDS.forEach(([, lo, hi], k) => {
      const hz = lo + (hi - lo) * (0.3 + 0.2 * c);
      x += (12 - 2 * k) * Math.sin(2 * Math.PI * hz * t + 0.7 * k + c);
    });
    const hashed = Number((BigInt(n * 7919 + c * 104729) * 2654435761n) % 2n ** 32n) / 2 ** 32;
    return x + 20 * (hashed - 0.5);
  });
}

describe('EEG preprocessing against SciPy (golden/make_preprocess.py)', () => {
  for (const reference of golden.cases) {
    it.each(['fft', 'bcmi', 'filterbank'] as const)(`${reference.sample_rate_hz} Hz, %s: within 1e-6 nat`, (method) => {
      const block = synthetic(reference.sample_rate_hz);
      const bands = method === 'bcmi' ? BCMI_BANDS : PAPER_BANDS;
      const preprocessor = createEegPreprocessor(eegPreprocessConfigSchema.parse({ method, bands }), block.info);
      const windows = allWindows(preprocessor, cutEvenly(block, 20));
      expect(windows.length).toBe(reference[method].length);
      windows.forEach((window, w) => {
        window.values.forEach((value, i) => {
          expect(Math.abs(value - reference[method][w]![i]!), `window ${w}, value ${i}`).toBeLessThan(1e-6);
        });
      });
    });
  }
});
