import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CLOSE_CODE } from '../../src/api/protocol.ts';
import { decodeRawFrame } from '../../src/client/raw.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import {
  FakeService,
  featuresEvent,
  markerEvent,
  predictionEvent,
  rawEvent,
  serverOptions,
} from '../support/fake-service.ts';
import { TestClient } from '../support/test-client.ts';

const open: (RunningServer | TestClient)[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await (thing instanceof TestClient ? thing.end() : thing.close());
});

async function start(limits: NonNullable<Parameters<typeof serverOptions>[0]>['limits'] = {}) {
  const service = new FakeService();
  const server = await startServer(service, serverOptions({ limits }));
  open.push(server);
  const subscribed = async (...streams: string[]) => {
    const client = new TestClient(server.wsUrl);
    open.push(client);
    await client.next();
    for (const stream of streams) await client.ask({ id: 1, type: 'subscribe', stream });
    return client;
  };
  return { service, server, subscribed };
}

/** So many events of 20 KB do not fit into the socket buffers of the operating system. */
const MANY = 1000;
const BIG = featuresEvent(1000);

describe('a client that stops reading', () => {
  it('delays no other client, misses only events that newer ones replace, and learns how many', async () => {
    const { service, server, subscribed } = await start({ drop_raw_bytes: 32_768, latest_wins_bytes: 65_536 });
    const other = await subscribed('features', 'marker');
    const stalled = await subscribed('features', 'marker', 'raw');
    stalled.socket.pause();
    for (let seq = 1; seq <= MANY; seq++) {
      service.publish(BIG, markerEvent(`m${seq}`), rawEvent(50 * seq, 50));
      expect(await other.next()).toMatchObject({ stream: 'features', seq, dropped: 0 });
      expect(await other.next()).toMatchObject({ stream: 'marker', seq, dropped: 0 });
    }
    expect(server.stats).toMatchObject({ cut: 0, clients: 2 });
    expect(server.stats.dropped.raw).toBeGreaterThanOrEqual(server.stats.dropped.features);
    expect(server.stats.dropped).toMatchObject({ marker: 0, features: expect.toSatisfy((n: number) => n > MANY / 10) });

    stalled.socket.resume();
    const markers: unknown[] = [];
    const accounted = { features: 0, raw: 0 };
    let newest = 0;
    while (markers.length < MANY || newest < MANY) {
      const message = await stalled.take();
      if (Buffer.isBuffer(message)) {
        const frame = decodeRawFrame(new Uint8Array(message).buffer)!;
        accounted.raw += 1 + frame.dropped;
        expect(accounted.raw).toBe(frame.seq);
      } else if ('stream' in message && message.stream === 'features') {
        accounted.features += 1 + message.dropped;
        newest = message.seq;
        expect(accounted.features).toBe(newest);
      } else if ('stream' in message && message.stream === 'marker') markers.push(message.data.label);
    }
    expect(markers).toEqual(Array.from({ length: MANY }, (_, i) => `m${i + 1}`));
    service.publish(rawEvent(0, 50, 1)); // the first frame after the stall has the number of dropped frames
    const last = decodeRawFrame(new Uint8Array((await stalled.take()) as Buffer).buffer)!;
    expect(accounted.raw + 1 + last.dropped).toBe(MANY + 1);
  });

  it('is disconnected with 4429 when markers alone reach the limit', async () => {
    const { service, server, subscribed } = await start({ cut_bytes: 262_144 });
    const [stalled, other] = [await subscribed('marker'), await subscribed('marker')];
    stalled.socket.pause();
    const label = 'x'.repeat(50_000);
    while (server.stats.cut === 0) {
      service.publish(markerEvent(label));
      await other.next();
    }
    stalled.socket.resume();
    expect((await stalled.closed).code).toBe(CLOSE_CODE.tooSlow);
    await vi.waitFor(() => expect(server.stats.clients).toBe(1));
    service.publish(markerEvent('still here'));
    expect(await other.next()).toMatchObject({ data: { label: 'still here' } });
  });

  it('is disconnected when it takes nothing for cut_ms, even if it does not read the close', async () => {
    const { service, server, subscribed } = await start({
      cut_ms: 200,
      latest_wins_bytes: 65_536,
      close_timeout_ms: 100,
    });
    const other = await subscribed('prediction');
    const { port } = new URL(server.httpUrl);
    const raw = connect({ host: '127.0.0.1', port: Number(port) });
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    raw.write(
      `GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`,
    );
    await once(raw, 'data');
    raw.pause();
    raw.on('error', () => {}); // it may be reset
    raw.write(maskedText('{"id":1,"type":"subscribe","stream":"features"}'));
    await vi.waitFor(() => expect(server.stats.subscriptions.features).toBe(1));
    while (server.stats.cut === 0) {
      service.publish(BIG, predictionEvent());
      expect(await other.next()).toMatchObject({ stream: 'prediction', dropped: 0 });
    }
    await vi.waitFor(() => expect(server.stats.clients).toBe(1), { timeout: 10_000 });
    raw.destroy();
  });

  it('is disconnected when it sends commands without reading the answers', async () => {
    const { server, subscribed } = await start({
      cut_bytes: 65_536,
      max_commands_per_s: 1_000_000,
      close_timeout_ms: 100,
    });
    const client = await subscribed();
    client.socket.pause();
    while (server.stats.cut === 0) {
      if (client.socket.bufferedAmount === 0) for (let i = 0; i < 1000; i++) client.send({ id: 1, type: 'ping' });
      await new Promise(setImmediate);
    }
    await vi.waitFor(() => expect(server.stats.clients).toBe(0), { timeout: 10_000 });
  });
});

describe('many clients', () => {
  it('200 clients all get every event in order', async () => {
    const { service, server, subscribed } = await start();
    const clients = await Promise.all(Array.from({ length: 200 }, () => subscribed('prediction', 'features')));
    for (let i = 0; i < 20; i++) service.publish(predictionEvent(), featuresEvent(310));
    for (const client of clients) {
      for (let seq = 1; seq <= 20; seq++) {
        expect(await client.next()).toMatchObject({ stream: 'prediction', sub: 1, seq, dropped: 0 });
        expect(await client.next()).toMatchObject({ stream: 'features', sub: 2, seq, dropped: 0 });
      }
    }
    expect(server.stats.sent).toMatchObject({ prediction: 4000, features: 4000 });
    await Promise.all(clients.map((client) => client.end()));
    await vi.waitFor(() =>
      expect(server.stats).toMatchObject({ clients: 0, subscriptions: { prediction: 0, features: 0 } }),
    );
  });
});

/** A client's text frame of at most 125 bytes, masked with zeros. */
function maskedText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
