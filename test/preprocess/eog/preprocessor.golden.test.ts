import { describe, expect, it } from 'vitest';
import { eogPreprocessConfigSchema } from '../../../src/preprocess/eog/config.ts';
import { createEogPreprocessor } from '../../../src/preprocess/eog/preprocessor.ts';
import golden from '../../golden/eog-windows.json' with { type: 'json' };
import { eogInfo } from '../../support/eog.ts';
import { allWindows } from '../../support/preprocessing.ts';
import { blockOf, cutEvenly } from '../../support/signals.ts';

/** The formula of golden/make_eog_windows.py. */
function synthetic(rateHz: number) {
  return blockOf(eogInfo(rateHz), golden.seconds * rateHz, (c, n) => {
    const t = n / rateHz;
    let x = (c - 0.5) * 60000 + 15 * t;
    for (let k = 1; k < 12; k++) {
      x += ((150 - 70 * c) * Math.sin(7 * k * k + c) * (1 + Math.tanh((t - 1.1 * k) / 0.02))) / 2;
    }
    x += (15 + 205 * c) * Math.exp(-(((t - 6.3) / 0.08) ** 2)) + 5 * Math.sin(2 * Math.PI * 11 * t + c);
    const hashed = Number((BigInt(n * 7919 + c * 104729) * 2654435761n) % 2n ** 32n) / 2 ** 32;
    return x + 6 * (hashed - 0.5);
  });
}

describe('EOG preprocessing against SciPy (golden/make_eog_windows.py)', () => {
  it.each(golden.cases)('$sample_rate_hz Hz: within 0.001 uV', ({ sample_rate_hz, windows: expected }) => {
    const block = synthetic(sample_rate_hz);
    const preprocessor = createEogPreprocessor(eogPreprocessConfigSchema.parse({ hop_s: 4 }), block.info);
    const windows = allWindows(preprocessor, cutEvenly(block, 20));
    expect(windows.length).toBe(expected.length);
    windows.forEach(({ values }, w) => {
      expected[w]!.forEach((value, i) => {
        expect(Math.abs(values[i * golden.every]! - value), `window ${w}, value ${i}`).toBeLessThan(1e-3);
      });
    });
  });
});
