import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { CLOSE_CODE, ERROR_CODE, SUBPROTOCOL } from '../../src/api/protocol.ts';
import { deviceEvent, FAKE_MODEL, featuresEvent, noticeEvent, predictionEvent } from '../support/fake-service.ts';
import { closeAfterEach, openClient, startFake } from '../support/running-server.ts';
import { TestClient } from '../support/test-client.ts';

closeAfterEach();

describe('hello', () => {
  it('is the first message and describes the server', async () => {
    const { connect } = await startFake();
    const client = await connect();
    expect(client.socket.protocol).toBe(SUBPROTOCOL);
    expect(client.hello).toMatchObject({
      type: 'hello',
      protocol: '1.1',
      server: 'affect-edge/1.2.3',
      session: 'session-1',
      auth: 'none',
      simulated: true,
      model: FAKE_MODEL,
      models: [FAKE_MODEL],
      sources: ['eeg'],
    });
    expect((client.hello['streams'] as { name: string }[]).map(({ name }) => name)).toEqual([
      'prediction',
      'features',
      'quality',
      'gaze',
      'device',
      'marker',
      'raw',
    ]);
    const { unix_us } = client.hello['clock'] as { unix_us: number };
    expect(Math.abs(unix_us - Date.now() * 1000)).toBeLessThan(60e6);
  });
});

describe('subprotocols', () => {
  it.each([
    ['none', [], ''],
    ['this one among others', ['chat', SUBPROTOCOL], SUBPROTOCOL],
  ])('a client may offer %s', async (_, protocols, chosen) => {
    const { server } = await startFake();
    const client = openClient(server.wsUrl, { protocols });
    expect((await client.next()).type).toBe('hello');
    expect(client.socket.protocol).toBe(chosen);
  });

  it('does not accept another subprotocol', async () => {
    const { server } = await startFake();
    const { socket } = new TestClient(server.wsUrl, { protocols: ['chat'] });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toContain('no subprotocol');
  });
});

describe('commands', () => {
  it('subscribes, delivers and unsubscribes', async () => {
    const { service, connect } = await startFake();
    const client = await connect();
    expect(await client.ask({ id: 1, type: 'subscribe', stream: 'prediction' })).toEqual({
      id: 1,
      type: 'result',
      ok: true,
      result: {
        sub: 1,
        schema: 'prediction/1',
        labels: FAKE_MODEL.labels,
        window_ms: 4000,
        hop_ms: 1000,
        model: { id: 'fake-8ch', sha256: FAKE_MODEL.sha256, modality: 'eeg' },
      },
    });
    service.publish(featuresEvent(), predictionEvent());
    expect(await client.next()).toEqual({ type: 'event', sub: 1, seq: 1, dropped: 0, ...predictionEvent() });
    expect(await client.ask({ id: 2, type: 'unsubscribe', sub: 1 })).toMatchObject({ id: 2, ok: true, result: {} });
    service.publish(predictionEvent());
    expect(await client.ask({ id: 3, type: 'ping' })).toMatchObject({ id: 3, ok: true });
    expect(await client.ask({ id: 4, type: 'unsubscribe', sub: 1 })).toMatchObject({
      ok: false,
      error: { code: ERROR_CODE.unknownSubscription },
    });
  });

  it('answers ping with both clocks', async () => {
    const { connect } = await startFake();
    const client = await connect();
    const pong = await client.ask({ id: 9, type: 'ping' });
    expect(pong).toMatchObject({
      id: 9,
      ok: true,
      result: { clock: { unix_us: expect.any(Number), mono_us: expect.any(Number) } },
    });
  });

  it('passes markers to the service and publishes them to all clients', async () => {
    const { service, connect } = await startFake();
    const [a, b] = [await connect(), await connect()];
    await a.ask({ id: 1, type: 'subscribe', stream: 'marker' });
    await b
      .ask({ id: 1, type: 'marker', label: 'Lächeln 😀' })
      .then((answer) => expect(answer).toMatchObject({ ok: true }));
    expect(service.marks).toEqual(['Lächeln 😀']);
    expect(await a.next()).toMatchObject({ stream: 'marker', data: { label: 'Lächeln 😀', origin: 'client' } });
    expect(await b.ask({ id: 2, type: 'marker', label: 'refuse' })).toMatchObject({
      id: 2,
      ok: false,
      error: { code: ERROR_CODE.internal, message: 'the time line is closed', retryable: true },
    });
  });

  it('numbers two subscriptions of one stream separately', async () => {
    const { service, connect } = await startFake();
    const client = await connect();
    await client.ask({ id: 1, type: 'subscribe', stream: 'quality' });
    await client.ask({ id: 2, type: 'subscribe', stream: 'prediction' });
    await client.ask({ id: 3, type: 'subscribe', stream: 'prediction' });
    service.publish(predictionEvent());
    expect([(await client.next())['sub'], (await client.next())['sub']]).toEqual([2, 3]);
  });

  it('sends the present state to a new subscriber of `device`', async () => {
    const { service, connect } = await startFake();
    service.publish(deviceEvent(1), deviceEvent(2));
    const client = await connect();
    await client.ask({ id: 1, type: 'subscribe', stream: 'device' });
    expect(await client.next()).toMatchObject({ seq: 2, data: { samples_received: 2 } });
  });

  const refused: [string, unknown, number | null, number][] = [
    ['bad JSON', '{"id":1,', null, ERROR_CODE.badJson],
    ['an array', '[1]', null, ERROR_CODE.badMessage],
    ['null', 'null', null, ERROR_CODE.badMessage],
    ['no id', { type: 'ping' }, null, ERROR_CODE.badMessage],
    ['a text id', { id: '1', type: 'ping' }, null, ERROR_CODE.badMessage],
    ['id 0', { id: 0, type: 'ping' }, null, ERROR_CODE.badMessage],
    ['id 1.5', { id: 1.5, type: 'ping' }, null, ERROR_CODE.badMessage],
    ['id 2^53', { id: 2 ** 53, type: 'ping' }, null, ERROR_CODE.badMessage],
    ['no type', { id: 4 }, 4, ERROR_CODE.badMessage],
    ['an unknown command', { id: 4, type: 'dance' }, 4, ERROR_CODE.unknownCommand],
    ["a name of Object's prototype", { id: 4, type: 'constructor' }, 4, ERROR_CODE.unknownCommand],
    ['an unknown field', { id: 4, type: 'ping', extra: 1 }, 4, ERROR_CODE.invalidCommand],
    ['__proto__ as a field', '{"id":4,"type":"ping","__proto__":{"a":1}}', 4, ERROR_CODE.invalidCommand],
    ['an unknown stream', { id: 4, type: 'subscribe', stream: 'thoughts' }, 4, ERROR_CODE.invalidCommand],
    [
      'min_period_ms with all',
      { id: 4, type: 'subscribe', stream: 'prediction', min_period_ms: 5 },
      4,
      ERROR_CODE.invalidCommand,
    ],
    ['an empty label', { id: 4, type: 'marker', label: '' }, 4, ERROR_CODE.invalidCommand],
    ['a label with a line break', { id: 4, type: 'marker', label: 'a\nb' }, 4, ERROR_CODE.invalidCommand],
    ['record.start', { id: 4, type: 'record.start' }, 4, ERROR_CODE.notSupported],
    ['model.load', { id: 4, type: 'model.load', name: 'x' }, 4, ERROR_CODE.notSupported],
    ['70 KB', JSON.stringify({ id: 4, type: 'marker', label: 'x'.repeat(70_000) }), null, ERROR_CODE.tooLarge],
  ];
  it.each(refused)('refuses %s with an error number and keeps the connection', async (_, message, id, code) => {
    const { connect } = await startFake();
    const client = await connect();
    const answer = await client.ask(message);
    expect(answer).toMatchObject({ type: 'result', id, ok: false, error: { code, retryable: false } });
    expect((answer['error'] as { message: string }).message.length).toBeLessThan(300);
    expect(await client.ask({ id: 5, type: 'ping' })).toMatchObject({ id: 5, ok: true });
  });
});

describe('limits', () => {
  it('closes with 4400 after refused messages, which accepted commands between them do not forgive', async () => {
    const { server, connect } = await startFake({ limits: { garbage_limit: 3 } });
    const client = await connect();
    for (let round = 0; round < 2; round++) {
      await client.ask('garbage');
      await client.ask({ id: 1, type: 'ping' });
    }
    client.send('garbage');
    expect(await client.closed).toMatchObject({ code: CLOSE_CODE.garbage });
    expect(server.stats.garbage).toBe(1);
  });

  it('refuses messages unread beyond the bytes of a second, and counts all that arrive', async () => {
    const { server, connect } = await startFake({ limits: { max_bytes_per_s: 1000, garbage_limit: 3 } });
    const client = await connect();
    const large = JSON.stringify({ id: 1, type: 'ping', padding: 'x'.repeat(900) });
    expect(await client.ask(large)).toMatchObject({ id: 1, error: { code: ERROR_CODE.invalidCommand } });
    expect(await client.ask(large)).toMatchObject({ id: null, error: { code: ERROR_CODE.rateLimited } });
    client.send(large);
    expect(await client.closed).toMatchObject({ code: CLOSE_CODE.garbage });
    expect(server.stats.received).toEqual({ messages: 3, bytes: 3 * large.length });
  });

  it('limits subscriptions and commands', async () => {
    const { connect } = await startFake({ limits: { max_subscriptions: 1, max_commands_per_s: 3 } });
    const client = await connect();
    await client.ask({ id: 1, type: 'subscribe', stream: 'prediction' });
    expect(await client.ask({ id: 2, type: 'subscribe', stream: 'prediction' })).toMatchObject({
      error: { code: ERROR_CODE.tooManySubscriptions },
    });
    await client.ask({ id: 3, type: 'ping' });
    expect(await client.ask({ id: 4, type: 'ping' })).toMatchObject({
      id: 4,
      error: { code: ERROR_CODE.rateLimited, retryable: true },
    });
  });

  it('closes with 1009 if a frame exceeds the hard limit', async () => {
    const { connect } = await startFake({ limits: { max_frame_bytes: 100_000 } });
    const client = await connect();
    client.send('x'.repeat(100_001));
    expect((await client.closed).code).toBe(1009);
  });
});

describe('notices and the shutdown', () => {
  it('are sent to every client, and a notice comes before the shutdown', async () => {
    const { service, server, connect } = await startFake();
    const clients = [await connect(), await connect()];
    service.publish(noticeEvent());
    for (const client of clients) expect(await client.next()).toEqual(noticeEvent());
    const closing = server.close();
    for (const client of clients) {
      expect(await client.next()).toMatchObject({ type: 'notice', name: 'shutting_down' });
      expect((await client.closed).code).toBe(1001);
    }
    await closing;
    expect(server.close()).toBe(closing);
    await expect(fetch(`${server.httpUrl}/healthz`)).rejects.toThrow();
  });

  it('frees the port even if a client does not answer the close', async () => {
    const { server, connect } = await startFake({ limits: { close_timeout_ms: 50 } });
    const client = await connect();
    client.socket.pause();
    await server.close();
    await expect(fetch(`${server.httpUrl}/healthz`)).rejects.toThrow();
  });

  it('survives an error of the service', async () => {
    const { service, connect } = await startFake();
    service.events$.error(new Error('device'));
    const client = await connect();
    expect(await client.ask({ id: 1, type: 'ping' })).toMatchObject({ ok: true });
  });
});
