import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EEG62 } from '../../../src/montage.ts';
import { decide } from '../../../src/preprocess/decide.ts';
import { eegPreprocessConfigSchema } from '../../../src/preprocess/eeg/config.ts';
import { createEegPreprocessor } from '../../../src/preprocess/eeg/preprocessor.ts';
import type { FeatureWindow } from '../../../src/preprocess/feature-window.ts';
import { type Preprocessor, windowsOf } from '../../../src/preprocess/preprocessor.ts';
import type { Block } from '../../../src/samples.ts';
import { troubledStream } from '../../support/chunk-law.ts';
import { allWindows, channelsOf } from '../../support/preprocessing.ts';
import { cutEvenly, eegInfo, eegLike, loseSamples } from '../../support/signals.ts';

const LABELS = ['FP1', 'FP2', 'C3', 'C4', 'O1', 'O2'];

/** Short windows and few rates keep the many runs fast; a hop above the window leaves gaps between windows. */
const setting = fc.record({
  rateHz: fc.constantFrom(125, 200, 250, 256),
  method: fc.constantFrom('fft' as const, 'bcmi' as const, 'filterbank' as const),
  window_s: fc.constantFrom(0.5, 1),
  hop_s: fc.constantFrom(0.25, 0.4, 1.5),
  reference: fc.constantFrom('none' as const, 'average' as const),
  notch_hz: fc.constantFrom(null, 50 as const),
});

const cases = setting.chain(({ rateHz, ...rest }) =>
  fc.record({
    rateHz: fc.constant(rateHz),
    config: fc.constant(
      eegPreprocessConfigSchema.parse({
        ...rest,
        bands: [
          ['low', 4, 12],
          ['high', 14, 30],
        ],
      }),
    ),
    stream: troubledStream(LABELS, rateHz, 1400),
  }),
);

function run(preprocessor: Preprocessor, blocks: readonly Block[]): FeatureWindow[] {
  return allWindows(preprocessor, blocks);
}

describe('EEG preprocessing laws', () => {
  it('chunk law: the windows are bit-identical for every cut', () => {
    fc.assert(
      fc.property(cases, ({ rateHz, config, stream }) => {
        const whole = run(createEegPreprocessor(config, eegInfo(LABELS, rateHz, 60000)), stream.blocks);
        expect(run(createEegPreprocessor(config, eegInfo(LABELS, rateHz, 60000)), stream.cut)).toStrictEqual(whole);
      }),
      { numRuns: 120 },
    );
  });

  it.each([1, 5])('chunk law: computes the same windows from blocks of %i samples', (size) => {
    const info = eegInfo(LABELS, 250);
    const blocks = loseSamples(eegLike(info, 4000), [
      [700, 708],
      [1500, 1700],
    ]);
    const config = eegPreprocessConfigSchema.parse({});
    const whole = run(createEegPreprocessor(config, info), blocks);
    expect(whole.length).toBe(13);
    const cut = blocks.flatMap((block) => cutEvenly(block, size));
    expect(run(createEegPreprocessor(config, info), cut)).toStrictEqual(whole);
  });

  it('chunk law: the same windows with interpolated channels and an average reference', () => {
    const info = eegInfo(EEG62.slice(0, 24), 250);
    const length = 17 * 250;
    const whole = eegLike(info, length);
    whole.data.fill(7, 3 * length, 4 * length);
    whole.data.fill(Number.NaN, 9 * length + 600, 9 * length + 900);
    const config = eegPreprocessConfigSchema.parse({ bad_channels: 'interpolate', reference: 'average' });
    const windows = run(createEegPreprocessor(config, info), [whole]);
    const replaced = windows.map((window) => channelsOf(window).filter(({ interpolated }) => interpolated).length);
    // The second channel has no values until 3.6 s and rings for 7 s more.
    expect(replaced).toEqual([...Array(11).fill(2), 1, 1, 1]);
    expect(run(createEegPreprocessor(config, info), cutEvenly(whole, 7))).toStrictEqual(windows);
  });

  it('behaves as a new preprocessor after reset() or flush()', () => {
    fc.assert(
      fc.property(cases, cases, fc.boolean(), (before, { rateHz, config, stream }, flushes) => {
        const info = eegInfo(LABELS, rateHz, 60000);
        const used = createEegPreprocessor(config, info);
        if (before.rateHz === rateHz) for (const block of before.stream.blocks) used.push(block);
        if (flushes) used.flush();
        else used.reset();
        expect(used.account).toStrictEqual(createEegPreprocessor(config, info).account);
        expect(run(used, stream.cut)).toStrictEqual(run(createEegPreprocessor(config, info), stream.cut));
      }),
      { numRuns: 40 },
    );
  });

  it('clock law: does not depend on device and host times', () => {
    const info = eegInfo(LABELS, 250);
    const blocks = cutEvenly(eegLike(info, 2500), 50);
    const config = eegPreprocessConfigSchema.parse({});
    const shifted = blocks.map((block, i) => ({
      ...block,
      deviceTimeUs: -i * 7e9,
      hostTimeUs: 1e15 / (i + 1),
      clockErrUs: i,
    }));
    expect(run(createEegPreprocessor(config, info), shifted)).toStrictEqual(
      run(createEegPreprocessor(config, info), blocks),
    );
  });

  it('accounting law: counts each sample exactly once after every block', () => {
    fc.assert(
      fc.property(cases, ({ rateHz, config, stream }) => {
        const preprocessor = createEegPreprocessor(config, eegInfo(LABELS, rateHz, 60000));
        let received = 0;
        for (const block of stream.cut) {
          preprocessor.push(block);
          for (let i = 0; i < block.length; i++) {
            if (LABELS.some((_, c) => Number.isFinite(block.data[c * block.length + i]!))) received++;
          }
          const { account } = preprocessor;
          expect(account.total).toBe(block.firstSample + block.length);
          expect(account.received).toBe(received);
          expect(account.received + account.interpolated + account.lost + account.pending).toBe(account.total);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('outputs finite windows on the hop grid, in the block with the sample that they need', () => {
    fc.assert(
      fc.property(cases, ({ rateHz, config, stream }) => {
        const preprocessor = createEegPreprocessor(config, eegInfo(LABELS, rateHz, 60000));
        let previous = -1;
        for (const block of stream.cut) {
          for (const window of windowsOf(preprocessor.push(block))) {
            expect(window.index).toBeGreaterThan(previous);
            previous = window.index;
            expect(window.startSample).toBeCloseTo(window.index * config.hop_s * rateHz, 6);
            expect(window.endSample - window.startSample).toBeCloseTo(config.window_s * rateHz, 6);
            expect(window.values.every(Number.isFinite)).toBe(true);
            expect(window.coverage).toBeGreaterThanOrEqual(0);
            expect(window.coverage).toBeLessThanOrEqual(1);
            expect(window.neededSample).toBeGreaterThanOrEqual(block.firstSample);
            expect(window.neededSample).toBeLessThan(block.firstSample + block.length);
          }
        }
      }),
      { numRuns: 80 },
    );
  });

  it('never decides ok for a window with a gap or settling filters', () => {
    fc.assert(
      fc.property(cases, ({ rateHz, config, stream }) => {
        for (const window of run(createEegPreprocessor(config, eegInfo(LABELS, rateHz, 60000)), stream.cut)) {
          if (window.coverage < 1) expect(decide(window).state).not.toBe('ok');
        }
      }),
      { numRuns: 40 },
    );
  });
});
