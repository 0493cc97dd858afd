import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filter, firstValueFrom, lastValueFrom, Subject, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeRequest } from '../../../devices/biosignal/decode.ts';
import { FrameDecoder } from '../../../devices/biosignal/decoder.ts';
import { encodeData, encodeDescriptor } from '../../../devices/biosignal/encode.ts';
import type { Descriptor, Request } from '../../../devices/biosignal/frame.ts';
import { biosignal } from '../../../devices/biosignal/index.ts';
import { systemBinding } from '../../../devices/serial/binding.ts';
import { type SerialDeviceOptions, serialDevice } from '../../../devices/serial/index.ts';
import { type PortOpener, portOpener } from '../../../devices/serial/port.ts';
import type { SerialProtocol } from '../../../devices/serial/protocol.ts';
import { createAmplifier } from '../../../devices/simulator/amplifier.ts';
import { loopbackOpener } from '../../../devices/simulator/loopback.ts';
import { systemClock } from '../../../src/clock.ts';
import { isAffectEdgeError } from '../../../src/errors.ts';
import type { Block, DeviceEvent } from '../../../src/samples.ts';
import { describeWithPty, type PtyPair, ptyPair } from '../../support/pty.ts';
import { personSource } from '../../support/simulator.ts';

const RATE = 1000;
const descriptor: Descriptor = {
  deviceId: 'amp',
  modality: 'eeg',
  simulated: true,
  sampleRateHz: RATE,
  sampleFormat: 'int24',
  channels: Array.from({ length: 8 }, (_, i) => ({ label: `C${i}`, unit: 'uV', scale: 1 })),
};

const openSystemPort = portOpener(systemBinding);
const FAST = { firstMs: 5, maxMs: 20 };

/** An amplifier with its own power: its counter runs on while the cable is unplugged. */
class Amplifier {
  readonly requests: Request[] = [];
  readonly #startedMs = performance.now();
  #sent = 0;

  async attach(path: string): Promise<void> {
    const port = await openSystemPort(path, 115_200);
    const decoder = new FrameDecoder();
    let timer: NodeJS.Timeout | undefined;
    port.on('data', (chunk: Uint8Array) =>
      decoder.push(chunk, {
        frame: (_type, bytes, from, to) => {
          const request = decodeRequest(bytes.subarray(from, to))!;
          this.requests.push(request);
          if (request === 'describe') port.write(encodeDescriptor(descriptor));
          if (request === 'start') timer ??= setInterval(send, 2);
        },
        discarded: () => undefined,
      }),
    );
    port.on('close', () => clearInterval(timer));
    port.on('error', () => clearInterval(timer));
    this.#sent = this.#now();
    const send = (): void => {
      const length = Math.min(50, this.#now() - this.#sent);
      if (length === 0 || !port.isOpen) return;
      port.write(encodeData(descriptor, this.#sent, this.#sent * 1000, new Float32Array(8 * length), length));
      this.#sent += length;
    };
  }

  #now(): number {
    return Math.floor(((performance.now() - this.#startedMs) * RATE) / 1000);
  }
}

/** Subscribes, and lets a test wait for a condition; `handling` runs while the samples of a read are emitted. */
function watch(options: Partial<SerialDeviceOptions> & { path: string }, handling = (): void => undefined) {
  const events: DeviceEvent[] = [];
  const news = new Subject<void>();
  let failure: unknown;
  const device = serialDevice({ protocol: biosignal, clock: systemClock, backoff: FAST, ...options });
  const subscription = device.events$.subscribe({
    next: (event) => {
      events.push(event);
      if (event.type === 'samples') handling();
      news.next();
    },
    error: (error: unknown) => {
      failure = error;
      news.next();
    },
  });
  const until = async (met: () => boolean): Promise<void> => {
    while (!met()) {
      if (failure) throw failure;
      await firstValueFrom(news);
    }
  };
  const states = (state: string): number =>
    events.filter((event) => event.type === 'status' && event.state === state).length;
  const blocks = (): Block[] => events.flatMap((event) => (event.type === 'samples' ? [event.block] : []));
  return { events, until, states, blocks, unsubscribe: () => subscription.unsubscribe() };
}

/** Unplugs the cable and blocks until it is out, as a busy host does, which then reads after the end. */
function unplugWhileBusy(pair: PtyPair): Promise<void> {
  const terminal = realpathSync(pair.host);
  const unplugged = pair.unplug();
  while (existsSync(terminal));
  return unplugged;
}

async function failureOf(options: Partial<SerialDeviceOptions> & { path: string }) {
  const { until, unsubscribe } = watch(options);
  try {
    await until(() => false);
  } catch (error) {
    if (isAffectEdgeError(error)) return error;
    throw error;
  } finally {
    unsubscribe();
  }
  throw new Error('unreachable');
}

describeWithPty('serial device on a pty', () => {
  let pair: PtyPair;
  beforeEach(async () => {
    pair = await ptyPair();
  });
  afterEach(() => pair.remove());

  it('streams, and on unsubscribing sends stop and closes the port', async () => {
    const amplifier = new Amplifier();
    await amplifier.attach(pair.device);
    for (let round = 0; round < 2; round++) {
      const seen = watch({ path: pair.host });
      await seen.until(() => seen.blocks().length > 3);
      const kinds = seen.events.map((event) => (event.type === 'status' ? event.state : event.type));
      expect(kinds.slice(0, 4)).toEqual(['connecting', 'info', 'streaming', 'samples']);
      const stops = amplifier.requests.filter((request) => request === 'stop').length;
      seen.unsubscribe();
      await vi.waitFor(() => expect(amplifier.requests.filter((request) => request === 'stop').length).toBe(stops + 1));
    }
  });

  it('reconnects after 20 unplugs during a read, with every gap declared', async () => {
    const amplifier = new Amplifier();
    await amplifier.attach(pair.device);
    let whileHandling: (() => void) | undefined;
    const seen = watch({ path: pair.host }, () => whileHandling?.());
    for (let i = 0; i < 20; i++) {
      const before = seen.blocks().length;
      await seen.until(() => seen.states('streaming') === i + 1 && seen.blocks().length > before + 2);
      let unplugged: Promise<void> | undefined;
      whileHandling = () => {
        unplugged ??= unplugWhileBusy(pair);
      };
      if (i % 2 === 0) unplugged = pair.unplug();
      await seen.until(() => seen.states('lost') > i);
      whileHandling = undefined;
      await unplugged;
      await pair.plug();
      await amplifier.attach(pair.device);
    }
    await seen.until(() => seen.states('streaming') === 21);
    const counted = (): DeviceEvent | undefined => seen.events.findLast((event) => event.type === 'counts');
    await seen.until(() => {
      const event = counted();
      return event?.type === 'counts' && event.counts.reconnects === 20;
    });
    seen.unsubscribe();

    const blocks = seen.blocks();
    for (let i = 1; i < blocks.length; i++) {
      const previous = blocks[i - 1]!;
      expect(blocks[i]!.firstSample).toBe(previous.firstSample + previous.length + blocks[i]!.lostBefore);
      expect(blocks[i]!.hostTimeUs).toBeGreaterThanOrEqual(previous.hostTimeUs);
    }
    expect(blocks.filter((block) => block.lostBefore > 0).length).toBeGreaterThanOrEqual(20);
    // Each was detected as an unplug, not by the watchdog for silence.
    const reasons = seen.events.flatMap((e) => (e.type === 'status' && e.state === 'lost' ? [e.message] : []));
    for (const reason of reasons)
      expect(reason).toMatch(/broke: the device was unplugged \(.+\)$|no serial port|not be opened/);
    // The amplifier ran on, so its counter gives the loss.
    const last = blocks.at(-1)!;
    expect(last.firstSample - blocks[0]!.firstSample).toBe((last.deviceTimeUs - blocks[0]!.deviceTimeUs) / 1000);
  });

  it('does not use a full core after the unplug', async () => {
    const amplifier = new Amplifier();
    await amplifier.attach(pair.device);
    let unplugged: Promise<void> | undefined;
    let cpu: NodeJS.CpuUsage | undefined;
    let from = 0;
    const seen = watch({ path: pair.host, backoff: { firstMs: 400, maxMs: 400 } }, () => {
      if (seen.blocks().length < 3) return;
      unplugged ??= unplugWhileBusy(pair);
      cpu ??= process.cpuUsage();
      from ||= performance.now();
    });
    await seen.until(() => seen.states('lost') === 2);
    const { user, system } = process.cpuUsage(cpu);
    seen.unsubscribe();
    await unplugged;
    expect((user + system) / 1000).toBeLessThan(0.5 * (performance.now() - from));
  });

  it('waits twice as long before each attempt, up to the limit, and starts over after a success', async () => {
    const amplifier = new Amplifier();
    await amplifier.attach(pair.device);
    const seen = watch({ path: pair.host, backoff: { firstMs: 4, maxMs: 16 } });
    const waits = () => seen.events.flatMap((e) => (e.type === 'status' && e.state === 'lost' ? [e.retryInMs] : []));
    await seen.until(() => seen.states('streaming') === 1);
    await pair.unplug();
    await seen.until(() => waits().length === 4);
    expect(waits()).toEqual([4, 8, 16, 16]);
    await pair.plug();
    await amplifier.attach(pair.device);
    await seen.until(() => seen.states('streaming') === 2);
    const before = waits().length;
    await pair.unplug();
    await seen.until(() => waits().length > before);
    expect(waits()[before]).toBe(4);
    seen.unsubscribe();
  });

  it('reports a silent device', async () => {
    const error = await failureOf({ path: pair.host, silentMs: 300 });
    expect(error.code).toBe('DEVICE_SILENT');
    expect(error.message).toContain(pair.host);
  });

  it('treats silence after the first sample as a broken link, and tries again', async () => {
    const amplifier = new Amplifier();
    await amplifier.attach(pair.device);
    // Long enough for the first sample on a busy machine: silence before it is final.
    const seen = watch({ path: pair.host, silentMs: 1500 });
    await seen.until(() => seen.blocks().length > 0);
    await pair.unplug();
    await pair.plug();
    await seen.until(() => seen.events.some((e) => e.type === 'status' && e.message.includes('no sample came')));
    await amplifier.attach(pair.device);
    await seen.until(() => seen.states('streaming') === 2);
    seen.unsubscribe();
  });

  it('names a wrong device', async () => {
    const port = await openSystemPort(pair.device, 115_200);
    const chatter = setInterval(() => port.write('temperature 21.5\r\n'), 50);
    const error = await failureOf({ path: pair.host }).finally(() => clearInterval(chatter));
    expect(error.code).toBe('DEVICE_WRONG');
    expect(error.message).toMatch(/74 65 6d 70.*text/);
  });

  it('refuses a baud that is too low for the declared rate', async () => {
    await new Amplifier().attach(pair.device);
    const error = await failureOf({ path: pair.host, baud: 115_200 });
    expect(error.code).toBe('BAUD_TOO_LOW');
    expect(error.message).toMatch(new RegExp(`^${pair.host}: 115200 baud`));
  });

  it('reports a busy port', async () => {
    const holder = await openSystemPort(pair.host, 115_200);
    const error = await failureOf({ path: pair.host });
    holder.close();
    expect(error.code).toBe('PORT_BUSY');
    expect(error.message).not.toContain('Error');
  });

  it('reports a file that is not a port', async () => {
    const path = join(dirname(pair.host), 'file');
    writeFileSync(path, 'text');
    const { code, message } = await failureOf({ path });
    expect(code).toBe('PORT_FAILED');
    expect(message).toMatch(/could not be opened: (?!Error)/);
  });
});

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
