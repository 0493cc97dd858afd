import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import type { ClientEvent, RawFrame } from '../../src/client/index.ts';
import { client, closeAfterEach, collector, open, serve, sockets } from '../support/clients.ts';
import {
  deviceEvent,
  FAKE_EYE_MODEL,
  FAKE_MODEL,
  FAKE_STREAM,
  FakeService,
  featuresEvent,
  markerEvent,
  predictionEvent,
  rawEvent,
} from '../support/fake-service.ts';

closeAfterEach();

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
