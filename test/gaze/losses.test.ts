import { describe, expect, it } from 'vitest';
import { eventsOf, ofType, sceneBlock, TWO_EYES } from '../support/gaze.ts';
import { loseSamples } from '../support/signals.ts';

const RATE_HZ = 500;
const lost = (ms: number, eye?: 0 | 1) => ({ fromS: 1, toS: 1 + ms / 1000, ...(eye === undefined ? {} : { eye }) });
const scene = (missing: Parameters<typeof sceneBlock>[0]['missing'], labels = TWO_EYES) =>
  sceneBlock({ rateHz: RATE_HZ, seconds: 3, labels, missing: missing! });
const losses = (missing: Parameters<typeof sceneBlock>[0]['missing'], labels = TWO_EYES) =>
  eventsOf([scene(missing, labels)])
    .filter(({ type }) => type === 'blink' || type === 'track_loss')
    .map(({ type, durationMs }) => [type, durationMs]);

describe('GazeLoss', () => {
  it.each([
    [28, []],
    [30, [['blink', 30]]],
    [200, [['blink', 200]]],
    [500, [['blink', 500]]],
    [502, [['track_loss', 502]]],
  ])('calls a loss of both pupils for %s ms %j', (ms, expected) => {
    expect(losses([lost(ms)])).toEqual(expected);
  });

  it('is no blink where only one eye goes, or the gaze without the pupil', () => {
    expect(losses([lost(200, 0)])).toEqual([]);
    expect(losses([{ ...lost(60), gazeOnly: true }])).toEqual([]);
  });

  it('knows a blink by the gaze alone where the tracker tells no pupil', () => {
    expect(losses([lost(200)], TWO_EYES.slice(0, 4))).toEqual([['blink', 200]]);
  });

  it('lasts from the first eye that closes to the last that opens, but for an eye lost long before', () => {
    const both = { fromS: 1.01, toS: 1.09 };
    expect(losses([both, { fromS: 1, toS: 1.1, eye: 0 }])).toEqual([['blink', 100]]);
    expect(losses([both, { fromS: 0.2, toS: 1.09, eye: 0 }])).toEqual([['blink', 80]]);
    // An eye that stays away is waited for no longer than the margin.
    expect(losses([both, { fromS: 1.01, toS: 2, eye: 0 }])).toEqual([['blink', 130]]);
  });

  it('takes a return of less than 50 ms for none', () => {
    expect(losses([lost(60), { fromS: 1.1, toS: 1.15 }])).toEqual([['blink', 150]]);
    expect(losses([lost(60), { fromS: 1.12, toS: 1.17 }])).toEqual([
      ['blink', 60],
      ['blink', 50],
    ]);
  });

  it('is no blink where the stream begins or ends within it, as nobody knows how long it was', () => {
    const at = (fromS: number, toS: number, eye?: 0 | 1) => ({ fromS, toS, ...(eye === undefined ? {} : { eye }) });
    expect(losses([at(0, 0.1)])).toEqual([]);
    expect(losses([at(2.9, 3)])).toEqual([]);
    expect(losses([at(0, 0.502)])).toEqual([['track_loss', 502]]);
    expect(losses([at(2.498, 3)])).toEqual([['track_loss', 502]]);
    // Eyes that were there for a sample before it, or after it.
    expect(losses([at(0.002, 0.1)])).toEqual([['blink', 98]]);
    expect(losses([at(2.9, 2.998)])).toEqual([['blink', 98]]);
    // The other eye's lid was already on its way, or still is.
    expect(losses([at(0, 0.1, 0), at(0.01, 0.1)])).toEqual([]);
    expect(losses([at(2.9, 3, 0), at(2.9, 2.99)])).toEqual([]);
  });

  it('does not count samples that never came, but a loss goes on behind them', () => {
    const withGap = (missing: Parameters<typeof sceneBlock>[0]['missing']) =>
      eventsOf(loseSamples(scene(missing), [[500, 700]]))
        .filter(({ type }) => type === 'blink' || type === 'track_loss')
        .map(({ type, startSample, endSample }) => [type, startSample, endSample]);
    expect(withGap([])).toEqual([]);
    expect(withGap([{ fromS: 0.9, toS: 1 }])).toEqual([['blink', 450, 500]]);
    expect(withGap([{ fromS: 0.9, toS: 1.5 }])).toEqual([['track_loss', 450, 750]]);
    expect(withGap([{ fromS: 1.3, toS: 1.5 }])).toEqual([['blink', 700, 750]]);
  });

  it('lets no saccade stand beside a blink, where the lid drags the gaze along', () => {
    const block = scene([{ fromS: 1, toS: 1.15 }]);
    const away = block.data.slice();
    for (const c of [1, 3]) {
      // The gaze runs away by 4 degrees within 20 ms before the pupil goes, and comes back after it.
      for (let i = 0; i < 10; i++) {
        away[c * 1500 + 490 + i]! += 0.4 * (i + 1);
        away[c * 1500 + 575 + i]! += 0.4 * (10 - i);
      }
    }
    const events = eventsOf([{ ...block, data: away }]);
    expect(ofType(events, 'saccade')).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['fixation', 'blink']));
    expect(ofType(events, 'fixation')).toHaveLength(2);
  });
});
