import { describe, expect, it } from 'vitest';
import type { GridRun } from '../../../src/preprocess/signal/grid.ts';
import { LimitStage } from '../../../src/preprocess/signal/limit.ts';
import { SampleLedger } from '../../../src/preprocess/signal/sample-ledger.ts';

const LENGTH = 100;

/** Three layers of two channels with the value 5, except for these: [layer, channel, grid sample, value]. */
function runOf(values: readonly (readonly [number, number, number, number])[], first = 0, length = LENGTH): GridRun {
  const stride = length + 3;
  const layers = [0, 1, 2].map(() => new Float64Array(2 * stride).fill(5, 0, 2 * stride));
  // Large values between the channels, which the stage must not read.
  for (const layer of layers) for (const c of [0, 1]) layer.fill(1e9, c * stride + length, (c + 1) * stride);
  for (const [layer, c, g, value] of values) layers[layer]![c * stride + g - first] = value;
  return { first, length, layers, stride, segment: 0, closedBy: Number.POSITIVE_INFINITY };
}

function beyondOf(runs: readonly GridRun[], fromLayer = 1): readonly number[][] {
  const ledger = new SampleLedger(2);
  const stage = new LimitStage({ limitUv: 1500, fromLayer, perGridSample: 1.25 }, ledger);
  for (const run of runs) expect(stage.push(run)).toEqual([run]);
  return ledger.beyond.map((beyond) =>
    Array.from({ length: LENGTH }, (_, g) => g).filter((g) => beyond.touches(g * 1.25, (g + 1) * 1.25)),
  );
}

describe('LimitStage', () => {
  it('records the channels and samples above or below the limit', () => {
    expect(beyondOf([runOf([])])).toEqual([[], []]);
    const values = [
      [1, 0, 3, 1501],
      [1, 1, 4, -1501],
      [1, 1, 5, 1500],
      [1, 1, 99, Number.POSITIVE_INFINITY],
    ] as const;
    expect(beyondOf([runOf(values)])).toEqual([[3], [4, 99]]);
  });

  it('checks the bands, too, but no layer before the high-pass', () => {
    const values = [
      [0, 0, 3, 60000],
      [1, 0, 4, 60000],
      [2, 1, 5, 60000],
    ] as const;
    expect(beyondOf([runOf(values)], 1)).toEqual([[4], [5]]);
    expect(beyondOf([runOf(values)], 2)).toEqual([[], [5]]);
    expect(beyondOf([runOf(values)], 3)).toEqual([[], []]);
  });

  it('chunk law: records the same samples for runs of one sample', () => {
    const values = [30, 31, 32, 60, 62].map((g) => [1, g % 2, g, 2000] as const);
    const pieces = Array.from({ length: LENGTH }, (_, g) =>
      runOf(
        values.filter(([, , at]) => at === g),
        g,
        1,
      ),
    );
    expect(beyondOf(pieces)).toEqual(beyondOf([runOf(values)]));
    expect(beyondOf(pieces)).toEqual([[30, 32, 60, 62], [31]]);
  });

  it('drops the ledger’s ranges that end before a sample', () => {
    const ledger = new SampleLedger(2);
    for (const list of [ledger.missing[1]!, ledger.railed[1]!, ledger.beyond[1]!, ledger.lost]) {
      list.add(10, 20);
      list.add(30, 40);
    }
    ledger.dropBefore(20);
    const kept = new SampleLedger(2);
    for (const list of [kept.missing[1]!, kept.railed[1]!, kept.beyond[1]!, kept.lost]) list.add(30, 40);
    expect(ledger.beyond.map((list) => list.touches(0, 20))).toEqual([false, false]);
    expect(ledger).toStrictEqual(kept);
    ledger.clear();
    expect(ledger.beyond[1]!.touches(0, 100)).toBe(false);
  });
});
