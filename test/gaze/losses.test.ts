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
  ])('reports a loss of both pupils for %s ms as %j', (ms, expected) => {
    expect(losses([lost(ms)])).toEqual(expected);
  });

  it('reports no blink for a loss of one eye, or of the gaze without the pupil', () => {
    expect(losses([lost(200, 0)])).toEqual([]);
    expect(losses([{ ...lost(60), gazeOnly: true }])).toEqual([]);
  });

  it('reports a blink from the gaze alone for a tracker without pupil diameters', () => {
    expect(losses([lost(200)], TWO_EYES.slice(0, 4))).toEqual([['blink', 200]]);
  });

  it('reports a blink from the first eye that closes to the last that opens, without an eye lost long before', () => {
    const both = { fromS: 1.01, toS: 1.09 };
    expect(losses([both, { fromS: 1, toS: 1.1, eye: 0 }])).toEqual([['blink', 100]]);
    expect(losses([both, { fromS: 0.2, toS: 1.09, eye: 0 }])).toEqual([['blink', 80]]);
    // The blink ends at most the margin of 50 ms after the first eye opens.
    expect(losses([both, { fromS: 1.01, toS: 2, eye: 0 }])).toEqual([['blink', 130]]);
  });

  it('joins losses less than 50 ms apart', () => {
    expect(losses([lost(60), { fromS: 1.1, toS: 1.15 }])).toEqual([['blink', 150]]);
    expect(losses([lost(60), { fromS: 1.12, toS: 1.17 }])).toEqual([
      ['blink', 60],
      ['blink', 50],
    ]);
  });

  it('reports no blink at the start or end of the stream, as its duration is unknown', () => {
    const at = (fromS: number, toS: number, eye?: 0 | 1) => ({ fromS, toS, ...(eye === undefined ? {} : { eye }) });
    expect(losses([at(0, 0.1)])).toEqual([]);
    expect(losses([at(2.9, 3)])).toEqual([]);
    expect(losses([at(0, 0.502)])).toEqual([['track_loss', 502]]);
    expect(losses([at(2.498, 3)])).toEqual([['track_loss', 502]]);
    // The eyes are present for one sample before or after it.
    expect(losses([at(0.002, 0.1)])).toEqual([['blink', 98]]);
    expect(losses([at(2.9, 2.998)])).toEqual([['blink', 98]]);
    // The other eye is lost at the first or last sample.
    expect(losses([at(0, 0.1, 0), at(0.01, 0.1)])).toEqual([]);
    expect(losses([at(2.9, 3, 0), at(2.9, 2.99)])).toEqual([]);
  });

  it('does not count a gap as a loss, but continues a loss after a gap', () => {
    const withGap = (missing: Parameters<typeof sceneBlock>[0]['missing']) =>
      eventsOf(loseSamples(scene(missing), [[500, 700]]))
        .filter(({ type }) => type === 'blink' || type === 'track_loss')
        .map(({ type, startSample, endSample }) => [type, startSample, endSample]);
    expect(withGap([])).toEqual([]);
    expect(withGap([{ fromS: 0.9, toS: 1 }])).toEqual([['blink', 450, 500]]);
    expect(withGap([{ fromS: 0.9, toS: 1.5 }])).toEqual([['track_loss', 450, 750]]);
    expect(withGap([{ fromS: 1.3, toS: 1.5 }])).toEqual([['blink', 700, 750]]);
  });

  it('reports no saccade next to a blink, where the eyelid distorts the gaze', () => {
    const block = scene([{ fromS: 1, toS: 1.15 }]);
    const away = block.data.slice();
    for (const c of [1, 3]) {
      // The gaze moves by 4 degrees in the 20 ms before the pupil is lost, and back after it.
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
