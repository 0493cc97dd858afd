import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeData, encodeDescriptor, encodeMarker } from '../../../devices/biosignal/encode.ts';
import type { Descriptor } from '../../../devices/biosignal/frame.ts';
import { biosignal } from '../../../devices/biosignal/index.ts';
import { type DeviceEvent, sampleAt } from '../../../src/samples.ts';
import {
  blocksOf,
  DESCRIPTION,
  dataAt,
  descriptor,
  flatten,
  open,
  PERIOD_US,
  RATE,
  valueAt,
} from '../../support/biosignal.ts';

describe('biosignal driver: samples', () => {
  it('collects contiguous frames of one push into a block, and ends it at a loss', () => {
    const driver = open();
    const events = driver.push(Buffer.concat([dataAt(10, 2), dataAt(12), dataAt(13, 3), dataAt(20)]), 80_000);
    const blocks = blocksOf(events);
    expect(blocks.map(({ firstSample, length, lostBefore }) => ({ firstSample, length, lostBefore }))).toEqual([
      { firstSample: 0, length: 6, lostBefore: 0 },
      { firstSample: 10, length: 1, lostBefore: 4 },
    ]);
    expect(flatten(blocks).map((s) => s.values)).toEqual([10, 11, 12, 13, 14, 15, 20].map(valueAt));
    expect(driver.counts).toMatchObject({ samplesReceived: 7, samplesLost: 4, bytesDiscarded: 0 });
  });

  it('gives the same stream for every cut of the same bytes, damaged or not', () => {
    const scenario = fc.record({
      frames: fc.array(fc.record({ samples: fc.integer({ min: 1, max: 4 }), skip: fc.constantFrom(0, 0, 0, 1, 40) }), {
        minLength: 5,
        maxLength: 40,
      }),
      noise: fc.uint8Array({ maxLength: 12 }),
      flips: fc.array(fc.nat(), { maxLength: 4 }),
      cuts: fc.array(fc.nat(), { maxLength: 40 }),
    });
    fc.assert(
      fc.property(scenario, ({ frames, noise, flips, cuts }) => {
        let counter = 0;
        const wire = [DESCRIPTION];
        for (const { samples, skip } of frames) {
          counter += skip;
          wire.push(dataAt(counter, samples), ...(skip > 1 ? [noise, encodeMarker(counter, 'm')] : []));
          counter += samples;
        }
        const bytes = Uint8Array.from(Buffer.concat(wire));
        for (const flip of flips) bytes[DESCRIPTION.length + (flip % (bytes.length - DESCRIPTION.length))]! ^= 0x40;
        // Each byte has its arrival time: 64 bytes every 5 ms.
        const arrivalOf = (byte: number): number => 1e6 + 5000 * Math.floor(byte / 64);
        const run = (ends: readonly number[]) => {
          const driver = biosignal.createDriver({ baud: 115_200 });
          driver.opened(0);
          const events: DeviceEvent[] = [];
          let from = 0;
          for (const end of [...new Set([...ends, bytes.length])].sort((a, b) => a - b)) {
            if (end > from) events.push(...driver.push(bytes.subarray(from, end), arrivalOf(from)));
            from = end;
          }
          events.push(...driver.interrupted());
          const markers = events.flatMap((event) => (event.type === 'marker' ? [event.marker] : []));
          return { samples: flatten(blocksOf(events)), markers, counts: { ...driver.counts } };
        };
        const arrivals = Array.from({ length: Math.ceil(bytes.length / 64) }, (_, i) => 64 * (i + 1));
        const plain = run(arrivals.filter((end) => end < bytes.length));
        const cut = run([
          ...arrivals.filter((end) => end < bytes.length),
          ...cuts.map((at) => 1 + (at % bytes.length)),
        ]);
        expect(cut).toEqual(plain);
        expect(plain.counts.samplesReceived).toBe(plain.samples.length);
        const last = plain.samples.at(-1);
        if (last) expect(plain.counts.samplesReceived + plain.counts.samplesLost).toBe(last.sample + 1);
      }),
      { numRuns: 300 },
    );
  });

  it('drops a repeated or late frame, and counts its bytes', () => {
    const driver = open();
    driver.push(Buffer.concat([dataAt(0), dataAt(1), dataAt(3)]), 16_000);
    expect(driver.push(Buffer.concat([dataAt(2), dataAt(3)]), 20_000)).toEqual([]);
    expect(driver.counts).toMatchObject({ samplesReceived: 3, samplesLost: 1, bytesDiscarded: 2 * dataAt(2).length });
    expect(blocksOf(driver.push(dataAt(4), 24_000))[0]).toMatchObject({ firstSample: 4, lostBefore: 0 });
  });

  it('handles the wrap of the counter and of the device time', () => {
    const driver = open();
    const start = 2 ** 32 - 3;
    const blocks = [0, 1, 2, 3, 4].flatMap((i) =>
      blocksOf(driver.push(dataAt(start + i, 1, 2 ** 32 - 2 * PERIOD_US + i * PERIOD_US), i * PERIOD_US)),
    );
    expect(blocks.map((block) => block.lostBefore)).toEqual([0, 0, 0, 0, 0]);
    expect(blocks.map((block) => block.deviceTimeUs)).toEqual(
      [0, 1, 2, 3, 4].map((i) => 2 ** 32 - 2 * PERIOD_US + i * PERIOD_US),
    );
  });

  it('gives the exact loss after hours of silence, with device time wrapped twice', () => {
    const driver = open();
    driver.push(dataAt(0), 0);
    const lost = 3 * 3600 * RATE;
    const [block] = blocksOf(driver.push(dataAt(lost + 1), (lost + 1) * PERIOD_US + 700));
    expect(block).toMatchObject({ lostBefore: lost, deviceTimeUs: (lost + 1) * PERIOD_US });
  });

  it('detects a restart by counter and time, and estimates the loss by the host clock', () => {
    const driver = open();
    for (let i = 0; i < 2500; i++) driver.push(dataAt(i), 5e6 + i * PERIOD_US);
    const [block] = blocksOf(driver.push(dataAt(3), 5e6 + 2500 * PERIOD_US + 2e6));
    expect(block!.lostBefore).toBe(2 * RATE);
    expect(block!.deviceTimeUs).toBe(3 * PERIOD_US);
    expect(block!.hostTimeUs).toBe(5e6 + 2500 * PERIOD_US + 2e6);
    expect(blocksOf(driver.push(dataAt(4), 5e6 + 2501 * PERIOD_US + 2e6))[0]!.lostBefore).toBe(0);
  });

  it.each([
    ['runs on: all of the pause is lost', 0.5, true, 125],
    ['runs on, for long', 10, true, 2500],
    ['stops for up to a second: nothing is lost', 0.9, false, 0],
    ['stops for longer: the host clock gives the loss', 10, false, 2500],
  ])('a counter that, while the device is stopped, %s', (_, pauseS, runsOn, lost) => {
    const driver = open();
    driver.push(dataAt(0, 250), 1e6);
    const counter = 250 + (runsOn ? pauseS * RATE : 0);
    const timeUs = (1 + pauseS) * 1e6;
    driver.push(dataAt(counter, 25, timeUs), timeUs + 1e5);
    expect(driver.counts).toMatchObject({ samplesReceived: 275, samplesLost: lost });
  });

  it('uses the counter after an unplug where the device ran on, and the host clock where it restarted', () => {
    for (const restarted of [false, true]) {
      const driver = open();
      for (let i = 0; i < 500; i++) driver.push(dataAt(i), i * PERIOD_US);
      driver.push(dataAt(500).subarray(0, 9), 500 * PERIOD_US);
      driver.interrupted();
      expect(driver.counts.bytesDiscarded).toBe(9);
      driver.opened(500 * PERIOD_US + 10e6);
      const next = 500 + 10 * RATE;
      const [block] = blocksOf(driver.push(restarted ? dataAt(600) : dataAt(next), next * PERIOD_US));
      expect(block).toMatchObject({ firstSample: next, lostBefore: 10 * RATE });
      expect(driver.counts.samplesLost).toBe(10 * RATE);
    }
  });

  it('uses the counter when a stalled host reads its backlog and the rest was lost', () => {
    const driver = open();
    for (let i = 0; i < 500; i++) driver.push(dataAt(i), i * PERIOD_US);
    const stallUs = 500 * PERIOD_US + 5e6;
    for (let i = 500; i < 520; i++) driver.push(dataAt(i), stallUs);
    const [block] = blocksOf(driver.push(dataAt(1740), stallUs));
    expect(block).toMatchObject({ lostBefore: 1220, firstSample: 1740 });
  });

  it('gives markers their sample index, also those before the first sample', () => {
    const driver = open();
    const events = driver.push(
      Buffer.concat([encodeMarker(1000, 'early'), dataAt(1000), encodeMarker(1003, 'ahead'), dataAt(1001, 4)]),
      20_000,
    );
    expect(events.flatMap((event) => (event.type === 'marker' ? [event.marker] : []))).toEqual([
      { label: 'early', sample: 0 },
      { label: 'ahead', sample: 3 },
    ]);
    expect(driver.counts.bytesDiscarded).toBe(0);
  });

  it('keeps NaN of a float32 device as a missing value', () => {
    const gaze: Descriptor = { ...descriptor, modality: 'eye', sampleFormat: 'float32' };
    const driver = biosignal.createDriver({ baud: 115_200 });
    const frame = encodeData(gaze, 0, 0, Float32Array.of(Number.NaN, 3), 1);
    const [block] = blocksOf(driver.push(Buffer.concat([encodeDescriptor(gaze), frame]), 0));
    expect(sampleAt(block!, 0)).toEqual([Number.NaN, 0.25 * 12]);
  });

  it('throws nothing but DEVICE_WRONG on any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constant(DESCRIPTION))), (parts) => {
        const driver = biosignal.createDriver({ baud: 3_000_000 });
        driver.opened(0);
        for (const part of parts) driver.push(part, 1);
        driver.interrupted();
        expect(driver.counts.bytesReceived).toBe(parts.reduce((sum, part) => sum + part.length, 0));
      }),
    );
  });
});
