import { describe, expect, it } from 'vitest';
import { removeLids } from '../../../src/dashboard/gaze/lids.ts';

const RATE_HZ = 60;

/** What is left of `diameterOf` the sample, of so many at 60 Hz. */
function shown(samples: number, diameterOf: (i: number) => number): Float32Array {
  const timesUs = Float64Array.from({ length: samples }, (_, i) => 1.7e15 + (i * 1e6) / RATE_HZ);
  const diameters = Float32Array.from({ length: samples }, (_, i) => diameterOf(i));
  removeLids(timesUs, diameters);
  return diameters;
}
const seen = (diameters: Float32Array): number[] => [...diameters.keys()].filter((i) => !Number.isNaN(diameters[i]!));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
/** A pupil of 3 to 4 mm, one turn in 100 samples. */
const pupil = (i: number): number => 3.5 - 0.5 * Math.cos((2 * Math.PI * i) / 100);

describe('removeLids', () => {
  it('takes the fall into a gap and the rise out of it, and nothing else', () => {
    // Closed for samples 150 to 155, where the pupil is large; the lid moves for 3 samples before and 4 after.
    const covered = [...range(147, 150), ...range(156, 160)];
    const diameters = shown(300, (i) => (i >= 150 && i < 156 ? Number.NaN : covered.includes(i) ? 2 : pupil(i)));
    // At its own smallest the stretch begins and ends: these cannot be told from a lid, for 150 ms.
    expect(seen(diameters).filter((i) => i > 10 && i < 289)).toEqual([...range(11, 147), ...range(160, 289)]);
  });

  it('leaves a dip of the pupil alone that no gap is beside', () => {
    const dip = (i: number): number => (i >= 100 && i < 110 ? 2 : 3.5);
    expect(seen(shown(300, dip))).toEqual(range(0, 300));
  });

  it('leaves a pupil of its usual size alone, however often a sample is missing', () => {
    const diameters = shown(300, (i) => (i % 5 === 0 ? Number.NaN : 3.5));
    expect(seen(diameters)).toHaveLength(240);
  });

  it('takes no more than 150 ms beside a gap, be the pupil ever so small there', () => {
    const diameters = shown(300, (i) => (i === 100 ? Number.NaN : Math.abs(i - 100) < 12 ? 2 : 3.5));
    expect(range(80, 120).filter((i) => Number.isNaN(diameters[i]!))).toEqual(range(91, 110));
  });

  it('knows a lid from what is usual around it, not from how the pupil was before', () => {
    const covered = [...range(217, 220), ...range(226, 230)];
    const wide = (i: number): number => (i >= 220 && i < 226 ? Number.NaN : covered.includes(i) ? 3.3 : 4);
    expect(seen(shown(300, (i) => (i < 150 ? 3 : wide(i))))).toEqual([...range(0, 217), ...range(230, 300)]);
  });

  it('does not draw a lid that is just closing', () => {
    expect(seen(shown(100, (i) => (i < 97 ? 3.5 : 2)))).toEqual(range(0, 97));
  });

  it('makes nothing of nothing', () => {
    expect(seen(shown(50, () => Number.NaN))).toEqual([]);
    expect(seen(shown(0, () => 3))).toEqual([]);
  });
});
