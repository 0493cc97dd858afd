import { once } from 'node:events';
import { createServer as createWebServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { firstValueFrom, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GazepointOptions, gazepointDevice } from '../../../devices/gazepoint/index.ts';
import { OpenGazeTracker } from '../../../devices/gazepoint/tracker.ts';
import { TrackerServer } from '../../../devices/gazepoint/tracker-server.ts';
import { systemClock } from '../../../src/clock.ts';
import { isAffectEdgeError } from '../../../src/errors.ts';
import type { DeviceEvent } from '../../../src/samples.ts';
import { FakeTracker } from '../../support/fake-tracker.ts';
import { blocksOf, frameIn, TRACKER } from '../../support/gazepoint.ts';

const FAST = { firstMs: 5, maxMs: 20 };

/** Subscribes, and lets a test wait for a condition. */
function watch(port: number, options: Partial<GazepointOptions> = {}) {
  const events: DeviceEvent[] = [];
  const news = new Subject<void>();
  let failure: unknown;
  const device = gazepointDevice({ host: '127.0.0.1', port, clock: systemClock, backoff: FAST, ...options });
  const subscription = device.events$.subscribe({
    next: (event) => {
      events.push(event);
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
  const statuses = (state: string): string[] =>
    events.flatMap((event) => (event.type === 'status' && event.state === state ? [event.message] : []));
  const blocks = () => blocksOf(events);
  return { device, events, until, statuses, blocks, unsubscribe: () => subscription.unsubscribe() };
}

async function failureOf(port: number, options: Partial<GazepointOptions> = {}): Promise<string> {
  const { until, unsubscribe } = watch(port, options);
  try {
    await until(() => false);
  } catch (error) {
    if (isAffectEdgeError(error)) return `${error.code}: ${error.message}`;
    throw error;
  } finally {
    unsubscribe();
  }
  throw new Error('unreachable');
}

/** A server of another kind, on a free port. */
async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

describe('a Gazepoint tracker over TCP', () => {
  let tracker: FakeTracker;
  beforeEach(async () => {
    tracker = await new FakeTracker().start();
  });
  afterEach(() => tracker.remove());

  /** Checks that every sample has the index of its frame, and that every gap is declared. */
  const expectInPlace = (seen: ReturnType<typeof watch>): void => {
    const blocks = seen.blocks();
    const first = frameIn(blocks[0]!);
    let next = 0;
    let hostUs = Number.NEGATIVE_INFINITY;
    for (const block of blocks) {
      expect(block.firstSample).toBe(next + block.lostBefore);
      expect(frameIn(block)).toBe((first + block.firstSample) % 4096);
      expect(block.hostTimeUs).toBeGreaterThanOrEqual(hostUs);
      next = block.firstSample + block.length;
      hostUs = block.hostTimeUs;
    }
  };

  it('streams, and describes itself', async () => {
    const seen = watch(tracker.port);
    await seen.until(() => seen.blocks().length > 100);
    seen.unsubscribe();
    expect(seen.device.name).toBe('gazepoint');
    const kinds = seen.events.map((event) => (event.type === 'status' ? event.state : event.type));
    expect(kinds.slice(0, 4)).toEqual(['connecting', 'info', 'streaming', 'samples']);
    expect(seen.statuses('connecting')).toEqual([`connecting to 127.0.0.1:${tracker.port}`]);
    expect(seen.events[1]).toMatchObject({ info: { sampleRateHz: 60, geometry: { screenPx: [2000, 1000] } } });
    expectInPlace(seen);
  });

  it('reconnects after resets and closed connections, with every gap declared', async () => {
    const seen = watch(tracker.port);
    const breaks = 6;
    for (let i = 0; i < breaks; i++) {
      const before = seen.blocks().length;
      await seen.until(() => seen.statuses('streaming').length === i + 1 && seen.blocks().length > before + 20);
      tracker.drop(i % 2 === 0 ? 'reset' : 'close');
      await seen.until(() => seen.statuses('lost').length > i);
    }
    const reconnected = (): boolean =>
      seen.events.some((event) => event.type === 'counts' && event.counts.reconnects === breaks);
    await seen.until(reconnected);
    seen.unsubscribe();
    expectInPlace(seen);
    expect(seen.blocks().filter((block) => block.lostBefore > 0)).toHaveLength(breaks);
    expect(seen.events.filter((event) => event.type === 'info')).toHaveLength(1);
    for (const reason of seen.statuses('lost'))
      expect(reason).toMatch(
        /^the link to 127\.0\.0\.1:\d+ broke: (the other end closed|the connection failed \(.*ECONNRESET)/,
      );
    const { counts } = seen.events.findLast((event) => event.type === 'counts')!;
    expect(counts.samplesReceived + counts.samplesLost).toBeLessThanOrEqual(seen.blocks().at(-1)!.firstSample + 1);
  });

  it('reconnects to a program that was closed and started again', async () => {
    const seen = watch(tracker.port);
    await seen.until(() => seen.blocks().length > 20);
    await tracker.stop();
    await seen.until(() => seen.statuses('lost').some((reason) => reason.includes('refuses the connection')));
    await tracker.start();
    await seen.until(() => seen.statuses('streaming').length === 2);
    seen.unsubscribe();
    expectInPlace(seen);
  });

  it('continues the index where the tracker restarts', async () => {
    const seen = watch(tracker.port);
    await seen.until(() => seen.blocks().length > 300);
    await tracker.stop();
    await seen.until(() => seen.statuses('lost').length > 0);
    tracker.restart();
    await tracker.start();
    const before = seen.blocks().length;
    await seen.until(() => seen.blocks().length > before + 20);
    seen.unsubscribe();
    let next = 0;
    for (const { firstSample, lostBefore, length } of seen.blocks()) {
      expect(firstSample).toBe(next + lostBefore);
      next = firstSample + length;
    }
  });

  it('reads lines that are cut anywhere', async () => {
    tracker.cutting = true;
    const seen = watch(tracker.port);
    const counted = (): boolean =>
      seen.events.some((event) => event.type === 'counts' && event.counts.samplesReceived > 100);
    await seen.until(counted);
    seen.unsubscribe();
    expectInPlace(seen);
    expect(seen.events.findLast((event) => event.type === 'counts')).toMatchObject({
      counts: { bytesDiscarded: 0, samplesLost: 0 },
    });
  });

  it('treats silence as a broken connection, and tries again', async () => {
    // In real time, because the host's clock must agree with the tracker's time over so long a gap.
    const slow = await new FakeTracker({}, 1).start();
    // Long enough for the first sample on a busy machine: silence before it is final.
    const seen = watch(slow.port, { silentMs: 2500 });
    await seen.until(() => seen.blocks().length > 0);
    slow.stalled = true;
    await seen.until(() => seen.statuses('lost').length > 0);
    expect(seen.statuses('lost')[0]).toMatch(/^no sample came from .* for 2.5 s .*Its records have stopped/);
    slow.stalled = false;
    await seen.until(() => seen.statuses('streaming').length === 2);
    seen.unsubscribe();
    expectInPlace(seen);
    await slow.remove();
  });

  it('ends with an error where it is silent from the start', async () => {
    tracker.stalled = true;
    expect(await failureOf(tracker.port, { silentMs: 300 })).toMatch(
      /^DEVICE_SILENT: no sample came from 127\.0\.0\.1:\d+ for 0\.3 s \(0 bytes so far\)\. Is Gazepoint Control running there/,
    );
  });

  it('serves several subscribers', async () => {
    const both = [watch(tracker.port), watch(tracker.port)];
    for (const seen of both) await seen.until(() => seen.blocks().length > 20);
    for (const seen of both) {
      seen.unsubscribe();
      expectInPlace(seen);
    }
  });
});

describe('the end of a connection', () => {
  it('stops the tracker before it is closed', async () => {
    const tracker = new OpenGazeTracker(TRACKER);
    const states: boolean[] = [];
    const server = createServer((socket) => {
      socket.on('data', (bytes: Uint8Array) => {
        socket.write(tracker.receive(bytes));
        states.push(tracker.streaming);
      });
    });
    const port = await listening(server);
    const connected = once(server, 'connection');
    const seen = watch(port);
    const [socket] = await connected;
    await once(socket, 'data');
    seen.unsubscribe();
    await once(socket, 'close');
    server.close();
    expect([states[0], states.at(-1)]).toEqual([true, false]);
  });
});

describe('a connection without a Gazepoint tracker', () => {
  it('names a web server', async () => {
    const server = createWebServer();
    const port = await listening(server);
    expect(await failureOf(port)).toMatch(
      new RegExp(
        `^DEVICE_WRONG: 127\\.0\\.0\\.1:${port}: a web server answers with "HTTP/1.1 400 Bad Request": is this the port of`,
      ),
    );
    server.close();
  });

  it('names an address where nothing listens', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');
    expect(await failureOf(port)).toMatch(/^HOST_UNREACHABLE: .*refuses the connection.*Start Gazepoint Control there/);
  });

  it('names a server that closes the connection', async () => {
    const server = createServer((socket) => socket.end());
    const port = await listening(server);
    expect(await failureOf(port)).toMatch(/^PORT_FAILED: the link to 127.* broke: the other end closed the connection/);
    server.close();
  });

  it('names an older tracker', async () => {
    const old = await new FakeTracker({ unknown: ['ENABLE_SEND_POG_LEFT'] }).start();
    expect(await failureOf(old.port)).toMatch(/^DEVICE_WRONG: 127.*: Gazepoint Control refuses ENABLE_SEND_POG_LEFT/);
    await old.remove();
  });
});

describe('a simulated tracker that listens', () => {
  it('names a port that is taken', async () => {
    const first = new TrackerServer(TRACKER);
    const port = await first.listen(0);
    await expect(new TrackerServer(TRACKER).listen(port)).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: `the tracker can't listen on 127.0.0.1:${port}: another program uses this port, choose another one`,
    });
    await first.close();
  });
});
