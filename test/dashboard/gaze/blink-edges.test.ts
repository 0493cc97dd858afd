import { describe, expect, it } from 'vitest';
import { removeBlinkEdges } from '../../../src/dashboard/gaze/blink-edges.ts';

const RATE_HZ = 60;

/** The diameters of `samples` samples at 60 Hz that are left of `diameterOf`. */
function shown(samples: number, diameterOf: (i: number) => number): Float32Array {
  const timesUs = Float64Array.from({ length: samples }, (_, i) => 1.7e15 + (i * 1e6) / RATE_HZ);
  const diameters = Float32Array.from({ length: samples }, (_, i) => diameterOf(i));
  removeBlinkEdges(timesUs, diameters);
  return diameters;
}
const seen = (diameters: Float32Array): number[] => [...diameters.keys()].filter((i) => !Number.isNaN(diameters[i]!));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
/** A pupil diameter that oscillates between 3 and 4 mm with a period of 100 samples. */
const pupil = (i: number): number => 3.5 - 0.5 * Math.cos((2 * Math.PI * i) / 100);

describe('removeBlinkEdges', () => {
  it('removes the fall before a gap and the rise after it, and nothing else', () => {
    // Closed for samples 150 to 155, where the pupil is large; the lid moves for 3 samples before and 4 after.
    const covered = [...range(147, 150), ...range(156, 160)];
    const diameters = shown(300, (i) => (i >= 150 && i < 156 ? Number.NaN : covered.includes(i) ? 2 : pupil(i)));
    // The trace starts and ends at its smallest diameter, which cannot be distinguished from a lid for 150 ms.
    expect(seen(diameters).filter((i) => i > 10 && i < 289)).toEqual([...range(11, 147), ...range(160, 289)]);
  });

  it('keeps a dip that is not next to a gap', () => {
    const dip = (i: number): number => (i >= 100 && i < 110 ? 2 : 3.5);
    expect(seen(shown(300, dip))).toEqual(range(0, 300));
  });

  it('keeps a usual diameter, however often a sample is missing', () => {
    const diameters = shown(300, (i) => (i % 5 === 0 ? Number.NaN : 3.5));
    expect(seen(diameters)).toHaveLength(240);
  });

  it('removes at most 150 ms next to a gap, however small the diameter is there', () => {
    const diameters = shown(300, (i) => (i === 100 ? Number.NaN : Math.abs(i - 100) < 12 ? 2 : 3.5));
    expect(range(80, 120).filter((i) => Number.isNaN(diameters[i]!))).toEqual(range(91, 110));
  });

  it('compares with the usual diameter around the gap, not with earlier ones', () => {
    const covered = [...range(217, 220), ...range(226, 230)];
    const wide = (i: number): number => (i >= 220 && i < 226 ? Number.NaN : covered.includes(i) ? 3.3 : 4);
    expect(seen(shown(300, (i) => (i < 150 ? 3 : wide(i))))).toEqual([...range(0, 217), ...range(230, 300)]);
  });

  it('removes a lid that is just closing', () => {
    expect(seen(shown(100, (i) => (i < 97 ? 3.5 : 2)))).toEqual(range(0, 97));
  });

  it('accepts traces without a seen sample', () => {
    expect(seen(shown(50, () => Number.NaN))).toEqual([]);
    expect(seen(shown(0, () => 3))).toEqual([]);
  });
});
