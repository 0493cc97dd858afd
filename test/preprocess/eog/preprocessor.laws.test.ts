import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/preprocess/decide.ts';
import { eogPreprocessConfigSchema } from '../../../src/preprocess/eog/config.ts';
import { createEogPreprocessor, EOG_SETTLING_S } from '../../../src/preprocess/eog/preprocessor.ts';
import type { FeatureWindow } from '../../../src/preprocess/feature-window.ts';
import { type Preprocessor, windowsOf } from '../../../src/preprocess/preprocessor.ts';
import type { Block } from '../../../src/samples.ts';
import { troubledStream } from '../../support/chunk-law.ts';
import { EOG_LABELS, eogInfo, eogLike } from '../../support/eog.ts';
import { allWindows } from '../../support/preprocessing.ts';
import { cutEvenly, eegInfo, loseSamples } from '../../support/signals.ts';

/** Short windows keep the many runs fast; a hop above the window leaves gaps between windows. */
const cases = fc
  .record({
    rateHz: fc.constantFrom(125, 128, 250, 256),
    window_s: fc.constantFrom(0.5, 1),
    hop_s: fc.constantFrom(0.25, 0.375, 1.5),
  })
  .chain(({ rateHz, ...settings }) =>
    fc.record({
      rateHz: fc.constant(rateHz),
      config: fc.constant(eogPreprocessConfigSchema.parse(settings)),
      stream: troubledStream(EOG_LABELS, rateHz, 1400),
    }),
  );

const infoOf = (rateHz: number) => eegInfo(EOG_LABELS, rateHz, 60000);

function run(preprocessor: Preprocessor, blocks: readonly Block[]): FeatureWindow[] {
  return allWindows(preprocessor, blocks);
}

describe('EOG preprocessing laws', () => {
  it('chunk law: the windows are bit-identical for every cut', () => {
    fc.assert(
      fc.property(cases, ({ rateHz, config, stream }) => {
        const whole = run(createEogPreprocessor(config, infoOf(rateHz)), stream.blocks);
        expect(run(createEogPreprocessor(config, infoOf(rateHz)), stream.cut)).toStrictEqual(whole);
      }),
      { numRuns: 120 },
    );
  });

  it.each([1, 5])('chunk law: computes the same windows from blocks of %i samples', (size) => {
    const info = eogInfo(250);
    const blocks = loseSamples(eogLike(info, 6000), [
      [700, 708],
      [1500, 1700],
    ]);
    const config = eogPreprocessConfigSchema.parse({});
    const whole = run(createEogPreprocessor(config, info), blocks);
    expect(whole.length).toBe(21);
    const cut = blocks.flatMap((block) => cutEvenly(block, size));
    expect(run(createEogPreprocessor(config, info), cut)).toStrictEqual(whole);
  });

  it('parity law: computes the same window for the same samples at hops of 1 s and 4 s', () => {
    const info = eogInfo(250);
    const block = eogLike(info, 250 * 24);
    const windowsAt = (hop_s: number) =>
      run(createEogPreprocessor(eogPreprocessConfigSchema.parse({ hop_s }), info), [block]);
    const live = new Map(windowsAt(1).map((window) => [window.startSample, window]));
    const training = windowsAt(4);
    expect(training.length).toBe(6);
    for (const window of training) {
      const { index: _, ...same } = live.get(window.startSample)!;
      expect(window).toMatchObject(same);
    }
  });

  it('behaves as a new preprocessor after reset() or flush()', () => {
    fc.assert(
      fc.property(cases, cases, fc.boolean(), (before, { rateHz, config, stream }, flushes) => {
        const used = createEogPreprocessor(config, infoOf(rateHz));
        if (before.rateHz === rateHz) for (const block of before.stream.blocks) used.push(block);
        if (flushes) used.flush();
        else used.reset();
        expect(used.account).toStrictEqual(createEogPreprocessor(config, infoOf(rateHz)).account);
        expect(run(used, stream.cut)).toStrictEqual(run(createEogPreprocessor(config, infoOf(rateHz)), stream.cut));
      }),
      { numRuns: 40 },
    );
  });

  it('clock law: does not depend on device and host times', () => {
    const info = eogInfo(250);
    const blocks = cutEvenly(eogLike(info, 4000), 50);
    const shifted = blocks.map((block, i) => ({ ...block, deviceTimeUs: -i * 7e9, hostTimeUs: 1e15 / (i + 1) }));
    const config = eogPreprocessConfigSchema.parse({});
    expect(run(createEogPreprocessor(config, info), shifted)).toStrictEqual(
      run(createEogPreprocessor(config, info), blocks),
    );
  });

  it('accounting law: counts each sample exactly once after every block', () => {
    fc.assert(
      fc.property(cases, ({ rateHz, config, stream }) => {
        const preprocessor = createEogPreprocessor(config, infoOf(rateHz));
        let received = 0;
        for (const block of stream.cut) {
          preprocessor.push(block);
          for (let i = 0; i < block.length; i++) {
            if (EOG_LABELS.some((_, c) => Number.isFinite(block.data[c * block.length + i]!))) received++;
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
        const preprocessor = createEogPreprocessor(config, infoOf(rateHz));
        let previous = -1;
        for (const block of stream.cut) {
          for (const window of windowsOf(preprocessor.push(block))) {
            expect(window.index).toBeGreaterThan(previous);
            previous = window.index;
            expect(window.startSample).toBeCloseTo(window.index * config.hop_s * rateHz, 6);
            expect(window.values).toHaveLength(2 * config.window_s * 128);
            expect(window.values.every(Number.isFinite)).toBe(true);
            expect(window.neededSample).toBeGreaterThanOrEqual(block.firstSample);
            expect(window.neededSample).toBeLessThan(block.firstSample + block.length);
          }
        }
      }),
      { numRuns: 80 },
    );
  });

  it('decides ok exactly for windows outside the settling after the start or a gap', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(125, 128, 250),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 400 }),
        (rateHz, atS, length) => {
          const info = eogInfo(rateHz);
          const lost = [atS * rateHz, atS * rateHz + length] as const;
          const blocks = loseSamples(eogLike(info, 30 * rateHz), [lost]);
          const settled = (startS: number, from: number) => startS >= from / rateHz + EOG_SETTLING_S;
          for (const window of run(createEogPreprocessor(eogPreprocessConfigSchema.parse({}), info), blocks)) {
            const [start, end] = [window.startSample / rateHz, window.endSample / rateHz];
            const isGap = length > 0.04 * rateHz;
            const untouched = !isGap || end <= atS || settled(start, lost[1]);
            expect(decide(window).state === 'ok', `${start} s`).toBe(settled(start, 0) && untouched);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
