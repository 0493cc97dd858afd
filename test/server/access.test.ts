import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { CLOSE_CODE, ERROR_CODE, type Scope, STREAM_NAMES, STREAM_SCOPE } from '../../src/api/protocol.ts';
import { systemClock } from '../../src/clock.ts';
import { isLoopback, serverConfigSchema } from '../../src/server/config.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { FAKE_EYE_MODEL, FAKE_MODEL, FakeService, predictionEvent, serverOptions } from '../support/fake-service.ts';
import { refusedStatus, TestClient } from '../support/test-client.ts';

const open: (RunningServer | TestClient)[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await (thing instanceof TestClient ? thing.end() : thing.close());
});

type Config = Parameters<typeof serverOptions>[0];

async function start(config: Config = {}, rest: Parameters<typeof serverOptions>[1] = {}) {
  const service = new FakeService('session-1', [FAKE_MODEL, FAKE_EYE_MODEL]); // together they emit every stream
  const server = await startServer(service, serverOptions(config, rest));
  open.push(server);
  return { service, server };
}

async function connectTo(server: RunningServer, options?: ConstructorParameters<typeof TestClient>[1]) {
  const client = new TestClient(server.wsUrl, options);
  open.push(client);
  const hello = await client.next();
  return { client, hello };
}

function token(secret: string, scopes: Scope[], expires?: string) {
  const sha256 = createHash('sha256').update(secret).digest('hex');
  return { name: secret, sha256, scopes, ...(expires === undefined ? {} : { expires }) };
}

describe('listening', () => {
  it.each(['0.0.0.0', '::', '192.168.1.4'])(
    'on %s without a token is refused, and the error says what to do',
    async (host) => {
      await expect(start({ host })).rejects.toMatchObject({
        code: 'AUTH_REQUIRED',
        message: expect.stringContaining('server.tokens'),
      });
    },
  );

  it('on every address works with a token, which every client then needs', async () => {
    const { server } = await start({ host: '0.0.0.0', tokens: [token('secret', ['predictions'])] });
    expect(server.wsUrl).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/v1\/stream$/);
    expect((await connectTo(server)).hello).toMatchObject({ auth: 'required' });
  });

  it('reports a port in use and what to do', async () => {
    const { server } = await start();
    const port = Number(new URL(server.httpUrl).port);
    await expect(start({ port })).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: expect.stringMatching(new RegExp(`port ${port} .*--http-port 0`)),
    });
  });

  it('refuses an address of another machine', async () => {
    const tokens = [token('secret', ['predictions'])];
    await expect(start({ host: '203.0.113.7', tokens })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['[::1]', true],
    ['0:0:0:0:0:0:0:1', true],
    ['[::ffff:7f00:1]', true],
    ['::ffff:10.0.0.1', false],
    ['localhost', true],
    ['LOCALHOST', true],
    ['0.0.0.0', false],
    ['127.evil.example', false],
    ['localhost.evil.example', false],
    ['10.0.0.1', false],
    ['::', false],
  ])('%s is loopback: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });

  it('uses TLS with a certificate, and refuses files that are not a certificate and its key', async () => {
    const pem = (name: string) => fileURLToPath(new URL(`../support/tls/${name}.pem`, import.meta.url));
    const { server } = await start({ tls: { cert: pem('cert'), key: pem('key') } });
    expect([server.wsUrl.slice(0, 6), server.httpUrl.slice(0, 8)]).toEqual(['wss://', 'https://']);
    expect((await connectTo(server, { ca: readFileSync(pem('cert')) })).hello).toMatchObject({ type: 'hello' });
    await expect(start({ tls: { cert: pem('none'), key: pem('key') } })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
    await expect(start({ tls: { cert: pem('key'), key: pem('key') } })).rejects.toMatchObject({ code: 'FILE_INVALID' });
  });

  it('closes at once even if a socket never finishes its TLS handshake', async () => {
    const pem = (name: string) => fileURLToPath(new URL(`../support/tls/${name}.pem`, import.meta.url));
    const server = await startServer(
      new FakeService(),
      serverOptions({ tls: { cert: pem('cert'), key: pem('key') }, limits: { auth_timeout_ms: 50 } }),
    );
    const socket = connect(Number(new URL(server.httpUrl).port), '127.0.0.1');
    socket.on('error', () => {}); // it may be reset
    await once(socket, 'connect');
    await server.close();
    socket.destroy();
  });

  it.each(['https://lab.example/', 'lab.example', 'https://lab.example/page', '*', ''])(
    'refuses %j, which no browser sends as an origin',
    (origin) => {
      expect(serverConfigSchema.safeParse({ allowed_origins: [origin] }).success).toBe(false);
    },
  );

  it('refuses unknown keys and tokens in clear text', () => {
    expect(serverConfigSchema.safeParse({ hots: 'x' }).success).toBe(false);
    expect(serverConfigSchema.safeParse({ tokens: [{ name: 'a', sha256: 'secret', scopes: ['raw'] }] }).success).toBe(
      false,
    );
  });
});

describe('tokens', () => {
  it('authenticate a client and report their scopes, once per connection', async () => {
    const expires = '2100-01-01T00:00:00Z';
    const { server, service } = await start({
      tokens: [token('other', ['raw']), token('secret', ['predictions'], expires)],
    });
    const { client, hello } = await connectTo(server);
    expect(hello).toMatchObject({ auth: 'required' });
    expect(await client.ask({ type: 'auth', token: 'secret' })).toEqual({
      type: 'auth_ok',
      scopes: ['predictions'],
      expires,
    });
    await client.ask({ id: 1, type: 'subscribe', stream: 'prediction' });
    service.publish(predictionEvent());
    expect(await client.next()).toMatchObject({ seq: 1 });
    expect(await client.ask({ type: 'auth', token: 'secret' })).toMatchObject({
      error: { code: ERROR_CODE.alreadyAuthenticated },
    });
  });

  it.each([
    ['an unknown token', { type: 'auth', token: 'wrong' }],
    ['an expired token', { type: 'auth', token: 'old' }],
    ['a token of a wrong type', { type: 'auth', token: 5 }],
    ['an empty token', { type: 'auth', token: '' }],
    ['a command before it', { id: 1, type: 'ping' }],
    ['garbage before it', 'garbage'],
    ['70 KB before it', 'x'.repeat(70_000)],
  ])('refuse %s with 4401', async (_, message) => {
    const { server } = await start({
      tokens: [token('secret', ['admin']), token('old', ['admin'], '2020-01-01T00:00:00Z')],
    });
    const { client } = await connectTo(server);
    client.send(message);
    expect((await client.closed).code).toBe(CLOSE_CODE.unauthenticated);
    expect(server.stats.refused).toBe(1);
  });

  it('must be sent in time', async () => {
    const { server } = await start({ tokens: [token('secret', ['admin'])], limits: { auth_timeout_ms: 20 } });
    const { client } = await connectTo(server);
    expect((await client.closed).code).toBe(CLOSE_CODE.authTimeout);
  });

  it('close a connection when they expire', async () => {
    let unixUs = 0;
    const clock = { ...systemClock, unixUs: () => unixUs };
    const tokens = [token('secret', ['admin'], '2026-01-01T00:00:00Z')];
    const { server } = await start({ tokens, limits: { cut_ms: 10 } }, { clock });
    const { client } = await connectTo(server);
    expect(await client.ask({ type: 'auth', token: 'secret' })).toMatchObject({ type: 'auth_ok' });
    unixUs = Date.parse('2026-01-01T00:00:00Z') * 1000;
    expect(await client.closed).toMatchObject({
      code: CLOSE_CODE.unauthenticated,
      reason: expect.stringContaining('expired'),
    });
  });

  it('get no notice before authentication', async () => {
    const { server, service } = await start({ tokens: [token('secret', ['admin'])] });
    const { client } = await connectTo(server);
    service.publish({ type: 'notice', code: 600, name: 'device_lost', message: 'gone' });
    expect(await client.ask({ type: 'auth', token: 'secret' })).toMatchObject({ type: 'auth_ok' });
  });

  it('allow exactly the streams of their scopes', async () => {
    const scopes: Scope[] = ['predictions', 'features', 'raw', 'markers', 'control', 'admin'];
    const { server } = await start({
      tokens: scopes.map((scope) => token(scope, [scope])),
      limits: { garbage_limit: 100 },
    });
    for (const scope of scopes) {
      const { client } = await connectTo(server);
      await client.ask({ type: 'auth', token: scope });
      for (const stream of STREAM_NAMES) {
        const answer = await client.ask({ id: 1, type: 'subscribe', stream });
        const allowed = scope === 'admin' || STREAM_SCOPE[stream] === null || STREAM_SCOPE[stream] === scope;
        expect(answer['ok'], `${scope} ${stream}`).toBe(allowed);
        if (!allowed) expect(answer).toMatchObject({ error: { code: ERROR_CODE.forbidden, retryable: false } });
      }
      await client.end();
    }
  });

  it('that repeatedly exceed their scopes close the connection with 4403', async () => {
    const { server } = await start({ tokens: [token('secret', ['raw'])], limits: { garbage_limit: 2 } });
    const { client } = await connectTo(server);
    await client.ask({ type: 'auth', token: 'secret' });
    for (let i = 0; i < 2; i++) await client.ask({ id: 1, type: 'marker', label: 'x' });
    expect((await client.closed).code).toBe(CLOSE_CODE.forbidden);
  });
});

describe('who may connect', () => {
  it.each([
    ['no origin', {}, null],
    ['a loopback page', { Origin: 'http://localhost:5173' }, null],
    ['an allowed origin', { Origin: 'https://lab.example' }, null],
    ['the host of an allowed origin', { Host: 'lab.example', Origin: 'https://lab.example' }, null],
    ['another site', { Origin: 'https://evil.example' }, 403],
    ['a page without an origin of its own', { Origin: 'null' }, 403],
    [
      'a foreign name that resolves to this server (DNS rebinding)',
      { Host: 'evil.example', Origin: 'http://evil.example' },
      403,
    ],
    ['a misleading name', { Host: 'localhost.evil.example' }, 403],
    ['an invalid host', { Host: 'a b' }, 403],
  ])('%s', async (_, headers: Record<string, string>, status) => {
    const { server } = await start({ allowed_origins: ['https://Lab.example'] });
    if (status === null) expect((await connectTo(server, { headers })).hello['type']).toBe('hello');
    else expect(await refusedStatus(server.wsUrl, headers)).toBe(status);
  });

  it('a page of the server itself under its own name, if it listens on all addresses', async () => {
    const { server } = await start({ host: '0.0.0.0', tokens: [token('secret', ['admin'])] });
    const headers = { Host: 'kiosk.example:8600', Origin: 'http://kiosk.example:8600' };
    expect((await connectTo(server, { headers })).hello['type']).toBe('hello');
    expect(await refusedStatus(server.wsUrl, { ...headers, Origin: 'http://evil.example:8600' })).toBe(403);
  });

  it('refuses a token in the URL, another path and too many clients', async () => {
    const { server } = await start({ limits: { max_clients: 1 } });
    expect(await refusedStatus(`${server.wsUrl}?token=secret`)).toBe(400);
    expect(await refusedStatus(server.wsUrl.replace('/v1/', '/v2/'))).toBe(404);
    await connectTo(server);
    expect(await refusedStatus(server.wsUrl)).toBe(503);
  });
});
