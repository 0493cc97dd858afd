import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { CLOSE_CODE, ERROR_CODE } from '../../src/api/protocol.ts';
import {
  type Client,
  ClientError,
  type ClientEvent,
  type ClientOptions,
  connect,
  type RawFrame,
} from '../../src/client/index.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import {
  deviceEvent,
  FAKE_EYE_MODEL,
  FAKE_MODEL,
  FAKE_STREAM,
  FakeService,
  featuresEvent,
  markerEvent,
  noticeEvent,
  predictionEvent,
  rawEvent,
  serverOptions,
} from '../support/fake-service.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

/** All connections, in the order in which the clients made them. A test breaks one by its index. */
const sockets: WebSocket[] = [];
class WatchedSocket extends WebSocket {
  constructor(url: string, protocols?: string | string[]) {
    super(url, protocols);
    sockets.push(this);
  }
}
beforeEach(() => {
  sockets.length = 0;
});

async function serve(
  service = new FakeService(),
  config: Parameters<typeof serverOptions>[0] = {},
): Promise<RunningServer> {
  const server = await startServer(service, serverOptions(config));
  open.push(server);
  return server;
}

function client(url: string, options: ClientOptions = {}): Client {
  const made = connect(url, { WebSocket: WatchedSocket, minBackoffMs: 5, maxBackoffMs: 20, ...options });
  open.push(made);
  return made;
}

/** A handler that keeps its arguments; `reach` waits until it has been called `count` times. */
function collector<T>() {
  const items: T[] = [];
  const handler = (item: T) => void items.push(item);
  const reach = (count: number) =>
    vi.waitFor(() => expect(items.length).toBeGreaterThanOrEqual(count), { interval: 5 });
  return { items, handler, reach };
}

const TOKEN = {
  name: 'a',
  sha256: createHash('sha256').update('secret').digest('hex'),
  scopes: ['predictions' as const],
};

describe('a connected client', () => {
  it('describes the server, receives typed events and sends commands', async () => {
    const service = new FakeService();
    const server = await serve(service);
    const c = client(server.wsUrl);
    const hello = await c.opened();
    expect(hello).toMatchObject({ session: 'session-1', simulated: true });
    expect(c).toMatchObject({ hello, state: { name: 'open' } });

    const predictions = collector<ClientEvent<'prediction'>>();
    const markers = collector<ClientEvent<'marker'>>();
    const raw = collector<RawFrame>();
    const notices = collector<unknown>();
    const { sub, labels } = await c.subscribe('prediction', {}, predictions.handler).accepted;
    expect({ sub, labels }).toEqual({ sub: 1, labels: ['negative', 'neutral', 'positive'] });
    await c.subscribe('marker', { policy: 'all' }, markers.handler).accepted;
    await c.subscribe('raw', {}, raw.handler).accepted;
    c.onNotice(notices.handler);

    service.publish(predictionEvent(), rawEvent(100, 40), noticeEvent());
    await c.marker('go');
    expect(predictions.items).toEqual([{ type: 'event', sub: 1, seq: 1, dropped: 0, ...predictionEvent() }]);
    expect(markers.items.map(({ data }) => data.label)).toEqual(['go']);
    expect(notices.items).toEqual([noticeEvent()]);
    expect(raw.items[0]).toMatchObject({ seq: 1, info: { firstSample: 100, channels: 2, samples: 40 } });
    expect(raw.items[0]!.data[40]).toBe(1100);
    expect((await c.ping()).clock.unix_us).toBeGreaterThan(1e15);
  });

  it('accepts and closes subscriptions before it is connected', async () => {
    const service = new FakeService();
    const server = await serve(service);
    const c = client(server.wsUrl);
    const kept = collector<unknown>();
    const ended = collector<unknown>();
    const never = c.subscribe('prediction', {}, ended.handler);
    never.close();
    const late = c.subscribe('prediction', {}, ended.handler);
    await c.subscribe('prediction', { policy: 'latest', minPeriodMs: 0 }, kept.handler).accepted;
    late.close();
    await c.ping(); // the server has read the unsubscription before the ping
    expect(server.stats.subscriptions.prediction).toBe(1);
    service.publish(predictionEvent());
    await kept.reach(1);
    expect(ended.items).toEqual([]);
  });

  it('subscribes once when a state listener subscribes', async () => {
    const server = await serve();
    const c = client(server.wsUrl);
    const accepted = new Promise((resolve) => {
      c.onState((state) => state.name === 'open' && resolve(c.subscribe('prediction', {}, () => {}).accepted));
    });
    expect(await accepted).toMatchObject({ sub: 1 });
    await c.ping();
    expect(server.stats.subscriptions.prediction).toBe(1);
  });

  it('calls a listener that another listener adds once with the state', async () => {
    const c = client((await serve()).wsUrl);
    const inner = collector<string>();
    c.onState((state) => state.name === 'open' && c.onState(({ name }) => inner.handler(name)));
    await c.opened();
    await c.ping();
    expect(inner.items).toEqual(['open']);
  });

  // Node 20 has no WebSocket.
  it.skipIf(globalThis.WebSocket === undefined)('works with the WebSocket of the runtime', async () => {
    const service = new FakeService();
    const first = await serve(service, { tokens: [TOKEN] });
    const c = connect(first.wsUrl, { token: 'secret', minBackoffMs: 5, maxBackoffMs: 20 });
    open.push(c);
    const predictions = collector<ClientEvent<'prediction'>>();
    await c.subscribe('prediction', {}, predictions.handler).accepted;
    service.publish(predictionEvent());
    await predictions.reach(1);
    await first.close();
    const port = Number(new URL(first.httpUrl).port);
    const second = await serve(service, { port });
    await vi.waitFor(() => expect(second.stats.subscriptions.prediction).toBe(1));
    const raw = collector<RawFrame>();
    await c.subscribe('raw', {}, raw.handler).accepted;
    service.publish(rawEvent(100, 40));
    await raw.reach(1);
    expect(raw.items[0]!.data[40]).toBe(1100);
    c.close();
    await vi.waitFor(() => expect(second.stats.clients).toBe(0));
  });

  it('rejects with the error of the server', async () => {
    const service = new FakeService();
    const server = await serve(service, { tokens: [TOKEN] });
    const c = client(server.wsUrl, { token: 'secret' });
    await c.opened();
    const refused = c.subscribe('raw', {}, () => {});
    await expect(refused.accepted).rejects.toThrow(ClientError);
    await expect(refused.accepted).rejects.toMatchObject({ code: ERROR_CODE.forbidden, retryable: false });
    await expect(c.marker('x')).rejects.toMatchObject({ code: ERROR_CODE.forbidden });
    c.close();
    await expect(c.ping()).rejects.toMatchObject({ code: 1006, retryable: true });
    await expect(c.opened()).rejects.toMatchObject({ code: 1000 });
    await expect(c.subscribe('device', {}, () => {}).accepted).rejects.toMatchObject({ code: 1000 });
  });
});

describe('a connection', () => {
  it('is made again, and the subscriptions resume', async () => {
    const service = new FakeService();
    const server = await serve(service);
    const c = client(server.wsUrl);
    const states = collector<string>();
    c.onState(({ name }) => states.handler(name));
    const predictions = collector<ClientEvent<'prediction'>>();
    const gaps: unknown[] = [];
    await c.subscribe('prediction', { onGap: (missed) => gaps.push(missed) }, predictions.handler).accepted;
    service.publish(predictionEvent());
    await predictions.reach(1);
    sockets[0]!.terminate();
    service.publish(predictionEvent(), predictionEvent());
    await predictions.reach(3);
    service.publish(predictionEvent());
    await predictions.reach(4);
    expect(predictions.items.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(gaps).toEqual([]);
    expect(states.items).toEqual(['connecting', 'open', 'waiting', 'connecting', 'open']);
  });

  it('reports how many events are lost', async () => {
    const service = new FakeService();
    const server = await serve(service, { limits: { replay_events: 2 } });
    const c = client(server.wsUrl);
    const features = collector<ClientEvent<'features'>>();
    const gaps: unknown[] = [];
    await c.subscribe('features', { onGap: (missed) => gaps.push(missed) }, features.handler).accepted;
    service.publish(featuresEvent());
    await features.reach(1);
    sockets[0]!.terminate();
    for (let i = 0; i < 5; i++) service.publish(featuresEvent());
    await features.reach(3);
    expect(features.items.map(({ seq }) => seq)).toEqual([1, 5, 6]);
    expect(gaps).toEqual([3]);
  });

  it('resumes each source separately, and counts only lost events of subscribed sources', async () => {
    const service = new FakeService('session-1', [FAKE_MODEL, FAKE_EYE_MODEL]);
    const server = await serve(service, { limits: { replay_events: 6 } });
    const c = client(server.wsUrl);
    const all = collector<ClientEvent<'prediction'>>();
    const eeg = collector<ClientEvent<'prediction'>>();
    const raw = collector<RawFrame>();
    const gaps: unknown[] = [];
    const onGap = (missed: number | null): void => void gaps.push(missed);
    await c.subscribe('prediction', { onGap }, all.handler).accepted;
    await c.subscribe('prediction', { source: 'eeg', onGap }, eeg.handler).accepted;
    const eye = { ...predictionEvent(), source: 'eye' } as const;
    service.publish(predictionEvent(), ...Array.from({ length: 20 }, () => eye));
    await all.reach(21);
    await eeg.reach(1);
    sockets[0]!.terminate();
    service.publish(eye, predictionEvent(), eye);
    await all.reach(24);
    await eeg.reach(2);
    expect(all.items.slice(21).map(({ source, seq }) => [source, seq])).toEqual([
      ['eye', 21],
      ['eeg', 2],
      ['eye', 22],
    ]);
    expect(eeg.items.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(gaps).toEqual([]);
    sockets[1]!.terminate();
    service.publish(predictionEvent(), ...Array.from({ length: 10 }, () => eye));
    await all.reach(31);
    await eeg.reach(3);
    expect(gaps).toEqual([4]); // events of the eye tracker, on the subscription of all sources
    await c.subscribe('raw', {}, raw.handler).accepted;
    service.publish(rawEvent(0, 40), rawEvent(0, 40, 0, { ...FAKE_STREAM, modality: 'eye' }), rawEvent(40, 40));
    await raw.reach(3);
    expect(raw.items.map(({ info, seq }) => [info.modality, seq])).toEqual([
      ['eeg', 1],
      ['eye', 1],
      ['eeg', 2],
    ]);
  });

  it('is made again after a restart of the server, which cannot tell what was missed', async () => {
    const first = await serve(new FakeService('session-1'));
    const port = Number(new URL(first.httpUrl).port);
    const c = client(first.wsUrl);
    const device = collector<ClientEvent<'device'>>();
    const markers = collector<ClientEvent<'marker'>>();
    const gaps: unknown[] = [];
    await c.subscribe('device', {}, device.handler).accepted;
    await c.subscribe('marker', { onGap: (missed) => gaps.push(missed) }, markers.handler).accepted;
    await c.marker('before');
    await first.close();
    await expect(c.marker('lost')).rejects.toMatchObject({ retryable: true });
    const service = new FakeService('session-2');
    service.publish(deviceEvent());
    const second = await serve(service, { port });
    await vi.waitFor(() => expect(second.stats.subscriptions).toMatchObject({ device: 1, marker: 1 }));
    service.publish(markerEvent('after'), deviceEvent());
    await markers.reach(2);
    await device.reach(1);
    expect(markers.items.map(({ data }) => data.label)).toEqual(['before', 'after']);
    expect(gaps).toEqual([null]);
    expect(c.hello?.session).toBe('session-2');
  });

  it('is tried again with growing pauses until the client is closed', async () => {
    const server = await serve();
    await server.close();
    const c = client(server.wsUrl, { minBackoffMs: 4, maxBackoffMs: 16 });
    const pauses = collector<number>();
    c.onState((state) => state.name === 'waiting' && pauses.handler(state.retryInMs));
    await pauses.reach(5);
    c.close();
    [4, 8, 16, 16, 16].forEach((longest, i) => {
      expect(pauses.items[i]).toBeGreaterThanOrEqual(longest / 2);
      expect(pauses.items[i]).toBeLessThanOrEqual(longest);
    });
    expect(c.state).toMatchObject({ name: 'closed', code: 1000 });
  });

  it('to a server that is not affect-edge is closed and tried again', async () => {
    const other = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(other, 'listening');
    other.on('connection', (socket) => socket.send('welcome to the chat'));
    open.push(other);
    const c = client(`ws://127.0.0.1:${(other.address() as AddressInfo).port}`);
    const reasons = collector<string>();
    c.onState((state) => state.name === 'waiting' && reasons.handler(state.reason));
    await reasons.reach(2);
    expect(reasons.items[0]).toContain('is not affect-edge');
  });

  it('is detected when the server stops responding', async () => {
    const server = await serve();
    const hello = await client(server.wsUrl).opened();
    const silent = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(silent, 'listening');
    silent.on('connection', (socket) => socket.send(JSON.stringify(hello)));
    open.push({
      close() {
        for (const socket of silent.clients) socket.terminate();
        silent.close();
      },
    });
    const c = client(`ws://127.0.0.1:${(silent.address() as AddressInfo).port}`, { heartbeatMs: 10 });
    const states = collector<unknown>();
    c.onState(states.handler);
    await vi.waitFor(() =>
      expect(states.items).toContainEqual(
        expect.objectContaining({ name: 'waiting', reason: 'the server does not respond' }),
      ),
    );
  });

  it('stays open while the server answers the heartbeat', async () => {
    const server = await serve();
    const c = client(server.wsUrl, { heartbeatMs: 10 });
    await c.opened();
    await vi.waitFor(() => expect(server.stats.commands.ok).toBeGreaterThan(3));
    expect(sockets.length).toBe(1);
    expect(c.state.name).toBe('open');
  });
});

describe('a refused client', () => {
  it.each([
    ['without a token', {}],
    ['with a wrong token', { token: 'wrong' }],
  ])('%s is closed for good', async (_, options) => {
    const server = await serve(new FakeService(), { tokens: [TOKEN] });
    const c = client(server.wsUrl, options);
    const subscription = c.subscribe('prediction', {}, () => {});
    await expect(c.opened()).rejects.toMatchObject({ code: CLOSE_CODE.unauthenticated, retryable: false });
    await expect(subscription.accepted).rejects.toMatchObject({ code: CLOSE_CODE.unauthenticated });
    expect(c.state).toMatchObject({ name: 'closed', code: CLOSE_CODE.unauthenticated });
    expect(sockets.length).toBe(1);
  });

  it('says what to pass where the runtime has no WebSocket', () => {
    vi.stubGlobal('WebSocket', undefined);
    expect(() => connect('ws://127.0.0.1:1/v1/stream')).toThrow(/connect\(url, \{ WebSocket \}\)/);
    vi.unstubAllGlobals();
  });
});
