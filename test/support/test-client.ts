import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { JsonServerMessage } from '../../src/api/messages.ts';

interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket client that keeps received messages in order, for tests of the messages themselves. */
export class TestClient {
  readonly socket: WebSocket;
  readonly closed: Promise<Closed>;
  private readonly inbox: (JsonServerMessage | Buffer)[] = [];
  private wake: () => void = () => {};

  constructor(url: string, options: { protocols?: string[]; headers?: Record<string, string>; ca?: Buffer } = {}) {
    const { protocols = [], ...rest } = options;
    this.socket = new WebSocket(url, protocols, rest);
    this.socket.on('message', (data: Buffer, binary: boolean) => {
      this.inbox.push(binary ? data : (JSON.parse(data.toString()) as JsonServerMessage));
      this.wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.wake();
      });
    });
    this.socket.on('error', () => {});
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The next message, which must be JSON. Rejects if the connection ends before it. */
  async next(): Promise<Record<string, unknown> & { readonly type: string }> {
    const message = await this.take();
    if (Buffer.isBuffer(message)) throw new Error('got a binary message');
    return message as Record<string, unknown> & { readonly type: string };
  }

  async nextBinary(): Promise<Buffer> {
    const message = await this.take();
    if (!Buffer.isBuffer(message)) throw new Error(`got ${JSON.stringify(message)}`);
    return message;
  }

  /** Sends a message and returns the next one, which is the answer if no event comes between. */
  async ask(message: unknown): Promise<Record<string, unknown>> {
    this.send(message);
    return this.next();
  }

  async end(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  async take(): Promise<JsonServerMessage | Buffer> {
    while (this.inbox.length === 0) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('the connection is closed');
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.inbox.shift()!;
  }
}

/** The HTTP status that refuses a WebSocket. */
export async function refusedStatus(url: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(url, { headers });
  socket.on('error', () => {});
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number; destroy(): void },
  ];
  response.destroy();
  return response.statusCode;
}
