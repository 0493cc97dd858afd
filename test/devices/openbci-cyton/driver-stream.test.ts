import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PACKET_BYTES } from '../../../devices/openbci-cyton/packet.ts';
import { UV_PER_COUNT } from '../../../src/formats/eeg/openbci/board.ts';
import { openEegRecording } from '../../../src/formats/open-recording.ts';
import type { Block, DeviceEvent } from '../../../src/samples.ts';
import {
  bannerBytes,
  blocksOf,
  bytesOf,
  concat,
  indexesOf,
  joined,
  open,
  PERIOD_US,
  packetOf,
  startedDriver,
  steady,
  text,
  valuesOf,
} from '../../support/cyton.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { range } from '../../support/range.ts';

describe('the counter of a Cyton', () => {
  it.each([2, 130, 254, 255, 256, 258, 511, 700, 15_000])('detects that %i samples were lost', (lost) => {
    const driver = startedDriver();
    const indexes = indexesOf(driver, [...steady(0, 300), ...steady(300 + lost, 900 + lost)]);
    expect(indexes).toEqual([...range(0, 300), ...range(300 + lost, 900 + lost)]);
    expect(driver.counts).toMatchObject({ samplesReceived: 900, samplesLost: lost });
  });

  it('does not count latency of up to 100 ms as a loss, with or without a loss', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.array(fc.nat(100_000), { minLength: 1, maxLength: 30 }), (lost, latencies) => {
        let arrivalUs = 0;
        const delayed = [...steady(0, 200), ...steady(200 + lost, 500 + lost)].map(([n, us], i) => {
          arrivalUs = Math.max(arrivalUs, us + latencies[Math.floor(i / 25) % latencies.length]!);
          return [n, arrivalUs] as const;
        });
        expect(indexesOf(startedDriver(), delayed)).toEqual([...range(0, 200), ...range(200 + lost, 500 + lost)]);
      }),
    );
  });

  it('does not lose packets that waited in a buffer while the host was busy', () => {
    const busyUntilUs = 600 * PERIOD_US + 2.4e6;
    const packets = [...steady(0, 2000)].map(([n, us]) => [n, n > 600 ? Math.max(us, busyUntilUs) : us] as const);
    expect(indexesOf(startedDriver(), packets)).toEqual(range(0, 2000));
  });

  it("continues by the host's clock after a reconnection", () => {
    const driver = startedDriver();
    const events = [...steady(0, 500)].flatMap(([n, us]) => driver.push(packetOf(n), us));
    events.push(...driver.interrupted());
    driver.opened(4e6);
    driver.push(bannerBytes(), 5e6);
    for (const [n, us] of steady(0, 100)) events.push(...driver.push(packetOf(n), 6e6 + us));
    events.push(...driver.interrupted());
    const blocks = blocksOf(events);
    const gap = blocks.find(({ lostBefore }) => lostBefore > 0)!;
    expect(gap.firstSample).toBe(500 + gap.lostBefore);
    expect(Math.abs(gap.firstSample - 1500)).toBeLessThanOrEqual(1);
    expect(Math.abs(gap.hostTimeUs - 6e6)).toBeLessThan(20_000);
    expect(driver.counts.samplesReceived + driver.counts.samplesLost).toBe(gap.firstSample + 100);
  });

  it('follows a board that resets itself', () => {
    const driver = startedDriver();
    driver.takeWrites();
    const events = [...steady(0, 500)].flatMap(([n, us]) => driver.push(packetOf(n), us));
    events.push(...driver.push(bannerBytes(), 3e6), ...driver.tick(3.3e6));
    expect(text(driver.takeWrites())).toBe('b');
    for (const [n, us] of steady(0, 50)) events.push(...driver.push(packetOf(n), 3.4e6 + us));
    events.push(...driver.interrupted());
    expect(driver.counts.samplesReceived).toBe(550);
    expect(Math.abs(driver.counts.samplesLost - 350)).toBeLessThanOrEqual(2);
  });
});

describe('a Daisy', () => {
  it('joins an odd packet and the next even one, and counts a pair with a missing half as lost', () => {
    const driver = startedDriver(true);
    const missing = new Set([5, 12, 21, 22, 259]);
    const packets = range(1, 401).filter((n) => !missing.has(n));
    const events = packets.flatMap((n) => driver.push(packetOf(n, new Array(8).fill(n)), n * PERIOD_US));
    events.push(...driver.interrupted());
    const rows = blocksOf(events).flatMap(({ firstSample, length, data }) =>
      Array.from({ length }, (_, i) => [firstSample + i, data[i]!, data[8 * length + i]!]),
    );
    const whole = range(0, 200).filter((s) => !missing.has(2 * s + 1) && !missing.has(2 * s + 2));
    expect(rows).toEqual(
      whole.map((s) => [s, Math.fround((2 * s + 1) * UV_PER_COUNT), Math.fround((2 * s + 2) * UV_PER_COUNT)]),
    );
    expect(driver.counts).toMatchObject({ samplesReceived: whole.length, samplesLost: 200 - whole.length });
  });

  it('starts at its first complete pair', () => {
    const driver = startedDriver(true);
    const events = range(0, 20).flatMap((n) => driver.push(packetOf(n), n * PERIOD_US));
    events.push(...driver.interrupted());
    expect(blocksOf(events)[0]).toMatchObject({ firstSample: 0, lostBefore: 0 });
    expect(driver.counts).toMatchObject({ samplesReceived: 9, samplesLost: 0 });
  });
});

describe('any bytes', () => {
  it('never throw, are all used or discarded, and give the same events for every cut', () => {
    const part = fc.oneof(
      fc.nat(40).map((n) => packetOf(n)),
      fc.uint8Array({ maxLength: 40 }),
      fc.constant(bannerBytes()),
      fc.constant(bytesOf('$$$')),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), fc.array(fc.integer({ min: 1, max: 90 })), (parts, sizes) => {
        const bytes = concat(parts);
        const run = (cuts: readonly number[]) => {
          const driver = open();
          driver.opened(0);
          const events: DeviceEvent[] = [];
          let from = 0;
          for (const size of cuts) {
            events.push(...driver.push(bytes.subarray(from, from + size), 1e6));
            from += size;
          }
          events.push(...driver.push(bytes.subarray(from), 1e6), ...driver.interrupted());
          return { counts: driver.counts, values: valuesOf(blocksOf(events)) };
        };
        const whole = run([]);
        expect(run(sizes)).toEqual(whole);
        const { bytesReceived, bytesDiscarded, samplesReceived } = whole.counts;
        expect(bytesReceived).toBe(bytes.length);
        expect((bytesReceived - bytesDiscarded) % PACKET_BYTES).toBe(0);
        expect((bytesReceived - bytesDiscarded) / PACKET_BYTES).toBeGreaterThanOrEqual(samplesReceived);
      }),
      {
        // The last packet ends just beyond the window that decides the third.
        examples: [
          [
            [packetOf(0), packetOf(9), packetOf(0), Uint8Array.of(0), bannerBytes(), packetOf(11)],
            [69, 81, 68, 14],
          ],
        ],
      },
    );
  });
});

describeWithData('eeg-openbci-cyton', 'a recorded Cyton', () => {
  const folder = 'eeg-openbci-cyton';
  const texts = ['OpenBCI-sampleData-1-blinks-jawClench-alpha.v4.txt', 'OpenBCI_GUI-v6-blinks-jawClench-alpha.txt'];

  it.each(texts)('gives the values of its text %s as serial bytes, bit for bit', async (name) => {
    const recording = await openEegRecording(testData(folder, name));
    const driver = startedDriver();
    const events: DeviceEvent[] = [];
    const wanted: Float32Array[] = [];
    let rows = 0;
    for (const { data, length, firstSample } of recording.blocks()) {
      const packets = range(0, length).map((i) =>
        packetOf(
          firstSample + i,
          range(0, 8).map((c) => Math.round(data[c * length + i]! / UV_PER_COUNT)),
        ),
      );
      events.push(...driver.push(concat(packets), (firstSample + length) * PERIOD_US));
      wanted.push(data);
      rows += length;
    }
    events.push(...driver.interrupted());
    expect(rows).toBe(22_490);
    expect(driver.counts).toEqual({
      bytesReceived: bannerBytes().length + rows * PACKET_BYTES,
      bytesDiscarded: bannerBytes().length,
      samplesReceived: rows,
      samplesLost: 0,
    });
    for (let c = 0; c < 8; c++) expect(channelOf(blocksOf(events), c)).toEqual(joined(wanted, c));
  });

  it('keeps the six gaps of a recording with losses and clipped channels', async () => {
    const recording = await openEegRecording(testData(folder, 'OpenBCI_2016-02-13_Jordan_focus.txt'));
    const driver = startedDriver();
    const events: DeviceEvent[] = [];
    for (const { data, length, firstSample } of recording.blocks()) {
      for (let i = 0; i < length; i++) {
        const counts = range(0, 8).map((c) => Math.round(data[c * length + i]! / UV_PER_COUNT));
        events.push(...driver.push(packetOf(firstSample + i, counts), (firstSample + i) * PERIOD_US));
      }
    }
    events.push(...driver.interrupted());
    const gaps = blocksOf(events).flatMap(({ lostBefore }) => (lostBefore > 0 ? [lostBefore] : []));
    expect(gaps).toEqual([1, 16, 82, 51, 106, 109]);
    expect(driver.counts).toMatchObject({ samplesReceived: 30_647, samplesLost: 365 });
  });
});

function channelOf(blocks: readonly Block[], channel: number): Float32Array {
  return joined(
    blocks.map(({ data }) => data),
    channel,
  );
}
