/** A disturbance rings in the high-pass filter: the channel stays bad until the ringing has decayed. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EEG62 } from '../../../src/montage.ts';
import { decide } from '../../../src/preprocess/decide.ts';
import { eegPreprocessConfigSchema } from '../../../src/preprocess/eeg/config.ts';
import { createEegPreprocessor } from '../../../src/preprocess/eeg/preprocessor.ts';
import { eogPreprocessConfigSchema } from '../../../src/preprocess/eog/config.ts';
import { createEogPreprocessor } from '../../../src/preprocess/eog/preprocessor.ts';
import type { FeatureWindow } from '../../../src/preprocess/feature-window.ts';
import type { Preprocessor } from '../../../src/preprocess/preprocessor.ts';
import type { Block, StreamInfo } from '../../../src/samples.ts';
import { eogInfo, eogLike } from '../../support/eog.ts';
import { allWindows, channelsOf } from '../../support/preprocessing.ts';
import { cutBlock, cutEvenly, eegInfo, eegLike, loseSamples } from '../../support/signals.ts';

const RATE_HZ = 250;
const AT_S = 20;

function run(preprocessor: Preprocessor, blocks: readonly Block[]): FeatureWindow[] {
  return allWindows(preprocessor, blocks);
}

type Spoil = (value: number, t: number) => number;

/** Changes the first channel only. */
function spoiled(block: Block, spoil: Spoil): Block {
  const data = block.data.slice();
  for (let n = 0; n < block.length; n++) data[n] = spoil(data[n]!, n / block.info.sampleRateHz);
  return { ...block, data };
}

const during =
  (fromS: number, toS: number, value: number): Spoil =>
  (own, t) =>
    t >= fromS && t < toS ? value : own;
const step =
  (uv: number): Spoil =>
  (own, t) =>
    t >= AT_S ? own + uv : own;

const DISTURBANCES: readonly (readonly [string, Spoil])[] = [
  ['0.5 s at the rail', during(AT_S, AT_S + 0.5, 60000)],
  ['one sample at the rail', during(AT_S, AT_S + 1 / RATE_HZ, -60000)],
  ['20 mV of electrode step', step(20000)],
  ['one value of 1e20', during(AT_S, AT_S + 1 / RATE_HZ, 1e20)],
  ['2 s without a value', during(AT_S, AT_S + 2, Number.NaN)],
];

const eogConfig = eogPreprocessConfigSchema.parse({});
const eegConfig = (settings: Readonly<Record<string, unknown>> = {}) => eegPreprocessConfigSchema.parse(settings);

const reasonOf = (window: FeatureWindow) => channelsOf(window)[0]!.bad;
const isOk = (window: FeatureWindow) => decide(window).state === 'ok';

describe('EOG after a disturbance', () => {
  const info = eogInfo(RATE_HZ);
  const seconds = 160;
  const clean = eogLike(info, seconds * RATE_HZ);
  const windowsOf = (spoil: Spoil, railUv?: number) => {
    const block = spoiled(clean, spoil);
    return run(createEogPreprocessor(eogConfig, railUv === undefined ? info : { ...info, railUv }), [block]);
  };
  const expected = windowsOf((own) => own);
  const residue = (window: FeatureWindow) => {
    const own = expected[window.index]!.values;
    return Math.max(...window.values.map((value, i) => Math.abs(value - own[i]!)));
  };

  it.each(DISTURBANCES)('%s: decides ok for no window with ringing', (_, spoil) => {
    const windows = windowsOf(spoil);
    for (const window of windows.filter(isOk)) {
      expect(residue(window), `window ${window.index}`).toBeLessThan(160);
    }
    expect(windows.at(-1)!.index).toBe(seconds - 4);
    expect(isOk(windows.at(-1)!)).toBe(true);
  });

  it('reports railed, outlier or missing until the ringing has decayed', () => {
    const reasons = DISTURBANCES.map(([, spoil]) => windowsOf(spoil).map(reasonOf));
    const [railed, , stepped, , missing] = reasons;
    expect(railed!.slice(15, 34)).toEqual([null, ...Array(15).fill('railed'), ...Array(2).fill('outlier'), null]);
    expect(stepped!.slice(16, 30)).toEqual([null, ...Array(13).fill('outlier')]);
    expect(missing!.slice(15, 33)).toEqual([null, null, ...Array(15).fill('missing'), null]);
    for (const list of reasons) expect(list.at(-1)).toBeNull();
  });

  it('leaves the other channel and the earlier windows bit-identical', () => {
    for (const [, spoil] of DISTURBANCES) {
      for (const window of windowsOf(spoil)) {
        const own = expected[window.index]!;
        expect(channelsOf(window)[1]).toEqual(channelsOf(own)[1]);
        expect(window.values.subarray(512)).toEqual(own.values.subarray(512));
        if (window.index < 16) expect(window).toEqual(own);
      }
    }
  });
});

describe('EEG after a disturbance', () => {
  const labels = EEG62.slice(0, 17);
  const info = eegInfo(labels, RATE_HZ, 60000);
  const seconds = 90;
  const clean = eegLike(info, seconds * RATE_HZ);
  const windowsOf = (spoil: Spoil, settings: Readonly<Record<string, unknown>> = {}) =>
    run(createEegPreprocessor(eegConfig(settings), info), [spoiled(clean, spoil)]);
  const expected = windowsOf((own) => own);
  const delta = ({ values }: FeatureWindow) => values[0]!;

  it.each(DISTURBANCES)(
    '%s: decides ok for no window with ringing and leaves the other electrodes unchanged',
    (_, spoil) => {
      const windows = windowsOf(spoil);
      for (const window of windows) {
        const own = expected[window.index]!;
        if (isOk(window)) expect(Math.abs(delta(window) - delta(own)), `window ${window.index}`).toBeLessThan(0.5);
        expect(channelsOf(window).slice(1)).toEqual(channelsOf(own).slice(1));
        expect(window.values.subarray(5)).toEqual(own.values.subarray(5));
        if (window.index < 16) expect(window).toEqual(own);
      }
      expect(isOk(windows.at(-1)!)).toBe(true);
    },
  );

  it.each([0.3, 1])(
    'decides ok for no window with ringing in the bands of the filter bank: high-pass at %f Hz',
    (high_pass_hz) => {
      const settings = { method: 'filterbank', high_pass_hz };
      const own = windowsOf((value) => value, settings);
      for (const [, spoil] of DISTURBANCES) {
        const windows = windowsOf(spoil, settings);
        expect(isOk(windows.at(-1)!)).toBe(true);
        for (const window of windows.filter(isOk)) {
          expect(Math.abs(delta(window) - delta(own[window.index]!)), `window ${window.index}`).toBeLessThan(0.5);
        }
      }
    },
  );

  it('interpolates the channel while it rings, so that predictions continue', () => {
    const settings = { bad_channels: 'interpolate', reference: 'average' };
    const own = windowsOf((value) => value, settings);
    const windows = windowsOf(during(AT_S, AT_S + 0.5, 60000), settings);
    for (const window of windows) {
      const [first] = channelsOf(window);
      expect(first!.interpolated).toBe(first!.bad !== null);
      if (window.coverage === 1) expect(decide(window).state).toBe('ok');
      expect(Math.abs(window.values[10]! - own[window.index]!.values[10]!)).toBeLessThan(0.5);
    }
    expect(windows.filter((window) => channelsOf(window)[0]!.interpolated).length).toBeGreaterThan(10);
  });

  it('accepts an electrode offset without a high-pass, but not a rail', () => {
    const offset = windowsOf((own) => own + 40000, { high_pass_hz: null });
    expect(offset.map(reasonOf)).toEqual(Array(seconds - 3).fill(null));
    const railed = windowsOf(during(AT_S, AT_S + 0.5, 60000), { high_pass_hz: null });
    expect(railed.map(reasonOf).slice(15, 29)).toEqual([null, ...Array(12).fill('railed'), null]);
  });

  it('marks more windows with a slower high-pass', () => {
    const badWindows = (high_pass_hz: number) =>
      windowsOf(during(AT_S, AT_S + 0.5, 60000), { high_pass_hz }).filter((window) => reasonOf(window) !== null).length;
    expect(badWindows(0.15)).toBeGreaterThan(badWindows(0.3) + 5);
  });
});

describe('ringing laws', () => {
  /** Offset steps far above the limit and close to it, with missing values and lost samples. */
  const cases = fc.record({
    eog: fc.boolean(),
    rateHz: fc.constantFrom(125, 128, 250),
    hop_s: fc.constantFrom(0.25, 1, 5),
    steps: fc.array(fc.tuple(fc.nat(5000), fc.constantFrom(1000, 1600, 3900, 20000, 1e9, Number.NaN), fc.nat(300)), {
      minLength: 1,
      maxLength: 4,
    }),
    lost: fc.option(fc.tuple(fc.nat(5000), fc.nat(200))),
    cuts: fc.array(fc.nat(6000), { maxLength: 40 }),
  });

  const preprocessorOf = (eog: boolean, hop_s: number, info: StreamInfo): Preprocessor =>
    eog
      ? createEogPreprocessor(eogPreprocessConfigSchema.parse({ hop_s, window_s: 1 }), info)
      : createEegPreprocessor(eegConfig({ hop_s, window_s: 1 }), info);

  it('chunk law: the same windows for every cut, also after reset()', () => {
    fc.assert(
      fc.property(cases, ({ eog, rateHz, hop_s, steps, lost, cuts }) => {
        const info = eogInfo(rateHz);
        const whole = eogLike(info, 6000);
        for (const [from, value, length] of steps) {
          for (let n = from; n < Math.min(6000, from + length); n++) whole.data[n]! += value;
        }
        const blocks = loseSamples(whole, lost === null ? [] : [[lost[0], lost[0] + lost[1]]]);
        const used = preprocessorOf(eog, hop_s, info);
        const expected = run(used, blocks);
        const cut = blocks.flatMap((block) =>
          cutBlock(
            block,
            cuts.map((at) => at - block.firstSample),
          ),
        );
        expect(run(preprocessorOf(eog, hop_s, info), cut)).toStrictEqual(expected);
        for (const block of cut) used.push(block);
        used.reset();
        expect(run(used, cut)).toStrictEqual(expected);
      }),
      { numRuns: 80 },
    );
  });

  it('reports a step between two separate windows in the next one', () => {
    const block = eogLike(eogInfo(RATE_HZ), 40 * RATE_HZ);
    const config = eogPreprocessConfigSchema.parse({ window_s: 1, hop_s: 10 });
    const reasons = (at: number) =>
      run(createEogPreprocessor(config, block.info), [spoiled(block, (own, t) => (t >= at ? own + 20000 : own))]).map(
        reasonOf,
      );
    expect(reasons(15)).toEqual([null, null, 'outlier', null]);
  });

  it('restarts the filters after a gap, which ends the ringing', () => {
    const info = eegInfo(['C3', 'C4'], RATE_HZ, 60000);
    const rail = spoiled(eegLike(info, 40 * RATE_HZ), during(AT_S, AT_S + 0.5, 60000));
    const gap = [AT_S * RATE_HZ + 200, AT_S * RATE_HZ + 250] as const;
    const windows = run(createEegPreprocessor(eegConfig(), info), loseSamples(rail, [gap]));
    const states = windows.map((window) => decide(window).state);
    expect(states.slice(15, 25)).toEqual(['ok', ...Array(7).fill('abstain'), 'ok', 'ok']);
    const railing = spoiled(eegLike(info, 40 * RATE_HZ), during(AT_S, AT_S + 1.2, 60000));
    const behind = run(createEegPreprocessor(eegConfig(), info), loseSamples(railing, [gap]));
    expect(behind.slice(23, 26).map(reasonOf)).toEqual(Array(3).fill('railed'));
  });

  it('computes the same windows from blocks of one sample', () => {
    const block = spoiled(eogLike(eogInfo(RATE_HZ), 40 * RATE_HZ), step(20000));
    const config = eogPreprocessConfigSchema.parse({});
    const whole = run(createEogPreprocessor(config, block.info), [block]);
    expect(run(createEogPreprocessor(config, block.info), cutEvenly(block, 1))).toStrictEqual(whole);
  });
});
