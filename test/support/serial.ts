import { existsSync, realpathSync } from 'node:fs';
import { firstValueFrom, Subject } from 'rxjs';
import { decodeRequest } from '../../devices/biosignal/decode.ts';
import { FrameDecoder } from '../../devices/biosignal/decoder.ts';
import { encodeData, encodeDescriptor } from '../../devices/biosignal/encode.ts';
import type { Descriptor, Request } from '../../devices/biosignal/frame.ts';
import { biosignal } from '../../devices/biosignal/index.ts';
import { systemBinding } from '../../devices/serial/binding.ts';
import { type SerialDeviceOptions, serialDevice } from '../../devices/serial/index.ts';
import { portOpener } from '../../devices/serial/port.ts';
import { systemClock } from '../../src/clock.ts';
import { isAffectEdgeError } from '../../src/errors.ts';
import type { Block, DeviceEvent } from '../../src/samples.ts';
import type { PtyPair } from './pty.ts';

const RATE = 1000;
const descriptor: Descriptor = {
  deviceId: 'amp',
  modality: 'eeg',
  simulated: true,
  sampleRateHz: RATE,
  sampleFormat: 'int24',
  channels: Array.from({ length: 8 }, (_, i) => ({ label: `C${i}`, unit: 'uV', scale: 1 })),
};

export const openSystemPort = portOpener(systemBinding);
const FAST = { firstMs: 5, maxMs: 20 };

/** An amplifier with its own power: its counter runs on while the cable is unplugged. */
export class PoweredAmplifier {
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
export function watch(options: Partial<SerialDeviceOptions> & { path: string }, handling = (): void => undefined) {
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
export function unplugWhileBusy(pair: PtyPair): Promise<void> {
  const terminal = realpathSync(pair.host);
  const unplugged = pair.unplug();
  while (existsSync(terminal));
  return unplugged;
}

export async function failureOf(options: Partial<SerialDeviceOptions> & { path: string }) {
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
