import { describe, expect, it } from 'vitest';
import { type GazeEvent, timed } from '../../../src/gaze/event.ts';
import { EYE_FEATURES, eyeFeaturePlaces } from '../../../src/preprocess/eye/features.ts';
import { type EyeWindowSample, EyeWindows } from '../../../src/preprocess/eye/windows.ts';
import type { FeatureWindow } from '../../../src/preprocess/feature-window.ts';
import golden from '../../golden/eye-features.json' with { type: 'json' };
import { eyesOf } from '../../support/preprocessing.ts';

const DELAY = 9;

interface Setting {
  rateHz?: number;
  windowS?: number;
  hopS?: number;
  count?: 33 | 31;
  baselineSamples?: number;
}

function windowsOf(setting: Setting = {}) {
  const { rateHz = 50, windowS = 4, hopS = 1, count = 33, baselineSamples = 0 } = setting;
  const places = eyeFeaturePlaces(count);
  return new EyeWindows({ rateHz, windowS, hopS, delaySamples: DELAY, marginSamples: 2, baselineSamples, places });
}

/** A received sample with the diameters of the pupils X and Y. */
function sample(index: number, pupilX: number, pupilY: number, hasEyes = true, hasGaze = true): EyeWindowSample {
  return { index, hasEyes, hasGaze, pupilX, pupilY };
}

function goldenEvents(): GazeEvent[] {
  return golden.events.map(({ type, start, end, deg }): GazeEvent => {
    const times = timed(start, end, golden.rate_hz);
    const [a = 0, b = 0] = deg;
    if (type === 'fixation') return { type, ...times, xDeg: 0, yDeg: 0, dispersionXDeg: a, dispersionYDeg: b };
    if (type === 'saccade') return { type, ...times, amplitudeDeg: a, peakDegS: null };
    return { type: 'blink', ...times };
  });
}

/** Pushes the samples one by one and each event with the stated delay after its end. */
function goldenRows(count: 33 | 31): FeatureWindow[] {
  const { rate_hz: rateHz, window_s: windowS, hop_s: hopS } = golden;
  const windows = windowsOf({ rateHz, windowS, hopS, count });
  const out: FeatureWindow[] = [];
  const [x, y] = golden.pupils;
  let waiting = goldenEvents();
  for (let n = 0; n < x!.length; n++) {
    windows.addEvents(waiting.filter(({ endSample }) => endSample + DELAY <= n + 1));
    waiting = waiting.filter(({ endSample }) => endSample + DELAY > n + 1);
    const [left, right] = [x![n] ?? Number.NaN, y![n] ?? Number.NaN];
    windows.push(sample(n, left, right), out);
  }
  windows.addEvents(waiting);
  windows.flush(out);
  return out;
}

describe('EyeWindows against NumPy', () => {
  const rows = goldenRows(33);

  it('outputs every window', () => {
    expect(rows.length).toBe(golden.rows.length);
  });

  it.each(EYE_FEATURES.map(({ name }, i) => [i + 1, name] as const))('%i %s', (place, name) => {
    const expected = golden.rows.map((row) => row[place - 1]!);
    // The comparison needs values that differ between rows.
    expect(new Set(expected).size, name).toBeGreaterThan(2);
    for (const [w, value] of expected.entries()) {
      const error = Math.abs(rows[w]!.values[place - 1]! - value);
      expect(error, `window ${w}: ${value}`).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
    }
  });

  it('leaves out the features 19 and 20 in the list of 31', () => {
    const expected = rows.map(({ values }) => [...values].filter((_, i) => i !== 18 && i !== 19));
    expect(goldenRows(31).map(({ values }) => [...values])).toEqual(expected);
  });
});

describe('EyeWindows', () => {
  const index = (name: string) => EYE_FEATURES.findIndex((feature) => feature.name === name);
  const blink = (start: number, end: number): GazeEvent => ({ type: 'blink', ...timed(start, end, 50) });

  /** Samples [from, to) at 50 Hz, with eyes or without. */
  function pushSamples(windows: EyeWindows, from: number, to: number, hasEyes = true): FeatureWindow[] {
    const out: FeatureWindow[] = [];
    for (let n = from; n < to; n++)
      windows.push(sample(n, hasEyes ? 3 : Number.NaN, Number.NaN, hasEyes, hasEyes), out);
    return out;
  }

  it('outputs a window with the sample that completes the delay, and the last window on flush', () => {
    const windows = windowsOf();
    expect(pushSamples(windows, 0, 200 + DELAY - 1)).toEqual([]);
    const [first] = pushSamples(windows, 200 + DELAY - 1, 200 + DELAY);
    expect(first).toMatchObject({ index: 0, startSample: 0, endSample: 200, neededSample: 200 + DELAY - 1, lost: 0 });
    pushSamples(windows, 200 + DELAY, 250);
    const rest: FeatureWindow[] = [];
    windows.flush(rest);
    expect(rest).toMatchObject([{ index: 1, endSample: 250, neededSample: 249 }]);
  });

  it('counts an event in the window in which it ends', () => {
    const at = (end: number) => {
      const windows = windowsOf({ hopS: 4 });
      windows.addEvents([blink(end - 10, end)]);
      return pushSamples(windows, 0, 450).map(({ values }) => values[index('blink_duration_mean')]!);
    };
    expect(at(200)).toEqual([200, 0]);
    expect(at(201)).toEqual([0, 200]);
  });

  it('computes rates over the time since the start, up to 30 s', () => {
    const windows = windowsOf({ hopS: 4 });
    windows.addEvents([blink(10, 20), blink(1900, 1910)]);
    const rates = pushSamples(windows, 0, 2100).map(({ values }) => values[index('blink_frequency_30s')]!);
    const expected = [1 / 4, 1 / 8, 1 / 12, 1 / 16, 1 / 20, 1 / 24, 1 / 28, 0, 0, 1 / 30];
    expect(rates.map((rate, w) => rate - expected[w]!).every((error) => Math.abs(error) < 1e-7)).toBe(true);
  });

  it('is not worn after 2 s without eyes, but not after less', () => {
    const worn = (seconds: number) => {
      const windows = windowsOf();
      const out = pushSamples(windows, 0, 300);
      out.push(
        ...pushSamples(windows, 300, 300 + 50 * seconds, false),
        ...pushSamples(windows, 300 + 50 * seconds, 900),
      );
      return out.map((window) => Number(eyesOf(window).worn)).join('');
    };
    expect(worn(1.98)).toBe('11111111111111');
    // From the second 8 on (window 4), until no window includes that time (window 8).
    expect(worn(2)).toBe('11110000111111');
  });

  it('restarts the trailing time after 2 s without eyes or without samples', () => {
    const rate = (away: (windows: EyeWindows) => FeatureWindow[]) => {
      const windows = windowsOf();
      windows.addEvents([blink(100, 110), blink(500, 510)]);
      pushSamples(windows, 0, 300);
      away(windows);
      const out = pushSamples(windows, 410, 700);
      return out.find(({ endSample }) => endSample === 650)!.values[index('blink_frequency_30s')];
    };
    expect(rate((windows) => pushSamples(windows, 300, 410, false))).toBe(Math.fround(1 / ((650 - 410) / 50)));
    expect(rate(() => [])).toBe(Math.fround(1 / ((650 - 410) / 50)));
    expect(rate((windows) => pushSamples(windows, 300, 410))).toBe(Math.fround(2 / (650 / 50)));
  });

  it('outputs only the windows with a sample over a gap of years', () => {
    const windows = windowsOf();
    pushSamples(windows, 0, 230);
    const far = 50 * 86_400 * 365 * 20;
    const out = pushSamples(windows, far, far + 250);
    const before = out.filter(({ endSample }) => endSample < far);
    expect(before.map(({ index }) => index)).toEqual([1, 2, 3, 4]);
    expect(before.map(({ lost }) => lost)).toEqual([20, 70, 120, 170]);
    expect(before.every(({ neededSample }) => neededSample === far)).toBe(true);
    const after = out.filter(({ endSample }) => endSample > far);
    expect(after[0]).toMatchObject({ endSample: far + 50, lost: 150, warmup: false });
    expect(after).toHaveLength(4);
  });

  it('is in warm-up while a window begins before the stream', () => {
    const out = pushSamples(windowsOf(), 1030, 1400);
    expect(out.map(({ startSample, warmup }) => [startSample, warmup])).toEqual([
      [850, true],
      [900, true],
      [950, true],
      [1000, true],
      [1050, false],
      [1100, false],
      [1150, false],
    ]);
    expect(out[0]!.coverage).toBe(20 / 200);
  });

  it('uses the measured pupil for the missing one', () => {
    const [first] = pushSamples(windowsOf(), 0, 300);
    const { values } = first!;
    expect(values[index('pupil_y_mean')]).toBe(3);
    expect(values.subarray(8, 12)).toEqual(values.subarray(4, 8));
    expect(eyesOf(first!).pupils).toEqual([1, 0]);
  });

  it('subtracts the pupil baseline and is in warm-up until it is known', () => {
    const windows = windowsOf({ baselineSamples: 250 });
    const out: FeatureWindow[] = [];
    // The left pupil is missing in the first second; 3 and 4 mm for 6 s, then 3.5 and 3.8 mm.
    for (let n = 0; n < 600; n++) {
      const [left, right] = n < 300 ? [3, 4] : [3.5, 3.8];
      windows.push(sample(n, n < 50 ? Number.NaN : left, right), out);
    }
    expect(out.map(({ warmup }) => warmup)).toEqual([true, ...Array<boolean>(7).fill(false)]);
    const means = (w: FeatureWindow) => [w.values[0]!, w.values[1]!].map((mean) => Number(mean.toFixed(4)));
    expect(means(out[1]!)[1]).toBe(0);
    expect(means(out.at(-1)!)).toEqual([0.5, -0.2]);
    // Standard deviation and spectrum do not depend on the baseline.
    const plain = windowsOf();
    const same: FeatureWindow[] = [];
    for (let n = 0; n < 600; n++) {
      const [left, right] = n < 300 ? [3, 4] : [3.5, 3.8];
      plain.push(sample(n, n < 50 ? Number.NaN : left, right), same);
    }
    expect(out.at(-1)!.values.subarray(2)).toEqual(same.at(-1)!.values.subarray(2));
  });

  it('measures a new baseline after 30 s without a pupil, as the person may have changed', () => {
    const windows = windowsOf({ baselineSamples: 50 });
    const last = (fromN: number, toN: number, diameter: number): FeatureWindow => {
      const out: FeatureWindow[] = [];
      for (let n = fromN; n < toN; n++) windows.push(sample(n, diameter, diameter, !Number.isNaN(diameter)), out);
      return out.at(-1)!;
    };
    last(0, 300, 3);
    last(300, 300 + 29 * 50, Number.NaN);
    expect(last(1750, 2250, 5).values[0]).toBe(2);
    last(2250, 2250 + 31 * 50, Number.NaN);
    expect(last(3800, 4300, 5).values[0]).toBe(0);
  });

  it('reports the traced share, which is 0 where every fifth sample is lost', () => {
    const tracedOf = (isLost: (n: number) => boolean): number => {
      const [windows, out] = [windowsOf(), [] as FeatureWindow[]];
      for (let n = 0; n < 300; n++) {
        const diameter = isLost(n) ? Number.NaN : 3;
        windows.push(sample(n, diameter, diameter), out);
      }
      return eyesOf(out[0]!).traced;
    };
    expect(tracedOf(() => false)).toBe(1);
    expect(tracedOf((n) => n >= 50 && n < 60)).toBeCloseTo(0.95, 9);
    expect(tracedOf((n) => n % 5 === 0)).toBe(0);
  });

  it('has finite features without any pupil or gaze', () => {
    for (const { values, coverage } of pushSamples(windowsOf(), 0, 500, false)) {
      expect(coverage).toBe(0);
      expect([...values].map((value, i) => (i >= 4 && i < 12 ? value < -12 : value === 0))).toEqual(
        Array(33).fill(true),
      );
    }
  });

  it('behaves as a new instance after reset()', () => {
    const used = windowsOf();
    used.addEvents([blink(10, 20)]);
    pushSamples(used, 0, 700);
    used.reset();
    expect(pushSamples(used, 33, 800)).toStrictEqual(pushSamples(windowsOf(), 33, 800));
  });
});
