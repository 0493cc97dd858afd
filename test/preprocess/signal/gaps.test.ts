import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAffectEdgeError } from '../../../src/errors.ts';
import { GapStage } from '../../../src/preprocess/signal/gaps.ts';
import { SampleLedger } from '../../../src/preprocess/signal/sample-ledger.ts';
import type { Block } from '../../../src/samples.ts';
import { troubledStream } from '../../support/chunk-law.ts';
import { blockOf, cutBlock, cutEvenly, eegInfo, loseSamples } from '../../support/signals.ts';

const INFO = eegInfo(['C3', 'CZ', 'C4'], 250, 60000);
/** 40 ms at 250 Hz. */
const LONGEST = 10;

function stageOf() {
  const ledger = new SampleLedger(3);
  return { ledger, stage: new GapStage(INFO, ledger) };
}

/** Every sample of the output: its index, the samples lost before it and its values. */
function samplesOf(blocks: readonly Block[]) {
  return blocks.flatMap((block) =>
    Array.from({ length: block.length }, (_, i) => ({
      sample: block.firstSample + i,
      lostBefore: i === 0 ? block.lostBefore : 0,
      values: [0, 1, 2].map((c) => block.data[c * block.length + i]!),
    })),
  );
}

const ramp = (length: number) => blockOf(INFO, length, (c, n) => 100 * c + n);

describe('GapStage', () => {
  it('chunk law: the same samples and the same ledger for every cut', () => {
    fc.assert(
      fc.property(troubledStream(['C3', 'CZ', 'C4'], 250, 600), ({ blocks, cut }) => {
        const whole = stageOf();
        const pieces = stageOf();
        const expected = samplesOf(blocks.flatMap((block) => whole.stage.push(block)));
        expect(samplesOf(cut.flatMap((block) => pieces.stage.push(block)))).toStrictEqual(expected);
        expect(pieces.ledger).toStrictEqual(whole.ledger);
        expect(pieces.stage.account).toStrictEqual(whole.stage.account);
      }),
      { numRuns: 400 },
    );
  });

  it('outputs finite values that are contiguous except for declared losses', () => {
    fc.assert(
      fc.property(troubledStream(['C3', 'CZ', 'C4'], 250, 600), ({ cut }) => {
        const { stage } = stageOf();
        let next = 0;
        for (const { sample, lostBefore, values } of samplesOf(cut.flatMap((block) => stage.push(block)))) {
          expect(sample).toBe(next + lostBefore);
          expect(values.every(Number.isFinite)).toBe(true);
          next = sample + 1;
        }
        const { account } = stage;
        expect(account.total).toBe(account.received + account.interpolated + account.lost + account.pending);
      }),
    );
  });

  it('clock law: the values do not depend on the times', () => {
    const blocks = loseSamples(ramp(300), [[100, 105]]);
    const late = blocks.map((block) => ({ ...block, deviceTimeUs: 5e12, hostTimeUs: -1 }));
    const [one, other] = [stageOf().stage, stageOf().stage];
    expect(samplesOf(late.flatMap((block) => one.push(block)))).toEqual(
      samplesOf(blocks.flatMap((block) => other.push(block))),
    );
  });

  it('interpolates a loss of 40 ms linearly', () => {
    const { stage, ledger } = stageOf();
    const samples = samplesOf(loseSamples(ramp(60), [[20, 20 + LONGEST]]).flatMap((block) => stage.push(block)));
    expect(samples).toHaveLength(60);
    for (const { sample, values } of samples)
      values.forEach((value, c) => void expect(value).toBeCloseTo(100 * c + sample, 3));
    expect(stage.account).toEqual({ total: 60, received: 50, interpolated: 10, lost: 0, pending: 0 });
    expect(ledger.lost.overlap(0, 60)).toBe(LONGEST);
  });

  it('declares a loss of 40 ms and one sample', () => {
    const { stage } = stageOf();
    const blocks = loseSamples(ramp(60), [[20, 21 + LONGEST]]).flatMap((block) => stage.push(block));
    expect(blocks.map(({ firstSample, lostBefore }) => [firstSample, lostBefore])).toEqual([
      [0, 0],
      [31, 11],
    ]);
    expect(stage.account).toEqual({ total: 60, received: 49, interpolated: 0, lost: 11, pending: 0 });
  });

  it('counts samples without a value on any channel as lost and joins them with adjacent losses', () => {
    const { stage } = stageOf();
    const block = ramp(60);
    for (let c = 0; c < 3; c++) block.data.fill(Number.NaN, c * 60 + 15, c * 60 + 20);
    const [before, after] = loseSamples(block, [[20, 25]]);
    expect(samplesOf(stage.push(before!))).toHaveLength(15);
    expect(stage.account).toEqual({ total: 20, received: 15, interpolated: 0, lost: 0, pending: 5 });
    expect(samplesOf(stage.push(after!))).toHaveLength(45);
    expect(stage.account).toEqual({ total: 60, received: 50, interpolated: 10, lost: 0, pending: 0 });
  });

  it('counts all samples before the first block as lost', () => {
    const { stage } = stageOf();
    const [out] = stage.push({ ...ramp(10), firstSample: 5000 });
    expect([out!.firstSample, out!.lostBefore]).toEqual([5000, 5000]);
    expect(stage.account).toEqual({ total: 5010, received: 10, interpolated: 0, lost: 5000, pending: 0 });
  });

  it('holds the last value of a channel for up to 40 ms and then continues with the real values', () => {
    const { stage, ledger } = stageOf();
    const block = ramp(60);
    block.data.fill(Number.NaN, 60 + 30, 60 + 30 + LONGEST);
    const samples = samplesOf(stage.push(block));
    expect(samples.slice(28, 42).map(({ values }) => values[1])).toEqual([128, ...Array(11).fill(129), 140, 141]);
    expect(ledger.missing[1]!.overlap(0, 60)).toBe(LONGEST);
    expect(ledger.missing[0]!.overlap(0, 60)).toBe(0);
  });

  it('continues a channel after a longer absence from its held value, so that no step enters the filters', () => {
    const { stage } = stageOf();
    const block = blockOf(INFO, 100, (c, n) => (c === 1 && n >= 60 ? 50000 : 10) + n);
    block.data.fill(Number.NaN, 100 + 40, 100 + 60);
    const middle = samplesOf(cutEvenly(block, 20).flatMap((piece) => stage.push(piece))).map(
      ({ values }) => values[1]!,
    );
    expect(middle[60]).toBe(49);
    for (let i = 1; i < middle.length; i++) expect(Math.abs(middle[i]! - middle[i - 1]!)).toBeLessThanOrEqual(1);
  });

  it('outputs a channel without a step when its first value comes late', () => {
    const { stage } = stageOf();
    const block = blockOf(INFO, 50, () => 30000);
    block.data.fill(Number.NaN, 0, 3);
    const samples = samplesOf(stage.push(block));
    expect(samples.map(({ values }) => values[0])).toEqual(Array(50).fill(0));
    expect(samples.map(({ values }) => values[1])).toEqual(Array(50).fill(30000));
  });

  it('records the samples at the positive and negative rail', () => {
    const { stage, ledger } = stageOf();
    const block = ramp(60);
    block.data.fill(60000, 5, 8);
    block.data.fill(-60001, 60 + 50, 60 + 60);
    for (const piece of cutBlock(block, [6, 52])) stage.push(piece);
    expect(ledger.railed.map((railed) => railed.overlap(0, 60))).toEqual([3, 10, 0]);
  });

  it('returns a block without losses unchanged', () => {
    const { stage } = stageOf();
    const block = ramp(20);
    expect(stage.push(block)[0]).toBe(block);
  });

  it.each([
    ['an undeclared jump', { firstSample: 25, lostBefore: 0 }, /sample 25 with 0 lost before it, but sample 20/],
    ['a step back', { firstSample: 10, lostBefore: 0 }, /sample 10/],
    ['too little data', { firstSample: 20, lostBefore: 0, length: 50 }, /3 channels need 150/],
  ])('refuses %s', (_, change, message) => {
    const { stage } = stageOf();
    stage.push(ramp(20));
    try {
      stage.push({ ...ramp(20), ...change });
      expect.unreachable();
    } catch (error) {
      expect(isAffectEdgeError(error, 'INTERNAL')).toBe(true);
      expect(String(error)).toMatch(message);
    }
  });

  it('behaves as a new stage after reset()', () => {
    fc.assert(
      fc.property(
        troubledStream(['C3', 'CZ', 'C4'], 250, 300),
        troubledStream(['C3', 'CZ', 'C4'], 250, 300),
        (first, second) => {
          const { stage, ledger } = stageOf();
          for (const block of first.cut) stage.push(block);
          stage.reset();
          ledger.clear();
          const fresh = stageOf().stage;
          expect(samplesOf(second.cut.flatMap((block) => stage.push(block)))).toStrictEqual(
            samplesOf(second.cut.flatMap((block) => fresh.push(block))),
          );
        },
      ),
    );
  });
});
