import { describe, expect, it } from 'vitest';
import { encodeDescriptor, encodeRequest } from '../../../devices/biosignal/encode.ts';
import { biosignal } from '../../../devices/biosignal/index.ts';
import type { AffectEdgeError } from '../../../src/errors.ts';
import { type DeviceEvent, sampleAt } from '../../../src/samples.ts';
import {
  blocksOf,
  DESCRIPTION,
  dataAt,
  descriptor,
  errorOf,
  open,
  PERIOD_US,
  RATE,
  valueAt,
} from '../../support/biosignal.ts';

describe('biosignal driver: requests', () => {
  it('requests description and data at once, again every second without data, and stops at the end', () => {
    const driver = biosignal.createDriver({ baud: 115_200 });
    const ask = [encodeRequest('describe'), encodeRequest('start')];
    expect(driver.opened(0)).toEqual(ask);
    driver.tick(900_000);
    expect(driver.takeWrites()).toEqual([]);
    driver.tick(1_000_000);
    expect(driver.takeWrites()).toEqual(ask);
    driver.push(DESCRIPTION, 1_100_000);
    driver.push(dataAt(0), 1_200_000);
    driver.tick(2_100_000);
    expect(driver.takeWrites()).toEqual([]);
    driver.tick(2_300_000);
    expect(driver.takeWrites()).toEqual(ask);
    expect(driver.closing()).toEqual([encodeRequest('stop')]);
  });

  it('emits the stream info once for repeated descriptors, and again when it changes', () => {
    const driver = biosignal.createDriver({ baud: 115_200 });
    const info = {
      deviceId: 'amp',
      modality: 'eeg',
      channels: [
        { label: 'FP1', unit: 'uV' },
        { label: 'FP2', unit: 'uV' },
      ],
      sampleRateHz: RATE,
      simulated: true,
      railUv: 187_500,
    };
    expect(driver.push(DESCRIPTION, 0)).toEqual([{ type: 'info', info }]);
    expect(driver.push(DESCRIPTION, 1)).toEqual([]);
    driver.push(dataAt(0, 5), 20_000);
    const slower = { ...descriptor, sampleRateHz: 125, channels: descriptor.channels.slice(0, 1) };
    const events = driver.push(
      Buffer.concat([dataAt(5, 5), encodeDescriptor(slower), dataAt(7, 2, 40_000 + 8000, slower)]),
      60_000,
    );
    expect(events.map((event) => event.type)).toEqual(['samples', 'info', 'samples']);
    const [before, after] = blocksOf(events);
    expect(after!.info).toMatchObject({ sampleRateHz: 125, channels: [{ label: 'FP1' }] });
    expect(after!.firstSample).toBe(before!.firstSample + before!.length + after!.lostBefore);
  });

  it('counts data before a descriptor as discarded and uses the data after it', () => {
    const driver = biosignal.createDriver({ baud: 115_200 });
    expect(driver.push(dataAt(0, 3), 0)).toEqual([]);
    expect(driver.counts).toMatchObject({ bytesDiscarded: dataAt(0, 3).length, samplesReceived: 0 });
    const [block] = blocksOf(driver.push(Buffer.concat([DESCRIPTION, dataAt(3)]), 0));
    expect(block).toMatchObject({ firstSample: 0, lostBefore: 0 });
    expect(sampleAt(block!, 0)).toEqual(valueAt(3));
  });

  it('refuses a declared rate that the baud cannot carry, with the rate and the baud that would fit', () => {
    const channels = Array.from({ length: 62 }, (_, i) => ({ label: `C${i}`, unit: 'uV', scale: 1 }));
    const wide = encodeDescriptor({ ...descriptor, sampleRateHz: 1000, channels });
    const error = errorOf(() => biosignal.createDriver({ baud: 921_600 }).push(wide, 0));
    expect(error.code).toBe('BAUD_TOO_LOW');
    expect(error.message).toMatch(/921600 baud .* 1000 Hz.* 458 Hz would fit.*--baud 3000000/);
    expect(() => biosignal.createDriver({ baud: 2_000_000 }).push(wide, 0)).not.toThrow();
  });

  it('describes the bytes on the port when no frame comes within 3 s', () => {
    const verdict = (bytes: Uint8Array): AffectEdgeError => {
      const driver = biosignal.createDriver({ baud: 115_200 });
      driver.opened(0);
      driver.push(bytes, 1e6);
      driver.tick(3.9e6);
      return errorOf(() => driver.tick(4e6));
    };
    const cyton = Uint8Array.from({ length: 99 }, (_, i) => (i % 33 === 0 ? 0xa0 : i % 33 === 32 ? 0xc0 : 7));
    expect(verdict(cyton)).toMatchObject({
      code: 'DEVICE_WRONG',
      message: expect.stringMatching(/99 bytes.*openbci-cyton/),
    });
    expect(verdict(Buffer.from('login: \r\n')).message).toMatch(/6c 6f 67 69 6e.*text/);
    expect(verdict(Uint8Array.of(0, 255, 3)).message).toMatch(/--baud/);
    const driver = open();
    driver.push(Uint8Array.of(1), 1e6);
    expect(() => driver.tick(60e6)).not.toThrow();
  });
});

describe('biosignal driver: the rate', () => {
  it.each([0.001, 0.5, 1, 1.01, 2])('passes every sample on where the device clock runs %s times as fast', (factor) => {
    const driver = open();
    const events: DeviceEvent[] = [];
    for (let counter = 0; counter < 30 * RATE; counter += 10) {
      events.push(...driver.push(dataAt(counter, 10, counter * PERIOD_US * factor), counter * PERIOD_US));
    }
    expect(blocksOf(events).reduce((sum, { length }) => sum + length, 0)).toBe(30 * RATE);
    expect(driver.counts).toMatchObject({ samplesReceived: 30 * RATE, samplesLost: 0 });
  });
});
