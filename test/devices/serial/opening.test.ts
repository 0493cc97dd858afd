import { filter, firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { biosignal } from '../../../devices/biosignal/index.ts';
import { serialDevice } from '../../../devices/serial/index.ts';
import { type PortOpener, portOpener } from '../../../devices/serial/port.ts';
import type { SerialProtocol } from '../../../devices/serial/protocol.ts';
import { createAmplifier } from '../../../devices/simulator/amplifier.ts';
import { loopbackOpener } from '../../../devices/simulator/loopback.ts';
import { systemClock } from '../../../src/clock.ts';
import { failureOf, watch } from '../../support/serial.ts';
import { personSource } from '../../support/simulator.ts';

describe('a port that still holds the bytes of another device', () => {
  it('is flushed once, before the first command is sent', async () => {
    const amplifier = createAmplifier({ protocol: 'biosignal', source: personSource(['C3'], 250) });
    const opener = loopbackOpener({ amplifier, clock: systemClock });
    const calls: string[] = [];
    const openPort: PortOpener = async (path, baud) => {
      const port = await opener(path, baud);
      const binding = port.port!;
      const { flush, write } = binding;
      // The driver returns the held bytes at the first read.
      let held = Buffer.from('temperature 21.5');
      const read = binding.read.bind(binding);
      binding.read = async (buffer, offset, length) => {
        if (held.length === 0) return read(buffer, offset, length);
        const bytesRead = held.copy(buffer, offset, 0, length);
        held = held.subarray(bytesRead);
        return { buffer, bytesRead };
      };
      binding.flush = async () => {
        calls.push('flush');
        held = Buffer.alloc(0);
        await flush.call(binding);
      };
      binding.write = async (bytes) => {
        calls.push('write');
        await write.call(binding, bytes);
      };
      return port;
    };
    const seen = watch({ path: 'simulator', openPort });
    await seen.until(() => seen.events.some((event) => event.type === 'counts' && event.counts.samplesReceived > 0));
    seen.unsubscribe();
    expect(calls.slice(0, 2)).toEqual(['flush', 'write']);
    expect(calls.filter((call) => call === 'flush')).toHaveLength(1);
    expect(seen.events.find((event) => event.type === 'counts')).toMatchObject({ counts: { bytesDiscarded: 0 } });
  });
});

describe('serial device that does not open', () => {
  const refusing = (reason: string) =>
    portOpener({ list: async () => [port('/dev/ttyACM7')], open: () => Promise.reject(new Error(reason)) });
  const port = (path: string) => ({
    path,
    manufacturer: undefined,
    serialNumber: undefined,
    pnpId: undefined,
    locationId: undefined,
    productId: undefined,
    vendorId: undefined,
  });

  it('lists the existing ports when the named one is missing', async () => {
    const error = await failureOf({
      path: '/dev/none',
      openPort: refusing('Error: No such file or directory, cannot open'),
    });
    expect(error).toMatchObject({ code: 'PORT_NOT_FOUND', message: expect.stringContaining('/dev/ttyACM7') });
  });

  it('is reported as missing also when the ports cannot be listed', async () => {
    const openPort = portOpener({
      list: () => Promise.reject(new Error('spawn udevadm ENOENT')),
      open: () => Promise.reject(new Error('Error: No such file or directory, cannot open')),
    });
    expect(await failureOf({ path: '/dev/none', openPort })).toMatchObject({ code: 'PORT_NOT_FOUND' });
  });

  it('explains how to get permission for a port', async () => {
    const error = await failureOf({
      path: '/dev/ttyACM0',
      openPort: refusing('Error: Permission denied, cannot open'),
    });
    expect(error).toMatchObject({ code: 'PORT_NO_PERMISSION', message: expect.stringContaining('dialout') });
  });

  it("gives the system's reason", async () => {
    const folder = { path: '/tmp', openPort: refusing('Error: Is a directory, cannot open /tmp') };
    expect((await failureOf(folder)).message).toBe('/tmp could not be opened: Is a directory');
    const held = { path: '/dev/x', openPort: refusing('Error Resource temporarily unavailable Cannot lock port') };
    expect(await failureOf(held)).toMatchObject({
      code: 'PORT_BUSY',
      message: expect.stringContaining('(Resource temporarily unavailable Cannot lock port)'),
    });
  });

  it('finds a missing port with the real binding', async () => {
    expect(await failureOf({ path: '/dev/affect-edge-none' })).toMatchObject({ code: 'PORT_NOT_FOUND' });
  });

  it('is cold: nothing is opened before a subscription, and each opens the port again', async () => {
    let opened = 0;
    const device = serialDevice({
      protocol: biosignal,
      path: '/dev/x',
      clock: systemClock,
      openPort: () => {
        opened++;
        return Promise.reject(new Error('refused'));
      },
    });
    expect(opened).toBe(0);
    for (const turn of [1, 2]) {
      expect(await lastValueFrom(device.events$.pipe(take(1), toArray()))).toMatchObject([{ state: 'connecting' }]);
      await expect(lastValueFrom(device.events$)).rejects.toThrow('refused');
      expect(opened).toBeGreaterThanOrEqual(turn);
    }
  });
});

describe('serial device in one process', () => {
  it('writes nothing after its stop command, whatever the driver still asks for', async () => {
    const text = (letter: string): Uint8Array => new TextEncoder().encode(letter);
    const info = { deviceId: 'a', modality: 'eeg', channels: [], sampleRateHz: 1, simulated: true } as const;
    const block = { info, firstSample: 0, length: 0, data: new Float32Array(), lostBefore: 0 };
    const times = { deviceTimeUs: 0, hostTimeUs: 0, clockErrUs: 0 };
    const protocol: SerialProtocol = {
      name: 'letters',
      defaultBaud: 115_200,
      createDriver() {
        let asked = '';
        return {
          opened: () => [text('o')],
          push() {
            asked = 'b';
            return [{ type: 'samples', block: { ...block, ...times } }];
          },
          tick: () => [],
          takeWrites: () => (asked ? [text(asked)] : []),
          interrupted: () => [],
          closing: () => [text('s')],
          counts: { bytesReceived: 0, bytesDiscarded: 0, samplesReceived: 0, samplesLost: 0 },
        };
      },
    };
    let heard = '';
    const openPort = loopbackOpener({
      clock: systemClock,
      amplifier: {
        receive: (bytes) => {
          heard += Buffer.from(bytes).toString();
        },
        advance: () => text(heard.endsWith('o') ? 'x' : ''),
        plugged: true,
        ended: false,
        counts: { made: 0, delivered: 0, dropped: 0, damaged: 0, late: 0 },
      },
    });
    const { events$ } = serialDevice({ protocol, path: 'simulator', clock: systemClock, openPort });
    for (let round = 0; round < 3; round++)
      await firstValueFrom(events$.pipe(filter(({ type }) => type === 'samples')));
    // The third opening has been received, and so has everything before it.
    expect(heard).toMatch(/^ososos?$/);
  });
});
