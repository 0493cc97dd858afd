import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { CLOSE_CODE, ERROR_CODE } from '../../src/api/protocol.ts';
import { ClientError, type ClientEvent, connect, type RawFrame } from '../../src/client/index.ts';
import { client, closeAfterEach, collector, open, serve, sockets } from '../support/clients.ts';
import { FakeService, noticeEvent, predictionEvent, rawEvent } from '../support/fake-service.ts';

closeAfterEach();

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
