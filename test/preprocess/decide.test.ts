import { describe, expect, it } from 'vitest';
import { DECISION_RULES, decide, summariseQuality } from '../../src/preprocess/decide.ts';
import type { BadChannelReason, FeatureWindow } from '../../src/preprocess/feature-window.ts';

function windowOf(
  bad: readonly (BadChannelReason | null)[],
  change: Partial<FeatureWindow> = {},
  interpolated = false,
) {
  const window: FeatureWindow = {
    index: 0,
    startSample: 0,
    endSample: 1000,
    neededSample: 1010,
    values: new Float32Array(bad.length),
    coverage: 1,
    lost: 0,
    warmup: false,
    quality: {
      modality: 'eeg',
      channels: bad.map((reason, c) => ({
        label: `E${c}`,
        bad: reason,
        interpolated: interpolated && reason !== null,
        rmsUv: 10,
      })),
    },
    ...change,
  };
  return window;
}

const good = (count: number) => Array<null>(count).fill(null);

describe('decide', () => {
  it.each([
    ['a whole window', windowOf(good(4)), 'ok', []],
    ['filter settling at the start', windowOf(good(4), { coverage: 0.5, warmup: true }), 'warmup', []],
    ['a gap', windowOf(good(4), { coverage: 0.99 }), 'abstain', ['gap']],
    ['a bad channel', windowOf(['railed', ...good(3)]), 'abstain', ['bad_channels']],
    ['an interpolated channel', windowOf(['flat', ...good(19)], {}, true), 'ok', []],
    [
      'too many interpolated channels',
      windowOf([...Array(6).fill('flat'), ...good(14)], {}, true),
      'abstain',
      ['bad_channels'],
    ],
    ['a gap and a bad channel', windowOf(['flat', ...good(3)], { coverage: 0 }), 'abstain', ['gap', 'bad_channels']],
  ] as const)('%s', (_, window, state, reasons) => {
    expect(decide(window)).toEqual({ state, reasons });
  });

  it.each([
    ['both pupils', { pupils: [0.95, 0.9] }, 1, 'ok', []],
    ['one pupil', { pupils: [0, 0.6] }, 0.6, 'ok', []],
    ['gaze in less than half of the window', { pupils: [0.4, 0.4] }, 0.4, 'abstain', ['gap']],
    ['gaze without pupils', { pupils: [0.4, 0.3] }, 0.9, 'abstain', ['bad_channels']],
    [
      'pupils with no stretch long enough to trace',
      { pupils: [0.8, 0.8], traced: 0 },
      0.8,
      'abstain',
      ['bad_channels'],
    ],
    ['a tracker without eyes for 2 s', { worn: false, pupils: [0.4, 0.4] }, 0.4, 'abstain', ['not_worn']],
  ] as const)('decides on eye movement: %s', (_, eyes, coverage, state, reasons) => {
    const window = windowOf([], { coverage, quality: { modality: 'eye', worn: true, traced: 1, ...eyes } });
    expect(decide(window)).toEqual({ state, reasons });
  });

  it('reports not_worn during warm-up, too', () => {
    const eyes = { modality: 'eye' as const, worn: false, pupils: [0, 0] as const, traced: 0 };
    expect(decide(windowOf([], { coverage: 0, warmup: true, quality: eyes })).reasons).toEqual(['not_worn']);
    expect(decide(windowOf([], { coverage: 0, warmup: true, quality: { ...eyes, worn: true } })).state).toBe('warmup');
  });

  it('tolerates what the rules allow', () => {
    const window = windowOf(['flat', ...good(9)]);
    expect(decide(window, { ...DECISION_RULES, mostBad: 0.1, mostInterpolated: 0 }).state).toBe('ok');
  });
});

it('scores the quality as coverage times the share of good channels', () => {
  expect(summariseQuality(windowOf(['flat', null, 'outlier', null], { coverage: 0.5, lost: 7 }))).toEqual({
    coverage: 0.5,
    lost: 7,
    bad_channels: ['E0', 'E2'],
    score: 0.25,
  });
});

it('scores the quality of an eye tracker’s window by the share of valid pupil samples', () => {
  const window = windowOf([], {
    coverage: 0.8,
    quality: { modality: 'eye', worn: true, pupils: [0.8, 0.2], traced: 1 },
  });
  expect(summariseQuality(window)).toEqual({ coverage: 0.8, lost: 0, bad_channels: ['pupil_y'], score: 0.4 });
});
