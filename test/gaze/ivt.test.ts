import { describe, expect, it } from 'vitest';
import { RunningMedian } from '../../src/gaze/noise.ts';
import { eventsOf, ofType, type Scene, saccadeS, sceneBlock } from '../support/gaze.ts';
import { randomOf } from '../support/signals.ts';

const scene = (part: Partial<Scene>) => eventsOf([sceneBlock({ rateHz: 500, seconds: 3, ...part })]);

describe('VelocityThreshold', () => {
  it.each([
    [30, 6],
    [60, 4],
    [250, 2],
    [500, 1],
    [1250, 0.7],
  ])('reports saccades at %s Hz of at least %s degrees, with their amplitude and duration', (rateHz, least) => {
    for (const deg of [least, 8, -15]) {
      const events = scene({ rateHz, saccades: [[1.5, deg]] });
      expect(events.map(({ type }) => type)).toEqual(['fixation', 'saccade', 'fixation']);
      const [saccade] = ofType(events, 'saccade');
      expect(Math.abs(saccade!.amplitudeDeg - Math.abs(deg))).toBeLessThan(0.15 * Math.abs(deg) + 0.1);
      // The velocity window of 22 ms or three samples blurs the edges.
      const spread = Math.max(0.012, 3 / rateHz);
      expect(Math.abs(saccade!.startS - 1.5)).toBeLessThan(spread);
      expect(Math.abs(saccade!.endS - 1.5 - saccadeS(deg))).toBeLessThan(spread);
      const [before, after] = ofType(events, 'fixation');
      expect(before!.endSample).toBe(saccade!.startSample);
      // The end of the movement below the threshold belongs to neither event.
      const tail = after!.startSample - saccade!.endSample;
      expect(tail).toBeGreaterThanOrEqual(0);
      expect(tail).toBeLessThan(0.01 * rateHz);
      expect(after!.xDeg - before!.xDeg).toBeCloseTo(deg, 1);
    }
  });

  it('reports the peak velocity of a saccade', () => {
    const [saccade] = ofType(scene({ rateHz: 1250, saccades: [[1, 10]], noiseDeg: 0.001 }), 'saccade');
    // The peak of a raised cosine is twice its mean.
    expect(saccade!.peakDegS! / ((2 * 10) / saccadeS(10))).toBeGreaterThan(0.85);
    expect(saccade!.peakDegS! / ((2 * 10) / saccadeS(10))).toBeLessThan(1);
  });

  it('reports large saccades in noise, and no others', () => {
    for (const noiseDeg of [0.05, 0.2, 0.5]) {
      const events = scene({ rateHz: 300, seconds: 6, noiseDeg, saccades: [[3, 12]] });
      expect(ofType(events, 'saccade')).toHaveLength(1);
      expect(ofType(events, 'fixation')).toHaveLength(2);
    }
  });

  it('excludes the oscillation after a saccade from the saccade and from the fixation', () => {
    const block = sceneBlock({ rateHz: 500, seconds: 3, saccades: [[1, 10]], noiseDeg: 0.01 });
    const end = 1 + saccadeS(10);
    for (let i = 0; i < 15; i++) {
      // A swing of 0.8 degrees within 30 ms: 84 degrees per second at first.
      block.data[Math.round(end * 500) + i]! += 0.8 * Math.sin((i / 15) * Math.PI);
    }
    const events = eventsOf([block]);
    expect(events.map(({ type }) => type)).toEqual(['fixation', 'saccade', 'fixation']);
    const [saccade] = ofType(events, 'saccade');
    expect(saccade!.endS).toBeLessThan(end + 0.016);
    expect(ofType(events, 'fixation')[1]!.startS).toBeGreaterThan(end + 0.02);
  });

  it('reports no event for a fast movement that is too long for a saccade', () => {
    const block = sceneBlock({ rateHz: 500, seconds: 3, noiseDeg: 0.01 });
    // A target that moves at 60 degrees per second for half a second.
    for (let n = 500; n < 1500; n++) block.data[n]! += 60 * Math.min(0.5, (n - 500) / 500);
    const events = eventsOf([block]);
    expect(events.map(({ type }) => type)).toEqual(['fixation', 'fixation']);
    expect(events[0]!.endS).toBeCloseTo(1, 1);
    expect(events[1]!.startS).toBeCloseTo(1.5, 1);
  });

  it('merges fixations less than half a degree apart', () => {
    expect(ofType(scene({ saccades: [[1, 0.4]], noiseDeg: 0.005 }), 'fixation')).toHaveLength(1);
    expect(ofType(scene({ saccades: [[1, 0.8]], noiseDeg: 0.005 }), 'fixation')).toHaveLength(2);
  });

  it('drops fixations of less than 60 ms', () => {
    const apart = (ms: number) =>
      [
        [1, 5],
        [1 + saccadeS(5) + ms / 1000, 5],
      ] as const;
    expect(ofType(scene({ saccades: apart(40) }), 'fixation')).toHaveLength(2);
    expect(ofType(scene({ saccades: apart(90) }), 'fixation')).toHaveLength(3);
    expect(ofType(scene({ saccades: apart(90) }), 'saccade')).toHaveLength(2);
  });
});

describe('RunningMedian', () => {
  it.each([2, 20, 200])('converges to the median %s of skewed numbers and stays there', (median) => {
    const random = randomOf(3);
    const running = new RunningMedian(250);
    const errors: number[] = [];
    for (let i = 0; i < 3000; i++) {
      // An exponential distribution: the mean is 1.44 times the median.
      running.push((-median * Math.log(1 - random())) / Math.LN2);
      if (i >= 100) errors.push(Math.abs(Math.log(running.value / median)));
    }
    expect(Math.max(...errors.slice(400))).toBeLessThan(0.35);
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThan(0.12);
  });

  it('depends on the number of large values, not on their size', () => {
    const [one, other] = [new RunningMedian(250), new RunningMedian(250)];
    for (let i = 0; i < 500; i++) {
      one.push(i % 10 === 0 ? 100 : 5);
      other.push(i % 10 === 0 ? 1e6 : 5);
    }
    expect(other.value).toBe(one.value);
    other.reset();
    expect(other).toEqual(new RunningMedian(250));
  });
});
