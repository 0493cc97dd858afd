import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CLOSE_CODE, ERROR_CODE } from '../../src/api/protocol.ts';
import { VirtualClock } from '../../src/clock.ts';
import { parseMessage } from '../../src/server/commands.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { describeWithData, testData } from '../support/data.ts';
import { FakeService, serverOptions } from '../support/fake-service.ts';
import { TestClient } from '../support/test-client.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startServer(
    new FakeService(),
    serverOptions({ limits: { garbage_limit: 1000, max_commands_per_s: 10_000 } }),
  );
});
afterAll(() => server.close());

describe('any text', () => {
  it('is accepted or refused and never throws', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.jsonValue());
    const near = fc.record({
      id: value,
      type: fc.oneof(fc.constantFrom('auth', 'ping', 'subscribe', 'marker'), value),
      label: value,
    });
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      near.map((message) => JSON.stringify(message)),
    );
    fc.assert(
      fc.property(text, (message) => {
        expect(['auth', 'command', 'refused']).toContain(parseMessage(message).kind);
      }),
    );
  });

  it.each([
    ['100,000 opening brackets', '['.repeat(100_000), ERROR_CODE.tooLarge],
    ['60,000 opening brackets', '['.repeat(60_000), ERROR_CODE.badJson],
    ['30,000 nested arrays', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, ERROR_CODE.badMessage],
    [
      '10,000 nested objects in a command',
      `{"id":1,"type":"ping","x":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
      ERROR_CODE.invalidCommand,
    ],
    [
      '5,000 unknown fields',
      `{"id":1,"type":"ping"${Array.from({ length: 5000 }, (_, i) => `,"k${i}":1`).join('')}}`,
      ERROR_CODE.invalidCommand,
    ],
  ])('%s get an error and keep the connection', async (_, text, code) => {
    const client = new TestClient(server.wsUrl);
    await client.next();
    expect(await client.ask(text)).toMatchObject({ ok: false, error: { code } });
    expect(await client.ask({ id: 2, type: 'ping' })).toMatchObject({ ok: true });
    await client.end();
  });
});

describe('a flood', () => {
  it('of commands does not delay the commands of other clients', async () => {
    const tolerant = await startServer(new FakeService(), serverOptions({ limits: { max_commands_per_s: 1e6 } }));
    const other = new TestClient(tolerant.wsUrl);
    await other.next();
    const { socket } = await handshake(tolerant);
    const flood = 20_000;
    socket.write(Buffer.concat(Array<Buffer>(flood).fill(frame(TEXT, Buffer.from('{"id":1,"type":"ping"}')))));
    await vi.waitFor(() => expect(tolerant.stats.commands.ok).toBeGreaterThan(0), { interval: 1 });
    await other.ask({ id: 1, type: 'ping' });
    expect(tolerant.stats.commands.ok).toBeLessThan(flood / 2);
    socket.destroy();
    await other.end();
    await tolerant.close();
  });

  it('of more commands in a second than allowed closes the connection', async () => {
    // The clock stands still, so all commands are in one second, however slow the machine is.
    const clock = new VirtualClock(0);
    const frozen = await startServer(new FakeService(), serverOptions({}, { clock }));
    const client = new TestClient(frozen.wsUrl);
    await client.next();
    for (let i = 0; i < 1300; i++) client.send({ id: 1, type: 'ping' });
    expect((await client.closed).code).toBe(CLOSE_CODE.garbage);
    await frozen.close();
  });

  it('of pings whose answers are not read closes the connection', async () => {
    const { socket } = await handshake();
    const pings = Buffer.concat(Array<Buffer>(1000).fill(frame(PING, Buffer.alloc(100))));
    const { clients } = server.stats;
    while (server.stats.clients === clients) {
      if (socket.writableLength === 0) socket.write(pings);
      await new Promise(setImmediate);
    }
    socket.destroy();
  });

  it('of tiny fragments closes the connection with 1008', async () => {
    const fragments = Array<Buffer>(20_000).fill(Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x20]));
    const { closeCode } = await exchange(Buffer.concat([Buffer.from([0x01, 0x80, 0, 0, 0, 0]), ...fragments]), true);
    expect(closeCode).toBe(1008);
  });

  it('of pipelined requests gets at most a hundred answers and is disconnected', async () => {
    const socket = connect(Number(new URL(server.httpUrl).port), '127.0.0.1');
    socket.on('error', () => {}); // it may be reset
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(1000));
    await new Promise((resolve) => socket.on('close', resolve));
    expect(text.split('HTTP/1.1 200 OK').length - 1).toBeLessThanOrEqual(100);
  });
});

describeWithData('bad-json', 'the JSON test suite as commands', () => {
  it('gets one refusal for each file, on one connection that stays open', async () => {
    const client = new TestClient(server.wsUrl);
    await client.next();
    let files = 0;
    for (const folder of ['test_parsing', 'test_transform']) {
      for (const name of readdirSync(testData('bad-json', folder))) {
        files++;
        client.send(readFileSync(join(testData('bad-json', folder), name)).toString());
        const answer = await client.next();
        expect(answer, name).toMatchObject({ type: 'result', ok: false, error: { code: expect.any(Number) } });
        const { code } = answer['error'] as { code: number };
        if (name.startsWith('n_')) expect([ERROR_CODE.badJson, ERROR_CODE.tooLarge], name).toContain(code);
        if (name.startsWith('y_')) expect(code, name).toBe(ERROR_CODE.badMessage);
      }
    }
    expect(files).toBe(340);
    expect(await client.ask({ id: 1, type: 'ping' })).toMatchObject({ ok: true });
    await client.end();
  });
});

interface FrameCase {
  readonly description: string;
  readonly client_bytes_hex: string;
  readonly expect: string;
}

describeWithData('bad-websocket', 'damaged WebSocket frames', () => {
  it('are answered as RFC 6455 requires', async () => {
    const cases = JSON.parse(readFileSync(testData('bad-websocket', 'frames.json'), 'utf8')) as FrameCase[];
    for (const { description, client_bytes_hex, expect: expected } of cases) {
      const heapBytes = process.memoryUsage().arrayBuffers;
      const { frames, closeCode } = await exchange(Buffer.from(client_bytes_hex, 'hex'), expected.includes('close'));
      const opcodes = frames.map(({ opcode }) => opcode);
      if (expected.includes('close')) {
        const allowed = [...expected.matchAll(/\d{4}/g)].map(([code]) => Number(code));
        if (allowed.length > 0) expect(allowed, description).toContain(closeCode);
      } else {
        expect(closeCode, description).toBeNull();
      }
      if (expected.includes('accept')) expect(opcodes, description).toContain(TEXT);
      if (expected.startsWith('pong')) expect(opcodes[0], description).toBe(PONG);
      if (expected.includes('no allocation')) {
        expect(process.memoryUsage().arrayBuffers - heapBytes, description).toBeLessThan(16e6);
      }
    }
    expect(cases.length).toBe(63);
  });

  it('close with 1007 if text is not UTF-8, and get an answer if it is', async () => {
    const sections = JSON.parse(readFileSync(testData('bad-websocket', 'utf8_payloads.json'), 'utf8')) as {
      cases: { hex: string; valid_utf8: boolean }[];
    }[];
    for (const { hex, valid_utf8 } of sections.flatMap(({ cases }) => cases)) {
      const { frames, closeCode } = await exchange(frame(TEXT, Buffer.from(hex, 'hex')), !valid_utf8);
      expect(closeCode, hex).toBe(valid_utf8 ? null : 1007);
      if (valid_utf8) expect(frames[0]?.opcode, hex).toBe(TEXT);
    }
  });
});

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Sends bytes on a new connection. Returns the frames of the answer, up to a close or the pong of a final ping. */
async function exchange(bytes: Buffer, closes: boolean): Promise<{ frames: Frame[]; closeCode: number | null }> {
  const { socket, read } = await handshake();
  await read(); // hello
  socket.write(bytes);
  if (!closes) socket.write(frame(PING, Buffer.from('the end')));
  const frames: Frame[] = [];
  let closeCode: number | null = null;
  for (let next = await read(); next !== null; next = await read()) {
    if (next.opcode === PONG && next.payload.toString() === 'the end') break;
    if (next.opcode === CLOSE) {
      closeCode = next.payload.length >= 2 ? next.payload.readUInt16BE() : 1005;
      break;
    }
    frames.push(next);
  }
  socket.destroy();
  return { frames, closeCode };
}

/** A connection that reads only on `read`. */
async function handshake(to = server): Promise<{ socket: Socket; read: () => Promise<Frame | null> }> {
  const { port } = new URL(to.httpUrl);
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  socket.write(
    `GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`,
  );
  const chunks = socket[Symbol.asyncIterator]();
  let buffered = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const { value, done } = (await chunks.next().catch(() => ({ done: true }))) as { value?: Buffer; done?: boolean };
    if (done || value === undefined) return false;
    buffered = Buffer.concat([buffered, value]);
    return true;
  };
  while (!buffered.includes('\r\n\r\n')) await more();
  buffered = buffered.subarray(buffered.indexOf('\r\n\r\n') + 4);
  const read = async (): Promise<Frame | null> => {
    for (;;) {
      const found = parseFrame(buffered);
      if (found !== null) {
        buffered = buffered.subarray(found.length);
        return found.frame;
      }
      if (!(await more())) return null;
    }
  };
  return { socket, read };
}

/** A server's frame: one fragment, unmasked, below 64 KiB. */
function parseFrame(bytes: Buffer): { frame: Frame; length: number } | null {
  if (bytes.length < 4)
    return bytes.length >= 2 && bytes[1] === 0
      ? { frame: { opcode: bytes[0]! & 15, payload: Buffer.alloc(0) }, length: 2 }
      : null;
  const long = bytes[1] === 126;
  const start = long ? 4 : 2;
  const length = start + (long ? bytes.readUInt16BE(2) : bytes[1]!);
  return bytes.length < length
    ? null
    : { frame: { opcode: bytes[0]! & 15, payload: bytes.subarray(start, length) }, length };
}

/** A client's frame, masked with zeros. */
function frame(opcode: number, payload: Buffer): Buffer {
  const length =
    payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), payload]);
}
