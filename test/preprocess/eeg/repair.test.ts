import { describe, expect, it } from 'vitest';
import { EEG62, electrodePosition } from '../../../src/montage.ts';
import { Repair, type RepairSetting } from '../../../src/preprocess/eeg/repair.ts';

const SIZE = 50;
const STRIDE = 70;
const OFFSET = 11;

/** A smooth potential over the scalp, as of distant sources. */
function field(label: string, i: number): number {
  const [x, y, z] = electrodePosition(label)!;
  return 10 * Math.sin(i / 5) * (x + 0.5 * y) + 5 * z * Math.cos(i / 9) + 3;
}

function signalOf(labels: readonly string[], bad: readonly number[] = []) {
  const data = new Float64Array(labels.length * STRIDE).fill(Number.NaN);
  labels.forEach((label, c) => {
    for (let i = 0; i < SIZE; i++) data[c * STRIDE + OFFSET + i] = bad.includes(c) ? 1e4 * i : field(label, i);
  });
  return { data, offset: OFFSET, stride: STRIDE };
}

function repairOf(labels: readonly string[], change: Partial<RepairSetting> = {}) {
  return new Repair({
    channels: labels.length,
    size: SIZE,
    positions: labels.map(electrodePosition),
    averageReference: false,
    ...change,
  });
}

const flags = (count: number, bad: readonly number[]) => Array.from({ length: count }, (_, c) => bad.includes(c));

describe('Repair', () => {
  it('interpolates bad channels and leaves the other channels and the input unchanged', () => {
    const bad = flags(62, [7, 40]);
    const repair = repairOf(EEG62);
    expect(repair.replaceable(bad)).toEqual(bad);
    const signal = signalOf(EEG62, [7, 40]);
    const before = signal.data.slice();
    for (let round = 0; round < 2; round++) {
      const { data, offset, stride } = repair.apply(signal, bad, bad);
      EEG62.forEach((label, c) => {
        for (let i = 0; i < SIZE; i++) {
          const error = Math.abs(data[c * stride + offset + i]! - field(label, i));
          expect(error).toBeLessThan(bad[c] ? 0.5 : 1e-12);
        }
      });
    }
    expect(signal.data).toStrictEqual(before);
  });

  it('replaces all bad channels or none: at least 16 good electrodes and at most a quarter bad', () => {
    const twenty = EEG62.slice(0, 20);
    const replaces = (labels: readonly string[], bad: readonly number[], change = {}) =>
      repairOf(labels, change).replaceable(flags(labels.length, bad)).includes(true);
    expect(replaces(twenty, [0, 1, 2, 3])).toBe(true);
    expect(replaces(twenty, [0, 1, 2, 3, 4])).toBe(false);
    expect(replaces(EEG62, [...Array(15).keys()])).toBe(true);
    expect(replaces(EEG62, [...Array(16).keys()])).toBe(false);
    expect(replaces(twenty, [0], { positions: null })).toBe(false);
    expect(replaces(twenty, [0], { positions: [null, ...twenty.slice(1).map(electrodePosition)] })).toBe(false);
  });

  it('returns the signal itself without bad channels and reference', () => {
    const signal = signalOf(EEG62);
    const none = flags(62, []);
    expect(repairOf(EEG62).apply(signal, none, none)).toBe(signal);
  });

  it('references to the mean of the good channels only', () => {
    const labels = ['FP1', 'FP2', 'C3', 'C4'];
    const bad = flags(4, [1]);
    const none = flags(4, []);
    const repair = repairOf(labels, { averageReference: true, positions: null });
    const { data, offset, stride } = repair.apply(signalOf(labels, [1]), bad, none);
    for (let i = 0; i < SIZE; i++) {
      expect(Math.abs([0, 2, 3].reduce((sum, c) => sum + data[c * stride + offset + i]!, 0))).toBeLessThan(1e-9);
    }
    const all = repair.apply(signalOf(labels), flags(4, [0, 1, 2, 3]), none);
    expect(all.data.every(Number.isFinite)).toBe(true);
  });

  it('interpolates every channel with more sets of bad channels than it caches', () => {
    const repair = repairOf(EEG62.slice(0, 24));
    const signal = signalOf(EEG62.slice(0, 24));
    for (let c = 0; c < 24; c++) {
      for (let d = 0; d < 3; d++) {
        const bad = flags(24, [c, (c + d) % 24]);
        const { data, stride } = repair.apply(signal, bad, bad);
        expect(Math.abs(data[c * stride]! - field(EEG62[c]!, 0))).toBeLessThan(3);
      }
    }
  });
});
