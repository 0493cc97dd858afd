import { describe, expect, it } from 'vitest';
import { isAffectEdgeError } from '../../../src/errors.ts';
import { EEG62 } from '../../../src/montage.ts';
import { decide } from '../../../src/preprocess/decide.ts';
import { eegPreprocessConfigSchema } from '../../../src/preprocess/eeg/config.ts';
import { createEegPreprocessor } from '../../../src/preprocess/eeg/preprocessor.ts';
import type { FeatureWindow } from '../../../src/preprocess/feature-window.ts';
import { windowsOf } from '../../../src/preprocess/preprocessor.ts';
import type { Block } from '../../../src/samples.ts';
import { allWindows, channelsOf } from '../../support/preprocessing.ts';
import { blockOf, cutEvenly, eegInfo, eegLike, loseSamples } from '../../support/signals.ts';

type Settings = Readonly<Record<string, unknown>>;

function rowsOf(blocks: readonly Block[], settings: Settings = {}): FeatureWindow[] {
  const preprocessor = createEegPreprocessor(eegPreprocessConfigSchema.parse(settings), blocks[0]!.info);
  return allWindows(preprocessor, blocks);
}

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return expect.unreachable();
}

const LABELS = ['Fp1', 'Fp2', 'C3', 'C4', 'O1', 'O2'];

describe('createEegPreprocessor', () => {
  it('picks the electrodes of the montage by label, in the order of the montage', () => {
    const block = eegLike(eegInfo(LABELS, 250), 2500);
    const all = rowsOf([block]);
    const some = rowsOf([block], { montage: ['O2', 'FP1'] });
    expect(channelsOf(some[2]!).map(({ label }) => label)).toEqual(['O2', 'FP1']);
    expect([...some[2]!.values]).toEqual([...all[2]!.values.subarray(25, 30), ...all[2]!.values.subarray(0, 5)]);
  });

  it('refuses a montage with an electrode that the device does not have, and names it', () => {
    const error = errorOf(() =>
      createEegPreprocessor(eegPreprocessConfigSchema.parse({ montage: ['FP1', 'CZ'] }), eegInfo(LABELS, 250)),
    );
    expect(isAffectEdgeError(error, 'MONTAGE_MISSING_ELECTRODE')).toBe(true);
    expect(String(error)).toContain('CZ');
  });

  it.each([
    [100, /sampled at 100 Hz.*bands up to 50 Hz.*at least 125 Hz: the device or recording must be sampled faster/],
    [Number.NaN, /NaN Hz/],
  ])('refuses %f Hz', (rate, message) => {
    const error = errorOf(() => createEegPreprocessor(eegPreprocessConfigSchema.parse({}), eegInfo(LABELS, rate)));
    expect(isAffectEdgeError(error, 'RATE_UNSUPPORTED')).toBe(true);
    expect(String(error)).toMatch(message);
  });

  it('refuses a band that the window cannot resolve', () => {
    const config = eegPreprocessConfigSchema.parse({ window_s: 0.5, bands: [['narrow', 4.1, 4.4]] });
    expect(
      isAffectEdgeError(
        errorOf(() => createEegPreprocessor(config, eegInfo(LABELS, 250))),
        'CONFIG_INVALID',
      ),
    ).toBe(true);
  });

  it.each([2048, 1000, 512, 500, 256, 250, 200, 160, 128, 125])(
    '%i Hz: computes 9 windows from 12 s, with the power of the signal',
    (rate) => {
      const info = eegInfo(['C3'], rate);
      const block = blockOf(info, rate * 12, (_, n) => 20 * Math.SQRT2 * Math.sin((2 * Math.PI * 10 * n) / rate));
      const windows = rowsOf(cutEvenly(block, 97));
      expect(windows.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      const last = windows.at(-1)!;
      expect([last.startSample, last.endSample]).toEqual([8 * rate, 12 * rate]);
      expect(last.neededSample).toBe(12 * rate - 1);
      expect(Math.abs(last.values[2]! - 0.5 * Math.log(2 * Math.PI * Math.E * 400))).toBeLessThan(0.01);
      expect(channelsOf(last)[0]!.rmsUv).toBeCloseTo(20, 0);
    },
  );

  it('reports the coverage and losses of a gap and its settling, and abstains', () => {
    const block = eegLike(eegInfo(LABELS, 250), 250 * 20);
    const windows = rowsOf(loseSamples(block, [[2000, 2500]]));
    // 4 s from each second on; lost from 8 s to 10 s, settled again at 12 s.
    expect(windows.map((window) => [window.coverage, window.lost, decide(window).state])).toEqual([
      [0.5, 0, 'warmup'],
      [0.75, 0, 'warmup'],
      [1, 0, 'ok'],
      [1, 0, 'ok'],
      [1, 0, 'ok'],
      [0.75, 250, 'abstain'],
      [0.5, 500, 'abstain'],
      [0.25, 500, 'abstain'],
      [0, 500, 'abstain'],
      [0.25, 250, 'abstain'],
      [0.5, 0, 'abstain'],
      [0.75, 0, 'abstain'],
      [1, 0, 'ok'],
      [1, 0, 'ok'],
      [1, 0, 'ok'],
      [1, 0, 'ok'],
      [1, 0, 'ok'],
    ]);
  });

  it('computes windows after a gap and its settling as without the gap', () => {
    const block = eegLike(eegInfo(LABELS, 250), 250 * 60);
    const whole = rowsOf([block]);
    const torn = rowsOf(loseSamples(block, [[1001, 1333]]));
    for (const window of torn.filter(({ index }) => index >= 40)) {
      const same = whole[window.index]!;
      expect(window.startSample).toBe(same.startSample);
      window.values.forEach((value, i) => void expect(value).toBeCloseTo(same.values[i]!, 5));
    }
  });

  it('counts an interpolated loss without reducing the coverage', () => {
    const block = eegLike(eegInfo(LABELS, 250), 250 * 8);
    const windows = rowsOf(loseSamples(block, [[1200, 1210]]));
    expect(windows.map(({ lost, coverage }) => [lost, coverage])).toEqual([
      [0, 0.5],
      [10, 0.75],
      [10, 1],
      [10, 1],
      [10, 1],
    ]);
  });

  it('continues on the same grid after a gap of a day', () => {
    const info = eegInfo(LABELS, 250);
    const day = 250 * 86400;
    const preprocessor = createEegPreprocessor(eegPreprocessConfigSchema.parse({}), info);
    preprocessor.push(eegLike(info, 2000));
    const windows = windowsOf(preprocessor.push({ ...eegLike(info, 2000), firstSample: 2000 + day, lostBefore: day }));
    expect(windows.length).toBeLessThan(16);
    expect(windows.at(-1)!.startSample % 250).toBe(0);
    expect(preprocessor.account).toEqual({ total: 4000 + day, received: 4000, interpolated: 0, lost: day, pending: 0 });
  });

  it('joins a running stream', () => {
    const info = eegInfo(LABELS, 250);
    const [first, ...rest] = rowsOf([{ ...eegLike(info, 3000), firstSample: 100_125 }]);
    expect([first!.index, first!.warmup]).toEqual([397, false]);
    expect(first!.lost).toBe(875);
    expect(rest.map(({ warmup }) => warmup)).toContain(true);
    expect(rest.at(-1)!.coverage).toBe(1);
  });

  it('reports missing exactly in the windows without values or with ringing', () => {
    const block = eegLike(eegInfo(LABELS, 250), 250 * 20);
    block.data.fill(Number.NaN, 2 * 5000 + 1500, 2 * 5000 + 1600);
    const bad = rowsOf([block], { hop_s: 4 }).map((window) => channelsOf(window).map((channel) => channel.bad));
    const [good, missing] = [Array(6).fill(null), [null, null, 'missing', null, null, null]];
    // No values from 6 to 6.4 s, ringing until 13.4 s.
    expect(bad).toEqual([good, missing, missing, missing, good]);
  });

  it.each(['fft', 'filterbank'] as const)('%s: interpolates a flat electrode from its neighbours', (method) => {
    const info = eegInfo(EEG62, 250);
    // The same rhythm on the whole head: every electrode equals the mean of its neighbours.
    const rhythm = (n: number) =>
      20 * Math.sin((2 * Math.PI * 10 * n) / 250) + 5 * Math.sin((2 * Math.PI * 21 * n) / 250);
    const block = blockOf(info, 2500, (c, n) => (c === 30 ? 77 : rhythm(n)));
    const at = (settings: Settings) => rowsOf([block], { method, hop_s: 2, ...settings }).at(-1)!;
    const flagged = at({ bad_channels: 'flag' });
    expect(channelsOf(flagged)[30]).toMatchObject({ bad: 'flat', interpolated: false });
    expect(decide(flagged)).toEqual({ state: 'abstain', reasons: ['bad_channels'] });
    const repaired = at({ bad_channels: 'interpolate' });
    expect(channelsOf(repaired)[30]).toMatchObject({ bad: 'flat', interpolated: true });
    expect(decide(repaired).state).toBe('ok');
    for (const band of [2, 3]) {
      expect(repaired.values[30 * 5 + band]!).toBeCloseTo(repaired.values[29 * 5 + band]!, 4);
      expect(repaired.values[band]).toBe(flagged.values[band]);
    }
  });

  it('removes the common signal with the average reference', () => {
    const info = eegInfo(LABELS, 250);
    const own = eegLike(info, 2500);
    const shared = blockOf(
      info,
      2500,
      (c, n) => own.data[c * 2500 + n]! + 100 * Math.sin((2 * Math.PI * 20 * n) / 250),
    );
    const [clean, noisy] = [own, shared].map((block) => rowsOf([block], { reference: 'average' }).at(-1)!);
    noisy!.values.forEach((value, i) => void expect(value).toBeCloseTo(clean!.values[i]!, 2));
  });

  it('removes mains with the notch', () => {
    const info = eegInfo(['C3'], 250);
    const block = blockOf(
      info,
      250 * 12,
      (_, n) => 50 * Math.sin((2 * Math.PI * 50 * n) / 250) + Math.sin((2 * Math.PI * 10 * n) / 250),
    );
    const rms = (settings: Settings) => channelsOf(rowsOf([block], settings).at(-1)!)[0]!.rmsUv;
    expect(rms({})).toBeGreaterThan(35);
    expect(rms({ notch_hz: 50 })).toBeLessThan(1);
  });
});

describe('eegPreprocessConfigSchema', () => {
  it.each([
    { hop_s: 0.333 },
    { window_s: 4.001 },
    { window_s: 0.1 },
    { bands: [['reversed', 8, 4]] },
    { bands: [['above the pass band', 60, 76]] },
    { high_pass_hz: 0 },
    { notch: 50 },
  ])('refuses %o', (settings) => {
    expect(eegPreprocessConfigSchema.safeParse(settings).success).toBe(false);
  });

  it('parses its own output', () => {
    const config = eegPreprocessConfigSchema.parse({ hop_s: 0.25 });
    expect(eegPreprocessConfigSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });
});
