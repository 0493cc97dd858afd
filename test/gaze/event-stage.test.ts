import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GAZE_ALGORITHMS, GAZE_EVENTS, gazeTiming } from '../../src/gaze/config.ts';
import type { GazeEvent } from '../../src/gaze/event.ts';
import { GazeEventStage } from '../../src/gaze/event-stage.ts';
import type { Block } from '../../src/samples.ts';
import { eventsOf, eyeInfo, ONE_EYE, ofType, type Scene, sceneBlock, stageOf, TWO_EYES } from '../support/gaze.ts';
import { cutBlock, cutEvenly, loseSamples } from '../support/signals.ts';

const RATES = [30, 60, 250, 500, 1250];

/** Uniform, unlike fc.double. */
const milliseconds = (seconds: number) => fc.integer({ min: 0, max: 1000 * seconds }).map((ms) => ms / 1000);

/** Saccades, missing eyes, missing gaze and lost samples at random places, and random cuts. */
function troubledGaze(rateHz: number, seconds: number, mostLost = 3) {
  const length = Math.round(rateHz * seconds);
  const stretch = fc
    .tuple(milliseconds(seconds), fc.constantFrom(0.01, 0.04, 0.1, 0.3, 0.7))
    .map(([fromS, lasts]) => ({ fromS, toS: fromS + lasts }));
  const trouble = fc.record({ eye: fc.constantFrom(undefined, 0 as const, 1 as const), gazeOnly: fc.boolean() });
  return fc
    .record({
      saccades: fc.array(fc.tuple(milliseconds(seconds), fc.double({ min: -9, max: 9, noNaN: true })), {
        maxLength: 12,
      }),
      noiseDeg: fc.constantFrom(0.01, 0.1, 0.6),
      missing: fc.array(
        fc
          .tuple(stretch, trouble)
          .map(([where, { eye, gazeOnly }]) => ({ ...where, gazeOnly, ...(eye === undefined ? {} : { eye }) })),
        { maxLength: 5 },
      ),
      lost: fc.array(stretch, { maxLength: mostLost }),
      cuts: fc.array(fc.nat(length), { maxLength: 40 }),
      labels: fc.constantFrom(ONE_EYE, TWO_EYES),
    })
    .map(({ lost, cuts, ...scene }) => {
      const whole = sceneBlock({ rateHz, seconds, disparityDeg: 0.5, ...scene });
      const sample = (s: number) => Math.min(length, Math.round(s * rateHz));
      const blocks = loseSamples(
        whole,
        lost.map(({ fromS, toS }) => [sample(fromS), sample(toS)] as const),
      );
      return {
        blocks,
        cut: blocks.flatMap((block) =>
          cutBlock(
            block,
            cuts.map((at) => at - block.firstSample),
          ),
        ),
      };
    })
    .filter(({ blocks }) => blocks.length > 0);
}

describe.each(GAZE_ALGORITHMS)('GazeEventStage, %s', (algorithm) => {
  it.each(RATES)('chunk law: the same events for every cut, at %s Hz', (rateHz) => {
    fc.assert(
      fc.property(troubledGaze(rateHz, 3), ({ blocks, cut }) => {
        expect(eventsOf(cut, algorithm)).toStrictEqual(eventsOf(blocks, algorithm));
      }),
      { numRuns: 60 },
    );
  });

  it('behaves as a new stage after reset() and flush()', () => {
    fc.assert(
      fc.property(troubledGaze(250, 2), troubledGaze(250, 2), (first, second) => {
        const used = stageOf(first.blocks[0]!.info, algorithm);
        // A stage has the channels of one stream.
        fc.pre(first.blocks[0]!.info.channels.length === second.blocks[0]!.info.channels.length);
        for (const block of first.blocks) used.push(block);
        used.reset();
        const again = () => [...second.blocks.flatMap((block) => used.push(block)), ...used.flush()];
        const expected = eventsOf(second.blocks, algorithm);
        expect(again()).toStrictEqual(expected);
        expect(again()).toStrictEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it.each(RATES)('reports every event within its stated delay, at %s Hz', (rateHz) => {
    fc.assert(
      // Without lost samples, as the delay counts received samples only.
      fc.property(troubledGaze(rateHz, 3, 0), ({ blocks: [block] }) => {
        const stage = stageOf(block!.info, algorithm);
        const samples = cutEvenly(block!, 1);
        for (const sample of samples) {
          for (const { endSample } of stage.push(sample)) {
            expect(sample.firstSample + 1 - endSample).toBeLessThanOrEqual(stage.delaySamples);
          }
        }
        const late = samples.length - stage.delaySamples;
        for (const { endSample } of stage.flush()) expect(endSample).toBeGreaterThan(late);
      }),
      { numRuns: 40 },
    );
  });

  it('reports fixations and saccades in order, without overlap and within the recording', () => {
    fc.assert(
      fc.property(troubledGaze(250, 3), ({ blocks }) => {
        const last = blocks.at(-1)!;
        const events = eventsOf(blocks, algorithm);
        const ordered = events.filter(({ type }) => type === 'fixation' || type === 'saccade');
        for (const event of events) {
          expect(event.startSample).toBeGreaterThanOrEqual(0);
          expect(event.endSample).toBeGreaterThan(event.startSample);
          expect(event.endSample).toBeLessThanOrEqual(last.firstSample + last.length);
          expect(event.startS).toBe(event.startSample / 250);
          expect(event.durationMs).toBeCloseTo((event.endS - event.startS) * 1000, 9);
        }
        for (const fixation of ofType(events, 'fixation')) expect(fixation.durationMs).toBeGreaterThanOrEqual(60);
        for (const [i, event] of ordered.slice(1).entries()) {
          expect(event.startSample).toBeGreaterThanOrEqual(ordered[i]!.endSample);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('clock law: does not depend on device and host times', () => {
    const block = sceneBlock({ rateHz: 250, seconds: 2, saccades: [[1, 5]] });
    const late = { ...block, deviceTimeUs: 5e12, hostTimeUs: -1 };
    expect(eventsOf([late], algorithm)).toStrictEqual(eventsOf([block], algorithm));
  });

  it('reports only a track loss for invalid samples', () => {
    const block = sceneBlock({ rateHz: 250, seconds: 2, missing: [{ fromS: 0, toS: 2 }] });
    expect(eventsOf([block], algorithm)).toEqual([
      { type: 'track_loss', startSample: 0, endSample: 500, startS: 0, endS: 2, durationMs: 2000 },
    ]);
  });

  it('counts samples from the start of the stream when it joins later, and over gaps', () => {
    const block = sceneBlock({ rateHz: 250, seconds: 2, saccades: [[1, 5]] });
    const moved = (events: readonly GazeEvent[], by: number) =>
      events.map((event) => ({ ...event, startSample: event.startSample + by, endSample: event.endSample + by }));
    const at = (firstSample: number, lostBefore = firstSample): Block => ({ ...block, firstSample, lostBefore });
    const samples = (events: readonly GazeEvent[]) => events.map(({ startS, endS, ...event }) => event);
    const alone = eventsOf([block], algorithm);
    expect(samples(eventsOf([at(7e9)], algorithm))).toEqual(samples(moved(alone, 7e9)));
    // A gap of a day has no effect on the events before and after it.
    const day = 86_400 * 250;
    const both = eventsOf([block, at(500 + day, day)], algorithm);
    const starts = (events: readonly GazeEvent[]) => events.map(({ type, startSample }) => [type, startSample]);
    expect(starts(both.slice(0, 3))).toEqual(starts(alone));
    expect(both.slice(3).map(({ type }) => type)).toEqual(['fixation', 'saccade', 'fixation']);
    expect(both.at(-1)!.endSample).toBe(1000 + day);
  });
});

describe('gazeTiming', () => {
  it('has a delay of 325 ms and one sample by velocity, and of 300 ms and two samples by dispersion', () => {
    expect(gazeTiming(GAZE_EVENTS, 1000)).toMatchObject({ fill: 75, margin: 50, delay: 326 });
    expect(gazeTiming({ ...GAZE_EVENTS, algorithm: 'idt' }, 1000)).toMatchObject({ delay: 302 });
  });

  it.each(RATES)('has whole samples, a velocity window and blinks of at least two samples at %s Hz', (rateHz) => {
    const timing = gazeTiming(GAZE_EVENTS, rateHz);
    expect(Object.values(timing).every(Number.isInteger)).toBe(true);
    expect(timing.half).toBeGreaterThanOrEqual(1);
    expect(timing.margin).toBeGreaterThanOrEqual(timing.half);
    expect(timing.shortestBlink).toBeGreaterThanOrEqual(2);
  });
});

describe('GazeEventStage', () => {
  const scene = (part: Partial<Scene>): GazeEvent[] => eventsOf([sceneBlock({ rateHz: 500, seconds: 3, ...part })]);

  it('refuses pixels without a geometry and a rate below 25 Hz', () => {
    const info = eyeInfo(['x_px', 'y_px'], 60);
    expect(() => new GazeEventStage({ ...info, geometry: {} })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
    expect(() => new GazeEventStage({ ...info, sampleRateHz: 10 })).toThrow(
      'test samples the eyes at 10 Hz: events need 25 to 10000 Hz',
    );
  });

  it('refuses a block that it already has', () => {
    const block = sceneBlock({ rateHz: 250, seconds: 1 });
    const stage = stageOf(block.info);
    stage.push(block);
    expect(() => stage.push(block)).toThrow('block starts at sample 0 with 0 lost before it, but sample 250 was next');
  });

  it('averages the eyes, so that swapping left and right changes no event', () => {
    const block = sceneBlock({ rateHz: 500, seconds: 3, saccades: [[1, 5]], labels: TWO_EYES, disparityDeg: 1 });
    const labels = TWO_EYES.map((label) => label.replace(/left|right/, (eye) => (eye === 'left' ? 'right' : 'left')));
    expect(eventsOf([{ ...block, info: eyeInfo(labels, 500) }])).toEqual(eventsOf([block]));
  });

  it('converts pixels to degrees', () => {
    const degrees = sceneBlock({ rateHz: 500, seconds: 3, saccades: [[1, 5]] });
    const px = (deg: number, size: number, mm: number) =>
      (Math.tan((deg * Math.PI) / 180) * 650 * size) / mm + size / 2;
    const data = degrees.data.map((value, i) =>
      i < 1500 ? px(value, 1920, 510) : i < 3000 ? px(value, 1080, 287) : value,
    );
    const found = eventsOf([{ ...degrees, info: eyeInfo(['x_px', 'y_px', 'pupil_mm'], 500), data }]);
    const [saccade] = ofType(found, 'saccade');
    expect(saccade!.amplitudeDeg).toBeCloseTo(ofType(eventsOf([degrees]), 'saccade')[0]!.amplitudeDeg, 3);
    expect(found.map(({ type }) => type)).toEqual(['fixation', 'saccade', 'fixation']);
  });

  it('interpolates missing gaze of up to 75 ms only', () => {
    const gap = (ms: number) => scene({ missing: [{ fromS: 1, toS: 1 + ms / 1000, gazeOnly: true }] });
    expect(gap(74)).toMatchObject([{ type: 'fixation', startSample: 0, endSample: 1500 }]);
    expect(ofType(gap(80), 'fixation')).toHaveLength(2);
    expect(ofType(gap(80), 'blink')).toHaveLength(0);
  });

  it('reports no saccade when one of two eyes is lost and found again', () => {
    const missing = [0.5, 1, 1.5, 2].map((fromS, i) => ({ fromS, toS: fromS + 0.3, eye: (i % 2) as 0 | 1 }));
    expect(scene({ labels: TWO_EYES, disparityDeg: 2, missing })).toMatchObject([
      { type: 'fixation', endSample: 1500 },
    ]);
  });
});
