import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resampledRate } from '../../../src/dsp/rate-ratio.ts';
import { FilterStage } from '../../../src/preprocess/signal/filter.ts';
import type { GridRun } from '../../../src/preprocess/signal/grid.ts';
import { ResampleStage } from '../../../src/preprocess/signal/resample.ts';
import type { Block } from '../../../src/samples.ts';
import { blockOf, cutBlock, eegInfo, eegLike, loseSamples } from '../../support/signals.ts';

const RATES = [2048, 1000, 512, 500, 256, 250, 200, 160, 128, 125];

interface Row {
  readonly g: number;
  readonly segment: number;
  readonly values: number[];
}

function rowsOf(runs: readonly GridRun[], channels: number): Row[] {
  return runs.flatMap((run) =>
    Array.from({ length: run.length }, (_, i) => ({
      g: run.first + i,
      segment: run.segment,
      values: run.layers.flatMap((layer) => Array.from({ length: channels }, (_, c) => layer[c * run.stride + i]!)),
    })),
  );
}

/** Reads each run before the next push, which overwrites it. */
function resampled(stage: ResampleStage, blocks: readonly Block[], filter?: FilterStage): Row[] {
  const read = (runs: GridRun[]) => runs.flatMap((run) => rowsOf(filter ? filter.push(run) : [run], 2));
  return [...blocks.flatMap((block) => read(stage.push(block))), ...read(stage.flush())];
}

const troubled = fc.record({
  rateHz: fc.constantFrom(...RATES),
  cuts: fc.array(fc.nat(2000), { maxLength: 30 }),
  lost: fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 1, max: 400 })), { maxLength: 3 }),
});

function piecesOf({ rateHz, cuts, lost }: { rateHz: number; cuts: number[]; lost: [number, number][] }) {
  const whole = eegLike(eegInfo(['C3', 'C4'], rateHz), 2000);
  const blocks = loseSamples(
    whole,
    lost.map(([from, size]) => [from, Math.min(2000, from + size)]),
  );
  const cut = blocks.flatMap((block) =>
    cutBlock(
      block,
      cuts.map((at) => at - block.firstSample),
    ),
  );
  return { blocks, cut };
}

const filterSetting = {
  channels: 2,
  gridHz: 200,
  highPassHz: 0.3,
  lowPassHz: 75,
  notchHz: 50,
  bandsHz: [[8, 13]],
} as const;

describe('ResampleStage and FilterStage', () => {
  it('chunk law: the same rows for every cut, with gaps and at every rate', () => {
    fc.assert(
      fc.property(troubled, (given) => {
        const { blocks, cut } = piecesOf(given);
        const run = (pieces: readonly Block[]) =>
          resampled(new ResampleStage(2, given.rateHz, 200), pieces, new FilterStage(filterSetting));
        expect(run(cut)).toStrictEqual(run(blocks));
      }),
    );
  });

  it('accounting law: outputs each grid point that received samples cover exactly once', () => {
    fc.assert(
      fc.property(troubled, (given) => {
        const { blocks, cut } = piecesOf(given);
        const expected = blocks.flatMap(({ firstSample, length }) => {
          const points: number[] = [];
          const step = given.rateHz / 200;
          for (let g = Math.ceil(firstSample / step); g * step < firstSample + length; g++) points.push(g);
          return points;
        });
        expect(resampled(new ResampleStage(2, given.rateHz, 200), cut).map(({ g }) => g)).toEqual(expected);
      }),
    );
  });

  it('computes each segment independently of the samples before its gap', () => {
    const whole = eegLike(eegInfo(['C3', 'C4'], 250), 2000);
    const [first, second] = loseSamples(whole, [[800, 900]]) as [Block, Block];
    const behind = (blocks: Block[]) =>
      resampled(new ResampleStage(2, 250, 200), blocks, new FilterStage(filterSetting)).filter(
        ({ segment }) => segment === 900,
      );
    expect(behind([first, second])).toStrictEqual(behind([second]));
  });

  it('outputs a run with the last sample that it needs', () => {
    const info = eegInfo(['C3', 'C4'], 1000);
    const stage = new ResampleStage(2, 1000, 200);
    for (const block of cutBlock(
      eegLike(info, 600),
      Array.from({ length: 600 }, (_, i) => i),
    )) {
      for (const run of stage.push(block)) expect(stage.neededFor(run.first + run.length - 1)).toBe(block.firstSample);
    }
  });

  it('starts in the steady state of an offset of 187 mV', () => {
    const block = blockOf(eegInfo(['C3', 'C4'], 250), 500, () => 187000);
    for (const { values } of resampled(new ResampleStage(2, 250, 200), [block], new FilterStage(filterSetting))) {
      // [raw, filtered, band] x 2 channels
      expect(values[0]).toBeCloseTo(187000, 6);
      for (const value of values.slice(2)) expect(Math.abs(value)).toBeLessThan(1e-6);
    }
  });

  it('behaves as a new stage after reset()', () => {
    const { blocks } = piecesOf({ rateHz: 256, cuts: [], lost: [[600, 50]] });
    const stage = new ResampleStage(2, 256, 200);
    const filter = new FilterStage(filterSetting);
    for (const run of blocks.flatMap((block) => stage.push(block))) filter.push(run);
    stage.reset();
    filter.reset();
    expect(resampled(stage, blocks, filter)).toStrictEqual(
      resampled(new ResampleStage(2, 256, 200), blocks, new FilterStage(filterSetting)),
    );
  });

  it('takes a rate without a small ratio', () => {
    const rateHz = resampledRate(Math.PI * 100, 200);
    const stage = new ResampleStage(1, rateHz, 200);
    for (const g of [1, 100, 12_345])
      expect(stage.neededFor(g) - stage.neededFor(0)).toBe(Math.floor((g * rateHz) / 200));
  });
});
