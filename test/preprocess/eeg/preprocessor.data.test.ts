import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CYTON8 } from '../../../src/montage.ts';
import { BCMI_BANDS, eegPreprocessConfigSchema } from '../../../src/preprocess/eeg/config.ts';
import { createEegPreprocessor } from '../../../src/preprocess/eeg/preprocessor.ts';
import type { FeatureWindow } from '../../../src/preprocess/feature-window.ts';
import type { Block } from '../../../src/samples.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { allWindows, channelsOf } from '../../support/preprocessing.ts';
import { blockOf, cutEvenly, eegInfo } from '../../support/signals.ts';

/** Rows of an OpenBCI text file: index, 8 channels in microvolts, the rest. */
function cyton(file: string): Block {
  const rows = readFileSync(testData('eeg-openbci-cyton', file), 'utf8')
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split(',').map(Number));
  return blockOf(eegInfo(CYTON8, 250, 187500), rows.length, (c, n) => rows[n]![c + 1]!);
}

function separateWindows(block: Block, method: 'fft' | 'filterbank'): FeatureWindow[] {
  const config = eegPreprocessConfigSchema.parse({ hop_s: 4, method, bands: BCMI_BANDS });
  const preprocessor = createEegPreprocessor(config, block.info);
  return allWindows(preprocessor, cutEvenly(block, 250));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describeWithData('eeg-openbci-cyton', 'a Cyton recording with blinks, jaw clench and closed eyes', () => {
  const windows = (method: 'fft' | 'filterbank') =>
    separateWindows(cyton('OpenBCI-sampleData-1-blinks-jawClench-alpha.v4.txt'), method);

  it.each(['fft', 'filterbank'] as const)('%s shows blinks, jaw clench and closed eyes', (method) => {
    const all = windows(method);
    expect(all).toHaveLength(22);
    const de = (w: number, c: number, band: number) => all[w]!.values[c * 5 + band]!;
    const over = (w: number, channels: readonly number[], band: number) => mean(channels.map((c) => de(w, c, band)));
    const quiet = (channels: readonly number[], band: number) =>
      mean([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18].map((w) => over(w, channels, band)));
    expect(quiet([6, 7], 2)).toBeGreaterThan(quiet([0, 1, 2, 3, 4, 5], 2) + 0.35);
    expect(mean([1, 3, 4].map((w) => over(w, [0, 1], 1)))).toBeGreaterThan(quiet([0, 1], 1) + 1.3);
    expect(over(2, [2, 3, 4, 5], 4)).toBeGreaterThan(quiet([2, 3, 4, 5], 4) + 0.9);
  });

  it('has stronger alpha over the back of the head in every window with closed eyes', () => {
    for (const { index, values } of windows('filterbank').slice(7, 19)) {
      const alpha = CYTON8.map((_, c) => values[c * 5 + 2]!);
      expect(mean(alpha.slice(6)), `window ${index}`).toBeGreaterThan(mean(alpha.slice(0, 6)) + 0.3);
    }
  });

  it('finds no bad channel despite blinks, jaw clench and 150 uV of mains on every channel', () => {
    for (const window of windows('fft')) expect(channelsOf(window).map(({ bad }) => bad)).toEqual(Array(8).fill(null));
  });

  it('filterbank is close to zero-phase filters in the quiet windows', () => {
    const [, ...rows] = readFileSync(testData('eeg-openbci-cyton', 'expected_de_windows.csv'), 'utf8')
      .trim()
      .split('\n');
    const all = windows('filterbank');
    for (const row of rows) {
      const [w, c, ...expected] = row.split(',').map(Number);
      if (w! < 7 || w! > 18) continue;
      // In windows of 4 s delta and theta depend on the phase of the filters.
      for (const band of [2, 3]) expect(Math.abs(all[w!]!.values[c! * 5 + band]! - expected[band]!)).toBeLessThan(0.3);
    }
  });
});

describeWithData('eeg-openbci-cyton', 'a Cyton recording with railed inputs', () => {
  it('flags exactly the railed channels, in every window with a rail or its ringing', () => {
    const block = cyton('OpenBCI_2016-02-13_Jordan_focus.txt');
    const shares = CYTON8.map((_, c) => {
      const samples = block.data.subarray(c * block.length, (c + 1) * block.length);
      return samples.reduce((sum, value) => sum + (Math.abs(value) >= 187500 ? 1 : 0), 0) / block.length;
    });
    [0.06, 0.061, 0.122, 0, 0.112, 0.1, 0, 0.105].forEach((share, c) => void expect(shares[c]).toBeCloseTo(share, 3));
    for (const window of separateWindows(block, 'fft')) {
      const { startSample, endSample } = window;
      channelsOf(window).forEach(({ bad }, c) => {
        const own = block.data.subarray(c * block.length, (c + 1) * block.length);
        const rails = (from: number, to: number) =>
          own.subarray(Math.max(0, from), to).some((value) => Math.abs(value) >= 187500);
        if (rails(startSample, endSample)) expect(bad).toBe('railed');
        // 7 s of ringing, and the resampler's look-ahead of 30 samples.
        if (bad === 'railed') expect(rails(startSample - 7 * 250, endSample + 30)).toBe(true);
        else expect(rails(startSample - 7 * 250, endSample)).toBe(false);
      });
    }
  });
});

describeWithData('eeg-eeglab-sample', 'EEGLAB sample, 128 -> 200 Hz', () => {
  const labels = () =>
    readFileSync(testData('eeg-eeglab-sample', 'eeglab_data_channels.csv'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(',').at(-1)!.trim());

  it('has the reference means and the reference topography of alpha', () => {
    const bytes = readFileSync(testData('eeg-eeglab-sample', 'eeglab_data.fdt'));
    const samples = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const names = labels().slice(-32);
    const block = blockOf(eegInfo(names, 128), 30504, (c, n) => samples[n * 32 + c]!);
    const all = separateWindows(block, 'filterbank');
    expect(all).toHaveLength(59);
    const settled = all.slice(2);
    const over = (band: number, channels: readonly number[]) =>
      mean(settled.flatMap(({ values }) => channels.map((c) => values[c * 5 + band]!)));
    const every = names.map((_, c) => c);
    [3.433, 3.149, 3.686, 2.811, 2.147].forEach((expected, band) => {
      expect(Math.abs(over(band, every) - expected), `band ${band}`).toBeLessThan(0.15);
    });
    const alpha = every.map((c) => over(2, [c]));
    expect(names[alpha.indexOf(Math.max(...alpha))]).toMatch(/^PO?z$/i);
    expect(names[alpha.indexOf(Math.min(...alpha))]).toMatch(/^T8$/i);
  });
});
