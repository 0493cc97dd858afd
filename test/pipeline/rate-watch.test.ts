import { describe, expect, it } from 'vitest';
import { RateWatch } from '../../src/pipeline/rate-watch.ts';
import { blockOf, eegInfo } from '../support/signals.ts';

const RATE_HZ = 250;
const INFO = eegInfo(['FP1', 'FP2'], RATE_HZ);
const BLOCK = blockOf(INFO, 10, () => 0);

interface Play {
  /** Samples that come in a second of the host, relative to the declared rate. */
  readonly samples?: number;
  /** Speed of the device's clock. */
  readonly clock?: number;
  /** Seconds at which the host stands still for `stallS`; what waited then comes at once. */
  readonly stallsAt?: readonly number[];
  readonly stallS?: number;
  /** Called after each block. */
  readonly after?: () => void;
}

/** Plays `seconds` of the host in blocks of 10 samples; the messages and when they came. */
function play(
  watch: RateWatch,
  seconds: number,
  { samples = 1, clock = 1, stallsAt = [], stallS = 0.3, after }: Play = {},
) {
  const messages: { atS: number; message: string }[] = [];
  for (let firstSample = 0; firstSample < seconds * RATE_HZ * samples; firstSample += 10) {
    const dueUs = ((firstSample + 10) * 1e6) / RATE_HZ / samples;
    const stall = stallsAt.find((atS) => dueUs >= atS * 1e6 && dueUs < (atS + stallS) * 1e6);
    const hostUs = stall === undefined ? dueUs : (stall + stallS) * 1e6;
    const deviceTimeUs = (dueUs - 10e6 / RATE_HZ) * clock;
    const message = watch.observe({ ...BLOCK, firstSample, deviceTimeUs }, hostUs);
    if (message !== null) messages.push({ atS: hostUs / 1e6, message });
    after?.();
  }
  return messages;
}

describe('RateWatch', () => {
  it.each([
    ['half of the declared rate', { samples: 0.5 }, 'declares 250 Hz, but by the clock of this computer 125.0 samples'],
    ['twice the declared rate', { samples: 2 }, '500.0 samples a second come from it'],
    ['a tenth more', { samples: 1.1 }, '275.0 samples'],
    ['a clock at half speed', { clock: 0.5 }, 'its own clock runs at 0.50 times the speed of this one (250.0 samples'],
    ['a clock that counts milliseconds', { clock: 0.001 }, 'its own clock runs at 0.00 times'],
  ])('reports %s once, within 10 s, with both figures', (_, wrong, figures) => {
    const watch = new RateWatch();
    const messages = play(watch, 60, wrong);
    expect(messages).toEqual([{ atS: expect.any(Number), message: expect.stringContaining(figures) }]);
    expect(messages[0]!.atS).toBeLessThan(10);
    expect(watch.isWrong).toBe(true);
  });

  it.each([
    ['1 % off', { samples: 1.01, clock: 0.99 }],
    ['a busy host', { stallsAt: [1, 5, 9.9, 13, 21], stallS: 0.4 }],
    ['a host that stands still for seconds', { stallsAt: [6, 20], stallS: 3 }],
    ['a host that is busy at the start', { stallsAt: [0.1, 1.8], stallS: 1.5 }],
  ])('does not report %s', (_, right) => {
    const watch = new RateWatch();
    let isEverWrong = false;
    expect(play(watch, 60, { ...right, after: () => (isEverWrong ||= watch.isWrong) })).toEqual([]);
    expect(isEverWrong).toBe(false);
  });

  it('withholds windows before its verdict where samples run ahead of the clock, and allows them once the rate is right', () => {
    const watch = new RateWatch();
    expect(play(watch, 2.5, { samples: 2 })).toEqual([]);
    expect(watch.isWrong).toBe(true);
    watch.interrupt();
    play(watch, 3);
    expect(watch.isWrong).toBe(false);
  });

  it('starts anew after an outage', () => {
    const watch = new RateWatch();
    for (let i = 0; i < 5; i++) {
      play(watch, 3, { samples: 0.5 });
      watch.interrupt();
    }
    expect(play(watch, 3)).toEqual([]);
  });
});
