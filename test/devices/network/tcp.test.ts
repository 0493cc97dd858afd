import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Link } from '../../../devices/link/link.ts';
import { tcpAddress, tcpOpener } from '../../../devices/network/tcp.ts';
import { isAffectEdgeError } from '../../../src/errors.ts';

const never = (): AbortSignal => new AbortController().signal;
const WAY_OUT = 'Start the tracker there.';

/** Records the calls of a link, so that tests can wait for them. */
function listening(link: Link) {
  let text = '';
  let reason: string | undefined;
  let news = (): void => undefined;
  link.listen({
    bytes: (bytes) => {
      text += Buffer.from(bytes).toString('latin1');
      news();
    },
    broken: (why) => {
      reason = why;
      news();
    },
  });
  const until = async (met: () => boolean): Promise<void> => {
    while (!met()) {
      await new Promise<void>((resolve) => {
        news = resolve;
      });
    }
  };
  return {
    until,
    get text() {
      return text;
    },
    get reason() {
      return reason;
    },
  };
}

describe('a TCP link', () => {
  let server: Server;
  let port: number;
  let accepted: Promise<Socket>;
  beforeEach(async () => {
    server = createServer();
    accepted = once(server, 'connection').then(([socket]) => socket as Socket);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    server.close();
  });
  const open = () => tcpOpener({ host: '127.0.0.1', port, advice: WAY_OUT })(never());

  it('carries bytes both ways, and the last command before the close', async () => {
    const link = await open();
    const peer = await accepted;
    const seen = listening(link);
    peer.write('hello');
    await seen.until(() => seen.text === 'hello');
    let heard = '';
    peer.on('data', (bytes: Buffer) => {
      heard += bytes.toString();
    });
    link.write(Buffer.from('start '));
    // Bytes still arriving at this end must not make the other end lose the last command.
    peer.write('x'.repeat(200_000));
    link.write(Buffer.from('stop'));
    const closed = once(peer, 'close');
    await new Promise<void>((done) => link.close(done));
    await closed;
    expect(heard).toBe('start stop');
    expect(seen.reason).toBeUndefined();
  });

  it('reports that the other end closed it', async () => {
    const link = await open();
    const seen = listening(link);
    (await accepted).end('bye');
    await seen.until(() => seen.reason !== undefined);
    expect([seen.text, seen.reason]).toEqual(['bye', 'the other end closed the connection']);
    const done = new Promise<string>((resolve) => link.write(Buffer.from('late'), () => resolve('done')));
    expect(await done).toBe('done');
    await new Promise<void>((closed) => link.close(closed));
  });

  it('reports that the other end reset it, also to a later listener', async () => {
    const link = await open();
    const seen = listening(link);
    (await accepted).resetAndDestroy();
    await seen.until(() => seen.reason !== undefined);
    expect(seen.reason).toMatch(/^the connection failed \(.*ECONNRESET\)$/);
    expect(listening(link).reason).toBe(seen.reason);
  });

  it('closes the connection of a peer that does not close its side', async () => {
    server.close();
    const deaf = createServer({ allowHalfOpen: true }, () => undefined);
    await once(deaf.listen(0, '127.0.0.1'), 'listening');
    const link = await tcpOpener({ host: '127.0.0.1', port: (deaf.address() as AddressInfo).port, advice: '' })(
      never(),
    );
    await new Promise<void>((done) => link.close(done));
    deaf.close();
  });

  it('names the address that refuses, and gives the advice', async () => {
    server.close();
    await once(server, 'close');
    const error = await open().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'HOST_UNREACHABLE',
      message: `127.0.0.1:${port} refuses the connection: nothing listens there. ${WAY_OUT}`,
    });
  });
});

it('looks a name up, and names the host that refuses where it has several addresses', async () => {
  const server = createServer();
  await once(server.listen(0, 'localhost'), 'listening');
  const { port } = server.address() as AddressInfo;
  const opener = tcpOpener({ host: 'localhost', port, advice: WAY_OUT });
  const link = await opener(never());
  await new Promise<void>((done) => link.close(done));
  server.close();
  await once(server, 'close');
  await expect(opener(never())).rejects.toMatchObject({
    code: 'HOST_UNREACHABLE',
    message: expect.stringContaining(`localhost:${port} refuses the connection`),
  });
});

describe('a TCP link that does not open', () => {
  const failing = (code: string) => (): Socket => {
    const socket = new Socket();
    process.nextTick(() => socket.destroy(Object.assign(new Error(`connect ${code}`), { code })));
    return socket;
  };
  const opening = (connectTo: () => Socket, connectMs = 5000, signal = never()) =>
    tcpOpener({ host: 'tracker-pc', port: 4242, advice: WAY_OUT, connectMs, connectTo })(signal).catch(
      (reason: unknown) => reason,
    );

  it.each([
    ['ENOTFOUND', 'HOST_NOT_FOUND', /the host of tracker-pc:4242 is not known \(ENOTFOUND\): check its name/],
    ['EAI_AGAIN', 'HOST_NOT_FOUND', /not known \(EAI_AGAIN\)/],
    ['ECONNREFUSED', 'HOST_UNREACHABLE', /^tracker-pc:4242 refuses the connection.*Start the tracker there\.$/],
    ['EHOSTUNREACH', 'HOST_UNREACHABLE', /no route to tracker-pc:4242 \(EHOSTUNREACH\).*same network\?/],
    ['ENETUNREACH', 'HOST_UNREACHABLE', /no route to tracker-pc:4242/],
    ['ETIMEDOUT', 'HOST_UNREACHABLE', /no route to tracker-pc:4242 \(ETIMEDOUT\)/],
    ['EACCES', 'PORT_FAILED', /^tracker-pc:4242 could not be opened: connect EACCES$/],
  ])('%s is %s', async (systemCode, code, message) => {
    expect(await opening(failing(systemCode))).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('waits for the time limit, and no longer', async () => {
    const socket = new Socket();
    expect(await opening(() => socket, 20)).toMatchObject({
      code: 'HOST_UNREACHABLE',
      message: expect.stringMatching(/^tracker-pc:4242 did not answer within 0.02 s: .*firewall allow port 4242/),
    });
    expect(socket.destroyed).toBe(true);
  });

  it('is aborted by its signal', async () => {
    const socket = new Socket();
    const abort = new AbortController();
    const opened = opening(() => socket, 60_000, abort.signal);
    abort.abort();
    expect(isAffectEdgeError(await opened)).toBe(true);
    expect(socket.destroyed).toBe(true);
  });

  it('refuses an invalid port', async () => {
    const error = await tcpOpener({ host: '127.0.0.1', port: 70_000, advice: '' })(never()).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'PORT_FAILED', message: expect.stringContaining('127.0.0.1:70000 could not') });
  });
});

it('writes an IPv6 address as a URL does', () => {
  expect([tcpAddress('::1', 4242), tcpAddress('tracker-pc', 4242)]).toEqual(['[::1]:4242', 'tracker-pc:4242']);
});
