import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Timeline } from '../../../devices/gazepoint/timeline.ts';

const PERIOD_US = 1e6 / 60;
const LATENCY_US = 7000;

interface Seen {
  readonly count: number;
  readonly deviceUs: number;
  readonly hostUs?: number;
}

/** Positions of records; undefined for a dropped one. */
function placed(timeline: Timeline, records: readonly Seen[]) {
  return records.map(({ count, deviceUs, hostUs = deviceUs + LATENCY_US }) =>
    timeline.place(count, deviceUs, hostUs) ? { sample: timeline.sample, lost: timeline.lost } : undefined,
  );
}
const samplesOf = (timeline: Timeline, records: readonly Seen[]) =>
  placed(timeline, records).map((place) => place?.sample);

const at = (n: number): Seen => ({ count: 500 + n, deviceUs: 100e6 + n * PERIOD_US });
const steady = (from: number, to: number): Seen[] => Array.from({ length: to - from }, (_, i) => at(from + i));
/** A timeline after its first 100 records. */
const running = (): Timeline => {
  const timeline = new Timeline(60);
  placed(timeline, steady(0, 100));
  return timeline;
};

describe('the place of a record', () => {
  it('is given by the counter, with the loss', () => {
    expect(placed(running(), [at(100), at(103), at(104)])).toEqual([
      { sample: 100, lost: 0 },
      { sample: 103, lost: 2 },
      { sample: 104, lost: 0 },
    ]);
  });

  it('is undefined for a repeated or late record', () => {
    expect(samplesOf(running(), [at(101), at(100), at(101), at(60), at(102)])).toEqual([
      101,
      undefined,
      undefined,
      undefined,
      102,
    ]);
  });

  it('is given by the time where the counter restarts, wraps or stops', () => {
    const wrapped = { ...at(101), count: -(2 ** 31) };
    expect(samplesOf(running(), [at(100), wrapped, { ...at(102), count: wrapped.count + 1 }])).toEqual([100, 101, 102]);
    expect(
      samplesOf(running(), [
        { ...at(100), count: 0 },
        { ...at(105), count: 1 },
      ]),
    ).toEqual([100, 105]);
    expect(
      samplesOf(
        running(),
        [100, 101, 105].map((n) => ({ ...at(n), count: 599 })),
      ),
    ).toEqual([100, 101, 105]);
  });

  it('is given by the time where the computer dropped frames before it counted them', () => {
    const dropping = [100, 101, 110, 111].map((n, i) => ({ count: 600 + i, deviceUs: at(n).deviceUs }));
    expect(placed(running(), dropping)).toEqual([
      { sample: 100, lost: 0 },
      { sample: 101, lost: 0 },
      { sample: 110, lost: 8 },
      { sample: 111, lost: 0 },
    ]);
  });

  it('follows the time within 2 % where single frames are dropped regularly', () => {
    const timeline = running();
    for (let n = 100, count = 600; n < 3000; n++) {
      if (n % 10 === 3) continue;
      timeline.place(count++, at(n).deviceUs, at(n).deviceUs + LATENCY_US);
      expect(timeline.sample).toBeLessThanOrEqual(n);
      expect(timeline.sample).toBeGreaterThanOrEqual(n - 4 - 0.02 * (n - 100));
    }
  });

  it('does not count jitter of 20 ms, or a rate 1.5 % off, as a loss', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 20_000, noNaN: true }), { minLength: 50, maxLength: 400 }),
        fc.double({ min: 0.985, max: 1.015, noNaN: true }),
        (jitterUs, pace) => {
          const timeline = new Timeline(60);
          jitterUs.forEach((us, n) => {
            const deviceUs = 100e6 + n * PERIOD_US * pace + us;
            expect(timeline.place(n, deviceUs, 1e9 + n * PERIOD_US + 30_000)).toBe(true);
            expect(timeline.sample).toBe(n);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('compensates frames that came in a burst after a stall, so that the next loss is smaller', () => {
    const timeline = running();
    const burst = Array.from({ length: 12 }, (_, i) => ({ count: 600 + i, deviceUs: at(112).deviceUs + i * 100 }));
    const before = samplesOf(timeline, burst);
    expect(before[0]).toBe(112);
    expect(before.at(-1)).toBe(123);
    // 20 frames later the index is ahead by the rest of the burst, and a loss of 30 corrects it.
    samplesOf(
      timeline,
      steady(113, 133).map((seen, i) => ({ ...seen, count: 612 + i })),
    );
    expect(samplesOf(timeline, [{ count: 632, deviceUs: at(163).deviceUs }])[0]).toBeLessThan(168);
  });

  it('continues by the counter where a calibration restarts the time', () => {
    const timeline = running();
    const restarted = [0, 1, 2].map((i) => ({
      count: 603 + i,
      deviceUs: i * PERIOD_US,
      hostUs: at(103 + i).deviceUs + LATENCY_US,
    }));
    expect(samplesOf(timeline, restarted)).toEqual([103, 104, 105]);
    expect(timeline.deviceTimeUs).toBe(2 * PERIOD_US);
    expect(timeline.hostTimeUs).toBeCloseTo(at(105).deviceUs + LATENCY_US, -2);
  });

  it.each([
    ['both restart', 0, 0],
    ['both jump ahead by hours', 1e6, 1e10],
    ['the time jumps ahead and the counter goes back', 3, 9e9],
  ])("is given by the host's clock where %s", (_, count, deviceUs) => {
    const seen = [0, 1].map((i) => ({
      count: count + i,
      deviceUs: deviceUs + i * PERIOD_US,
      hostUs: at(160 + i).deviceUs + LATENCY_US,
    }));
    expect(placed(running(), seen)).toEqual([
      { sample: 160, lost: 60 },
      { sample: 161, lost: 0 },
    ]);
  });

  it('is given by the clocks after an interruption', () => {
    const interrupted = (): Timeline => {
      const timeline = running();
      timeline.interrupted();
      return timeline;
    };
    expect(placed(interrupted(), [at(1000)])).toEqual([{ sample: 1000, lost: 900 }]);
    const restarted = { count: 0, deviceUs: 2e6, hostUs: at(1000).deviceUs + LATENCY_US };
    expect(placed(interrupted(), [restarted])).toEqual([{ sample: 1000, lost: 900 }]);
    // Restarted, and by chance just ahead of its previous value.
    const ahead = { count: 620, deviceUs: at(120).deviceUs, hostUs: at(1000).deviceUs + LATENCY_US };
    expect(placed(interrupted(), [ahead])).toEqual([{ sample: 1000, lost: 900 }]);
    const ranOn = { count: 7, deviceUs: at(1000).deviceUs };
    expect(placed(interrupted(), [ranOn])).toEqual([{ sample: 1000, lost: 900 }]);
  });

  it('keeps its time where a time stamp is before the previous one', () => {
    const timeline = running();
    const hostUs = at(101).deviceUs + LATENCY_US;
    placed(timeline, [{ ...at(100), hostUs }]);
    const before = [timeline.deviceTimeUs, timeline.hostTimeUs];
    expect(samplesOf(timeline, [{ count: 601, deviceUs: at(99).deviceUs, hostUs }])).toEqual([101]);
    expect([timeline.deviceTimeUs, timeline.hostTimeUs]).toEqual(before);
  });

  it('never goes back, and neither does host time, for any records', () => {
    const anything = fc.record({
      count: fc.oneof(fc.nat(50), fc.maxSafeNat()),
      deviceUs: fc.oneof(fc.nat(2_000_000), fc.double({ min: 1, max: 1e13, noNaN: true })),
      waitUs: fc.nat(3_000_000),
    });
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 40 }), fc.nat(39), (records, breaksAt) => {
        const timeline = new Timeline(150);
        let nowUs = 1e6;
        let next = 0;
        let hostUs = Number.NEGATIVE_INFINITY;
        records.forEach(({ count, deviceUs, waitUs }, i) => {
          if (i === breaksAt) timeline.interrupted();
          nowUs += waitUs;
          if (!timeline.place(count, deviceUs, nowUs)) return;
          expect(timeline.lost).toBeGreaterThanOrEqual(0);
          expect(timeline.sample).toBe(next + timeline.lost);
          expect(timeline.hostTimeUs).toBeGreaterThanOrEqual(hostUs);
          next = timeline.sample + 1;
          hostUs = timeline.hostTimeUs;
        });
        // A jumping clock does not give more samples than fit into the elapsed time.
        expect(next).toBeLessThanOrEqual(records.length + (150 * (nowUs - 1e6)) / 1e6 + records.length * 150 * 7);
      }),
    );
  });
});
