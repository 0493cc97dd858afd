import { describe, expect, it } from 'vitest';
import { GazePath } from '../../../src/simulation/gaze/path.ts';
import type { GazeEvent } from '../../../src/simulation/gaze/scanpath.ts';

const OPTIONS = { seed: 3, subject: 3, preset: 'demo', schedule: { kind: 'random', minS: 20, maxS: 40 } } as const;

interface Moment {
  readonly timeS: number;
  readonly event: GazeEvent;
  readonly x: number;
  readonly y: number;
  readonly lid: number;
}

function* moments(rateHz: number, seconds: number): Generator<Moment> {
  const path = new GazePath(OPTIONS);
  for (let i = 0; i < seconds * rateHz; i++) {
    path.moveTo(i / rateHz);
    yield { timeS: i / rateHz, event: path.event, x: path.xDeg, y: path.yDeg, lid: path.lid };
  }
}

describe('the path of the gaze', () => {
  it('is the same at every rate', () => {
    const slow = [...moments(50, 60)];
    const fast = [...moments(1000, 60)].filter((_, i) => i % 20 === 0);
    expect(fast).toEqual(slow);
  });

  it('never jumps, not even at 1000 Hz, and stays on the screen', () => {
    let last: Moment | undefined;
    for (const moment of moments(1000, 120)) {
      expect(Math.abs(moment.x)).toBeLessThanOrEqual(14);
      expect(Math.abs(moment.y)).toBeLessThanOrEqual(9);
      if (last !== undefined) {
        // A saccade of 25 degrees peaks at 700 degrees per second.
        expect(Math.hypot(moment.x - last.x, moment.y - last.y)).toBeLessThan(0.8);
        expect(Math.abs(moment.lid - last.lid)).toBeLessThan(0.03);
      }
      last = moment;
    }
  });

  it('moves by the amplitudes of its saccades, fastest in their middle', () => {
    let [nominal, moved, count] = [0, 0, 0];
    let from: Moment | undefined;
    let before: Moment | undefined;
    for (const moment of moments(1000, 300)) {
      if (moment.event !== before?.event) {
        if (before?.event.kind === 'saccade') {
          nominal += before.event.amplitudeDeg;
          moved += Math.hypot(before.x - from!.x, before.y - from!.y);
          count++;
        }
        from = moment;
      }
      before = moment;
    }
    expect(count).toBeGreaterThan(500);
    // Some end at the edge of the screen.
    expect(moved / nominal).toBeGreaterThan(0.9);
    expect(moved / nominal).toBeLessThanOrEqual(1);
  });

  it('has its lids half closed where a blink begins and ends, closed in between and open away from it', () => {
    const all = [...moments(1000, 120)];
    const blinks = new Set(all.map(({ event }) => event).filter((event) => event.kind === 'blink'));
    expect(blinks.size).toBeGreaterThan(15);
    for (const { timeS, event, lid } of all) {
      if (event.kind === 'blink') expect(lid).toBeGreaterThan(0.49);
      else expect(lid).toBeLessThanOrEqual(0.5);
      const away = [...blinks].every(({ startS, endS }) => timeS < startS - 0.05 || timeS > endS + 0.07);
      if (away) expect(lid).toBe(0);
    }
    for (const { startS, endS } of blinks) {
      const inside = all.filter(({ timeS }) => timeS > startS + 0.045 && timeS < endS - 0.065);
      for (const { lid } of inside) expect(lid).toBe(1);
    }
  });

  it('blinks between fixations, and never within a saccade', () => {
    const events = [...new Set([...moments(1000, 240)].map(({ event }) => event))];
    for (const [i, { kind }] of events.entries()) {
      if (kind === 'blink' && i > 0 && i < events.length - 1) {
        expect([events[i - 1]!.kind, events[i + 1]!.kind]).toEqual(['fixation', 'fixation']);
      }
    }
  });
});
