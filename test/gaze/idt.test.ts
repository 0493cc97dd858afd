import { describe, expect, it } from 'vitest';
import { eventsOf, ofType, type Scene, saccadeS, sceneBlock } from '../support/gaze.ts';

const scene = (part: Partial<Scene>) => eventsOf([sceneBlock({ rateHz: 500, seconds: 3, ...part })], 'idt');

describe('DispersionThreshold', () => {
  it.each([60, 250, 1250])('reports a saccade between the centres of two fixations, at %s Hz', (rateHz) => {
    const events = scene({ rateHz, saccades: [[1.5, 6]] });
    expect(events.map(({ type }) => type)).toEqual(['fixation', 'saccade', 'fixation']);
    const [saccade] = ofType(events, 'saccade');
    expect(saccade!.amplitudeDeg).toBeCloseTo(6, 0);
    expect(saccade!.peakDegS).toBeNull();
    expect(Math.abs(saccade!.startS - 1.5)).toBeLessThan(0.02 + 2 / rateHz);
    expect(Math.abs(saccade!.endS - 1.5 - saccadeS(6))).toBeLessThan(0.02 + 2 / rateHz);
  });

  it('splits a slow drift into fixations of one degree', () => {
    const block = sceneBlock({ rateHz: 500, seconds: 3, noiseDeg: 0.01 });
    for (let n = 0; n < 1500; n++) block.data[n]! += (2.5 * n) / 1500;
    const fixations = ofType(eventsOf([block], 'idt'), 'fixation');
    for (const { dispersionXDeg, dispersionYDeg } of fixations)
      expect(dispersionXDeg + dispersionYDeg).toBeLessThan(1.01);
    expect(fixations).toHaveLength(3);
  });

  it('reports fixations of at least 100 ms', () => {
    const apart = (ms: number) =>
      [
        [1, 5],
        [1 + saccadeS(5) + ms / 1000, 5],
      ] as const;
    expect(ofType(scene({ saccades: apart(20) }), 'fixation')).toHaveLength(2);
    expect(ofType(scene({ saccades: apart(140) }), 'fixation')).toHaveLength(3);
  });

  it('reports no saccade over a loss', () => {
    const events = scene({ saccades: [[1.1, 6]], missing: [{ fromS: 1, toS: 1.3 }] });
    expect(events.map(({ type }) => type).sort()).toEqual(['blink', 'fixation', 'fixation']);
  });
});
