import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/preprocess/decide.ts';
import { eogPreprocessConfigSchema, eogWidth } from '../../../src/preprocess/eog/config.ts';
import { createEogPreprocessor, EOG_SETTLING_S } from '../../../src/preprocess/eog/preprocessor.ts';
import type { FeatureWindow } from '../../../src/preprocess/feature-window.ts';
import { windowsOf } from '../../../src/preprocess/preprocessor.ts';
import type { Block } from '../../../src/samples.ts';
import { eogInfo, eogLike } from '../../support/eog.ts';
import { allWindows, channelsOf } from '../../support/preprocessing.ts';
import { blockOf, cutEvenly, eegInfo, loseSamples } from '../../support/signals.ts';

const CONFIG = eogPreprocessConfigSchema.parse({});

function rowsOf(blocks: readonly Block[], config = CONFIG): FeatureWindow[] {
  const preprocessor = createEogPreprocessor(config, blocks[0]!.info);
  return allWindows(preprocessor, blocks);
}

describe('createEogPreprocessor', () => {
  it('finds hEOG and vEOG by name in any case and order, also on an EEG amplifier', () => {
    const own = eogLike(eogInfo(250), 4000);
    const [h, v] = [own.data.subarray(0, 4000), own.data.subarray(4000)];
    const among = blockOf(eegInfo(['C3', 'VEOG', 'C4', 'heog'], 250), 4000, (c, n) =>
      c === 1 ? v[n]! : c === 3 ? h[n]! : 99,
    );
    const [expected, found] = [rowsOf([own]), rowsOf([among])];
    expect(found.map(({ values }) => values)).toStrictEqual(expected.map(({ values }) => values));
    expect(channelsOf(found[0]!).map(({ label }) => label)).toEqual(['hEOG', 'vEOG']);
  });

  it.each([
    [['hEOG', 'C3'], /^vEOG is missing: test has hEOG C3\. .*--montage, as hEOG,vEOG,/],
    [['FP1', 'FP2'], /^hEOG and vEOG are missing: test has FP1 FP2\./],
  ])('refuses a device with the channels %j', (labels, message) => {
    expect(() => createEogPreprocessor(CONFIG, eegInfo(labels, 250))).toThrow(
      expect.objectContaining({ code: 'MONTAGE_MISSING_ELECTRODE', message: expect.stringMatching(message) }),
    );
  });

  it.each([
    [100, /sampled at 100 Hz, but EOG up to 45 Hz needs at least 112.5 Hz/],
    [Number.NaN, /NaN Hz/],
  ])('refuses %f Hz', (rate, message) => {
    expect(() => createEogPreprocessor(CONFIG, eogInfo(rate))).toThrow(
      expect.objectContaining({ code: 'RATE_UNSUPPORTED', message: expect.stringMatching(message) }),
    );
  });

  it.each([2048, 1000, 512, 500, 256, 250, 200, 160, 128, 125])('%i Hz: passes a tone of 10 Hz', (rate) => {
    const tone = (t: number) => 100 * Math.sin(2 * Math.PI * 10 * t);
    const block = blockOf(eogInfo(rate), rate * 18, (c, n) => 5000 * (c + 1) + tone(n / rate));
    const windows = rowsOf(cutEvenly(block, 97));
    expect(windows.map(({ index }) => index)).toEqual(Array.from({ length: 15 }, (_, i) => i));
    const last = windows.at(-1)!;
    expect([last.startSample, last.endSample]).toEqual([14 * rate, 18 * rate]);
    expect(last.values).toHaveLength(eogWidth(CONFIG));
    expect(channelsOf(last)[0]!.rmsUv).toBeCloseTo(100 / Math.SQRT2, 0);
    // The low-pass delays by about 9 ms, up to 5 samples are tried.
    const at = (c: number, i: number) => last.values[c * 512 + i]!;
    const delayed = Array.from({ length: 5 }, (_, d) =>
      Math.max(...Array.from({ length: 400 }, (_, i) => Math.abs(at(1, i + d) - tone(14 + i / 128)))),
    );
    expect(Math.min(...delayed)).toBeLessThan(30);
  });

  it('filters samples at 128 Hz without resampling', () => {
    const info = eogInfo(128);
    const block = eogLike(info, 128 * 8);
    const preprocessor = createEogPreprocessor(CONFIG, info);
    const windows = windowsOf(preprocessor.push(block));
    // Without a resampler the last sample of a window completes it.
    expect(windows.map(({ neededSample }) => neededSample)).toEqual([511, 639, 767, 895, 1023]);
    expect(preprocessor.flush()).toEqual([]);
  });

  it(`a step decays below 2 % within the ${EOG_SETTLING_S} s of settling`, () => {
    const info = eogInfo(128);
    const block = blockOf(info, 128 * 20, (_, n) => (n === 0 ? 0 : 300));
    const left = rowsOf([block]).map(({ values, index }) => ({
      index,
      most: Math.max(...values.map((value) => Math.abs(value))),
    }));
    expect(left.find(({ index }) => index === EOG_SETTLING_S)!.most).toBeLessThan(0.02 * 300);
    expect(left.find(({ index }) => index === EOG_SETTLING_S - 3)!.most).toBeGreaterThan(0.02 * 300);
  });

  it('is in warm-up at the start, abstains after a gap and reports the losses', () => {
    const info = eogInfo(250);
    const blocks = loseSamples(eogLike(info, 250 * 40), [
      [250 * 5, 250 * 5 + 5],
      [250 * 20, 250 * 20 + 50],
    ]);
    const windows = rowsOf(blocks);
    const states = windows.map((window) => decide(window).state);
    expect(states.slice(0, 10)).toEqual(Array(10).fill('warmup'));
    expect(states.slice(10, 17)).toEqual(Array(7).fill('ok'));
    expect(states.slice(17, 31)).toEqual(Array(14).fill('abstain'));
    expect(states.slice(31)).toEqual(Array(6).fill('ok'));
    expect(windows.map(({ lost }) => lost).slice(0, 7)).toEqual([0, 0, 5, 5, 5, 5, 0]);
    expect(windows.map(({ coverage }) => coverage).slice(6, 11)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  });

  it('reports a flat, a railed and a missing channel, and abstains', () => {
    const info = eogInfo(250);
    const faults: [string, (data: Float32Array) => void][] = [
      ['flat', (data) => data.fill(12, 0, 4500)],
      ['railed', (data) => data.fill(60000, 4000, 4010)],
      ['missing', (data) => data.fill(Number.NaN, 4000, 4010)],
    ];
    for (const [reason, spoil] of faults) {
      const block = eogLike(info, 4500);
      spoil(block.data);
      const last = rowsOf([block]).at(-1)!;
      expect(channelsOf(last).map(({ bad }) => bad)).toEqual([reason, null]);
      expect(decide(last)).toEqual({ state: 'abstain', reasons: ['bad_channels'] });
    }
  });

  it('decides ok with large blinks and saccades', () => {
    const info = eogInfo(250);
    const block = blockOf(info, 250 * 18, (c, n) => {
      const t = n / 250;
      const blink = 600 * Math.exp(-((((t % 3) - 1.5) / 0.08) ** 2));
      return (Math.floor(t / 0.9) % 2 === 0 ? 350 : -350) + (c === 1 ? blink : 0) + (n % 3);
    });
    expect(decide(rowsOf([block]).at(-1)!).state).toBe('ok');
  });
});

describe('eogPreprocessConfigSchema', () => {
  it('has the published defaults and refuses durations that are not whole samples', () => {
    expect(CONFIG).toEqual({
      sample_rate_hz: 128,
      high_pass_hz: 0.1,
      low_pass_hz: 45,
      window_s: 4,
      hop_s: 1,
    });
    expect(() => eogPreprocessConfigSchema.parse({ hop_s: 0.3 })).toThrow(/1\/128 s/);
    expect(() => eogPreprocessConfigSchema.parse({ sample_rate_hz: 200 })).toThrow();
  });
});
