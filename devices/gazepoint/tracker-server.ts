import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { AffectEdgeError, messageOf } from '../../src/errors.ts';
import { OpenGazeTracker, type TrackedFrame, type TrackerOptions } from './tracker.ts';

/** At the end, clients have this time to read what was sent and to close their side. */
const CLOSING_MS = 200;
/** A client with more unread bytes loses records, which it can detect by their counter. */
const BACKLOG_BYTES = 1 << 20;

/** A tracker that listens on TCP, as Gazepoint Control does; each client has its own switches. */
export class TrackerServer {
  readonly #server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  readonly #clients = new Map<Socket, OpenGazeTracker>();
  readonly #options: TrackerOptions;
  readonly #write: (socket: Socket, text: string) => void;

  /** Totals over all clients. */
  readonly bytes = { received: 0, sent: 0 };

  /** @param write sends text to a client; tests replace it to inject faults. */
  constructor(options: TrackerOptions, write = (socket: Socket, text: string): void => void socket.write(text)) {
    this.#options = options;
    this.#write = write;
  }

  get clients(): Iterable<Socket> {
    return this.#clients.keys();
  }

  /** Whether a client has asked for data. */
  get streaming(): boolean {
    return [...this.#clients.values()].some((tracker) => tracker.streaming);
  }

  /** @returns the port: a free one for 0. @throws ADDRESS_IN_USE, PORT_FAILED. */
  async listen(port: number, host = '127.0.0.1'): Promise<number> {
    try {
      await once(this.#server.listen(port, host), 'listening');
    } catch (error) {
      const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      throw new AffectEdgeError(
        inUse ? 'ADDRESS_IN_USE' : 'PORT_FAILED',
        `the tracker can't listen on ${host}:${port}: ${inUse ? 'another program uses this port, choose another one' : messageOf(error)}`,
        { cause: error },
      );
    }
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sends a frame to every client that has asked for data. @returns whether there was one. */
  send(frame: TrackedFrame): boolean {
    let isSent = false;
    for (const [socket, tracker] of this.#clients) {
      if (socket.writableLength > BACKLOG_BYTES) continue;
      const record = tracker.record(frame);
      if (record === '') continue;
      this.#send(socket, record);
      isSent = true;
    }
    return isSent;
  }

  /** Stops listening and closes all connections. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#clients.keys()) socket.end();
    const timeout = setTimeout(() => {
      for (const socket of this.#clients.keys()) socket.destroy();
    }, CLOSING_MS);
    await closed;
    clearTimeout(timeout);
  }

  #accept(socket: Socket): void {
    const tracker = new OpenGazeTracker(this.#options);
    this.#clients.set(socket, tracker);
    socket.on('data', (bytes: Uint8Array) => {
      this.bytes.received += bytes.length;
      const answers = tracker.receive(bytes);
      if (answers !== '' && socket.writable) this.#send(socket, answers);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#clients.delete(socket));
  }

  #send(socket: Socket, text: string): void {
    this.bytes.sent += text.length;
    this.#write(socket, text);
  }
}
