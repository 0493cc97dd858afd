import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { OpenGazeTracker } from '../../../devices/gazepoint/tracker.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { Bench, frameIn, frameOf, infosOf, refusalOf, TRACKER } from '../../support/gazepoint.ts';
import { range } from '../../support/range.ts';

describe('the rate of a Gazepoint tracker', () => {
  const rateOf = (options: Partial<typeof TRACKER>, timeS: (n: number) => number, counts = (n: number) => n) => {
    const bench = new Bench(options).open();
    for (let n = 0; n < 700 && bench.blocks.length === 0; n++) {
      bench.nowUs += 5000;
      bench.send(bench.tracker.record({ ...frameOf(n, timeS(n)), count: counts(n) }));
    }
    return infosOf(bench.events)[0]?.sampleRateHz;
  };

  it.each([
    [60, 60],
    [60.2, 60],
    [60.9, 60.9],
    [59, 59],
    [150, 150],
    [149.5, 150],
    [147.5, 147.5],
  ])('is measured from its records alone: %s Hz is %s', (trueHz, takenHz) => {
    expect(rateOf({ unknown: ['PRODUCT_ID'] }, (n) => 100 + n / trueHz)).toBe(takenHz);
  });

  it('is that of the records where the tracker reports another', () => {
    expect(rateOf({ rateHz: 150 }, (n) => 100 + n / 60)).toBe(60);
  });

  it('may be a new one', () => {
    expect(rateOf({ rateHz: 250 }, (n) => 100 + n / 250)).toBe(250);
  });

  it('is the reported one where the computer drops some frames', () => {
    expect(rateOf({ rateHz: 60 }, (n) => 100 + (n + Math.floor(n / 15)) / 60)).toBe(60);
  });

  it('is measured over another second where one was disturbed', () => {
    const late = (n: number): number => 100 + n / 60 + (n > 30 ? 0.2 : 0);
    expect(rateOf({ unknown: ['PRODUCT_ID'] }, late)).toBe(60);
  });

  it('is measured with time stamps as coarse as after two days', () => {
    const rounded = (n: number): number => Math.fround(200_000 + n / 150);
    expect(rateOf({ unknown: ['PRODUCT_ID'] }, rounded)).toBe(150);
  });

  it('is not measured over a break', () => {
    const bench = new Bench().open();
    bench.stream(0, 30);
    bench.stream(30, 80, (n) => 150 + n / 60);
    expect(bench.blocks).toEqual([]);
    bench.stream(80, 92, (n) => 150 + n / 60);
    expect(bench.blocks[0]).toMatchObject({ firstSample: 0, lostBefore: 0 });
    expect(frameIn(bench.blocks[0]!)).toBe(30);
  });
});

describe('a connection that breaks', () => {
  it("continues the index by the tracker's counter, after a new lead-in", () => {
    const bench = new Bench().open();
    bench.stream(0, 100);
    bench.send('<REC CNT="1100" TIME="10');
    expect(bench.cut()).toEqual([]);
    expect(bench.driver.counts).toMatchObject({ bytesDiscarded: 24, samplesReceived: 100 });
    bench.nowUs += 2e6;
    bench.open();
    bench.stream(250, 400);
    expect(infosOf(bench.events)).toHaveLength(1);
    expect(bench.blocks[100]).toMatchObject({ firstSample: 250, lostBefore: 150 });
    expect(bench.blocks.every((block) => frameIn(block) === block.firstSample)).toBe(true);
    expect(bench.driver.counts).toMatchObject({ samplesReceived: 250, samplesLost: 150 });
  });

  it('drops the records of an unfinished lead-in', () => {
    const bench = new Bench().open();
    const before = bench.written;
    bench.stream(0, 30);
    bench.cut();
    expect(bench.driver.counts).toMatchObject({ samplesReceived: 0, bytesDiscarded: bench.written - before });
    bench.open();
    bench.stream(60, 130);
    expect(bench.blocks[0]).toMatchObject({ firstSample: 0, lostBefore: 0 });
  });

  it("uses the host's clock where the tracker seems to have stopped meanwhile", () => {
    const bench = new Bench().open();
    bench.stream(0, 100);
    bench.cut();
    bench.nowUs += 20e6;
    bench.open();
    bench.stream(110, 180);
    expect(bench.blocks[100]).toMatchObject({ firstSample: 99 + 20 * 60, lostBefore: 20 * 60 - 1 });
  });

  it('forgets an error', () => {
    const bench = new Bench({ unknown: ['ENABLE_SEND_DATA'] });
    expect(refusalOf(() => bench.open())).toMatch(/^DEVICE_WRONG/);
    bench.cut();
    bench.tracker = new OpenGazeTracker(TRACKER);
    bench.open();
    bench.stream(0, 70);
    expect(bench.blocks).toHaveLength(70);
  });

  it('may be followed by another tracker with another screen', () => {
    const bench = new Bench().open();
    bench.stream(0, 100);
    bench.cut();
    bench.tracker = new OpenGazeTracker({ rateHz: 150, screenPx: [1000, 500], product: 'GP3HD' });
    bench.open();
    bench.stream(0, 160, (n) => 104 + n / 150);
    expect(infosOf(bench.events)).toMatchObject([
      { deviceId: 'gazepoint-gp3', sampleRateHz: 60, geometry: { screenPx: [2000, 1000] } },
      { deviceId: 'gazepoint-gp3hd', sampleRateHz: 150, geometry: { screenPx: [1000, 500] } },
    ]);
    let next = 0;
    for (const { firstSample, lostBefore } of bench.blocks) {
      expect(firstSample).toBe(next + lostBefore);
      next = firstSample + 1;
    }
  });

  it('starts a new lead-in also where the tracker begins to sample faster', () => {
    const bench = new Bench({ unknown: ['PRODUCT_ID'] }).open();
    bench.stream(0, 100);
    bench.stream(100, 700, (n) => 100 + 100 / 60 + (n - 100) / 150);
    expect(infosOf(bench.events).map(({ sampleRateHz }) => sampleRateHz)).toEqual([60, 150]);
    expect(bench.blocks.map((block) => frameIn(block))).toEqual(range(0, 700));
  });
});

describeWithData('eye-gazepoint-api', 'the published messages', () => {
  it('are all decoded, and the records are held for the second that gives their rate', async () => {
    const text = await readFile(testData('eye-gazepoint-api', 'open_gaze_records.txt'), 'latin1');
    const bench = new Bench();
    bench.driver.opened(bench.nowUs);
    bench.send(text);
    bench.cut();
    const records = text.split(/(?<=\n)/).filter((line) => line.startsWith('<REC'));
    expect(bench.driver.counts).toEqual({
      bytesReceived: text.length,
      bytesDiscarded: records.join('').length,
      samplesReceived: 0,
      samplesLost: 0,
    });
  });

  it('give their values in a stream', async () => {
    const text = await readFile(testData('eye-gazepoint-api', 'open_gaze_records.txt'), 'latin1');
    const lines = text.split('\r\n');
    const whole = lines.find((line) => line.includes('CNT="2220575"'))!;
    const bench = new Bench();
    bench.driver.opened(bench.nowUs);
    bench.send(
      lines
        .filter((line) => line.startsWith('<ACK'))
        .map((line) => `${line}\r\n`)
        .join(''),
    );
    for (let n = 0; n <= 62; n++) {
      bench.nowUs += 16_667;
      const line = whole
        .replace('CNT="2220575"', `CNT="${2_220_575 + n}"`)
        .replace('TIME="38686.52734"', `TIME="${(38_686.52734 + n / 60).toFixed(5)}"`)
        .replace('TIME_TICK="4727430607263"', `TIME_TICK="${4_727_430_607_263 + Math.round((n * 3_330_093) / 60)}"`);
      bench.send(`${line}\r\n`);
    }
    expect(infosOf(bench.events)).toMatchObject([{ deviceId: 'gazepoint-gp3', geometry: { screenPx: [1920, 1080] } }]);
    const [first, second] = bench.blocks;
    expect([...first!.data.subarray(4)]).toEqual([Math.fround(6.09139), Math.fround(5.39146)]);
    expect([...first!.data.subarray(0, 4)]).toEqual([NaN, NaN, NaN, NaN]);
    // The frequency is reported as the bits of 3330093.0.
    expect(first!.deviceTimeUs).toBeCloseTo((4_727_430_607_263 / 3_330_093) * 1e6, 0);
    expect(second!.deviceTimeUs - first!.deviceTimeUs).toBeCloseTo(1e6 / 60, 0);
  });
});
