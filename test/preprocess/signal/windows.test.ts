import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GridRun } from '../../../src/preprocess/signal/grid.ts';
import { type WindowShape, WindowStage } from '../../../src/preprocess/signal/windows.ts';

const CHANNELS = 2;
const value = (g: number, c: number, layer: number) => g + 10_000 * c + 1e6 * layer;

function runOf(first: number, length: number, segment: number): GridRun {
  const stride = length + 3;
  const layers = [0, 1].map((layer) => {
    const data = new Float64Array(CHANNELS * stride).fill(Number.NaN);
    for (let c = 0; c < CHANNELS; c++) {
      for (let i = 0; i < length; i++) data[c * stride + i] = value(first + i, c, layer);
    }
    return data;
  });
  return { first, length, layers, stride, segment, closedBy: Number.POSITIVE_INFINITY };
}

function stageOf(shape: Partial<WindowShape> = {}) {
  const full = { channels: CHANNELS, layers: 2, size: 40, hop: 10, settling: 400, ...shape };
  return new WindowStage(full, ({ layers, offset, stride, ...rest }) => ({
    ...rest,
    signal: layers.map((layer) =>
      Array.from({ length: CHANNELS }, (_, c) => [
        ...layer.subarray(c * stride + offset, c * stride + offset + full.size),
      ]),
    ),
  }));
}

/** Segments of a signal on the grid, in order and with gaps between them. */
const segments = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 200 })), { minLength: 1, maxLength: 4 })
  .map((list) => {
    let at = 0;
    return list.map(([gap, length], i) => {
      const first = i === 0 ? gap - 1 : at + gap;
      at = first + length;
      return { first, length };
    });
  });

const shapes = fc.record({ size: fc.constantFrom(20, 40), hop: fc.constantFrom(7, 10, 40, 90) });

describe('WindowStage', () => {
  it('chunk law: the same windows for every cut', () => {
    fc.assert(
      fc.property(shapes, segments, fc.integer({ min: 1, max: 50 }), (shape, list, size) => {
        const [whole, pieces] = [stageOf(shape), stageOf(shape)];
        const expected = list.flatMap(({ first, length }) => whole.push(runOf(first, length, first)));
        const got = list.flatMap(({ first, length }) => {
          const runs: GridRun[] = [];
          for (let i = 0; i < length; i += size) runs.push(runOf(first + i, Math.min(size, length - i), first));
          return runs.flatMap((run) => pieces.push(run));
        });
        expect(got).toStrictEqual(expected);
      }),
    );
  });

  it('outputs exactly the windows with a received sample, with their signal, coverage and warm-up', () => {
    fc.assert(
      fc.property(shapes, segments, (shape, list) => {
        const stage = stageOf(shape);
        const windows = list.flatMap(({ first, length }) => stage.push(runOf(first, length, first)));
        const real = (g: number) => list.some(({ first, length }) => g >= first && g < first + length);
        const settling = (g: number) => list.some(({ first }) => g >= first && g < first + 400);
        const end = list.at(-1)!.first + list.at(-1)!.length;
        const expected: number[] = [];
        for (let k = 0; k * shape.hop + shape.size <= end; k++) {
          const grid = Array.from({ length: shape.size }, (_, i) => k * shape.hop + i);
          if (grid.some(real)) expected.push(k);
        }
        expect(windows.map(({ index }) => index)).toEqual(expected);
        for (const { index, first, signal, coverage, warmup } of windows) {
          expect(first).toBe(index * shape.hop);
          const grid = Array.from({ length: shape.size }, (_, i) => first + i);
          const covered = grid.filter((g) => real(g) && !settling(g)).length;
          expect(coverage).toBe(covered / shape.size);
          if (coverage === 1 || grid.some((g) => !real(g))) expect(warmup).toBe(false);
          signal.forEach((channels, layer) => {
            channels.forEach((samples, c) => {
              samples.forEach((sample, i) => {
                if (real(first + i)) expect(sample).toBe(value(first + i, c, layer));
                else expect(Number.isFinite(sample)).toBe(true);
              });
            });
          });
        }
      }),
    );
  });

  it('is in warm-up for 2 s after the start only', () => {
    const stage = stageOf({ size: 200, hop: 100 });
    const start = stage.push(runOf(0, 1000, 0));
    expect(start.slice(0, 5).map(({ coverage, warmup }) => [coverage, warmup])).toEqual([
      [0, true],
      [0, true],
      [0, true],
      [0.5, true],
      [1, false],
    ]);
    const after = stage.push(runOf(1100, 1000, 1100));
    expect(after.some(({ warmup }) => warmup)).toBe(false);
    expect(after.filter(({ coverage }) => coverage < 1)).not.toHaveLength(0);
  });

  it('fills a gap with the value before it, and a window that starts in a gap with the value after it', () => {
    const stage = stageOf();
    stage.push(runOf(0, 35, 0));
    const windows = stage.push(runOf(80, 40, 80));
    expect(windows.map(({ index }) => index)).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
    expect(windows[0]!.signal[0]![0]!.slice(33)).toEqual([33, 34, 34, 34, 34, 34, 34]);
    expect(windows[4]!.signal[0]![1]!.slice(0, 32)).toEqual([...Array(30).fill(10_080), 10_080, 10_081]);
    expect(windows.map(({ completedBy }) => completedBy)).toEqual([80, 80, 80, 80, 89, 99, 109, 119]);
  });

  it('outputs no windows for a gap of years', () => {
    const stage = stageOf();
    stage.push(runOf(0, 100, 0));
    const far = 200 * 3600 * 24 * 365 * 20;
    const windows = stage.push(runOf(far, 60, far));
    expect(windows.length).toBeLessThan(12);
    expect(windows.at(-1)!.first).toBe(far + 20);
  });

  it('behaves as a new stage after reset()', () => {
    const stage = stageOf();
    stage.push(runOf(500, 300, 500));
    stage.reset();
    expect(stage.push(runOf(5, 600, 5))).toStrictEqual(stageOf().push(runOf(5, 600, 5)));
  });
});
