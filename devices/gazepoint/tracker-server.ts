import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { AffectEdgeError, messageOf } from '../../src/errors.ts';
import { OpenGazeTracker, type TrackedFrame, type TrackerOptions } from './tracker.ts';

/** A client gets so long to take what was sent, and to close its side. */
const FAREWELL_MS = 200;
/** A client that reads so slowly loses records, which their counter tells it. */
const BACKLOG_BYTES = 1 << 20;

/** A tracker that listens on TCP, as Gazepoint Control does; each client has its own switches. */
export class TrackerServer {
  readonly #server = createServer({ noDelay: true }, (socket) => this.#welcome(socket));
  readonly #clients = new Map<Socket, OpenGazeTracker>();
  readonly #options: TrackerOptions;
  readonly #write: (socket: Socket, text: string) => void;

  /** From and to all clients together. */
  readonly bytes = { received: 0, sent: 0 };

  /** `write`: how text leaves, for who wants to spoil it. */
  constructor(options: TrackerOptions, write = (socket: Socket, text: string): void => void socket.write(text)) {
    this.#options = options;
    this.#write = write;
  }

  get clients(): Iterable<Socket> {
    return this.#clients.keys();
  }

  /** Whether some client has asked for data. */
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
        `the tracker can't listen on ${host}:${port}: ${inUse ? 'another program does, choose another port' : messageOf(error)}`,
        { cause: error },
      );
    }
    return (this.#server.address() as AddressInfo).port;
  }

  /** To every client that streams. @returns whether there was one. */
  send(frame: TrackedFrame): boolean {
    let isSent = false;
    for (const [socket, tracker] of this.#clients) {
      if (socket.writableLength > BACKLOG_BYTES) continue;
      const record = tracker.record(frame);
      if (record === '') continue;
      this.#say(socket, record);
      isSent = true;
    }
    return isSent;
  }

  /** Nobody is listened to any more, and who is connected is not any more. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#clients.keys()) socket.end();
    const late = setTimeout(() => {
      for (const socket of this.#clients.keys()) socket.destroy();
    }, FAREWELL_MS);
    await closed;
    clearTimeout(late);
  }

  #welcome(socket: Socket): void {
    const tracker = new OpenGazeTracker(this.#options);
    this.#clients.set(socket, tracker);
    socket.on('data', (bytes: Uint8Array) => {
      this.bytes.received += bytes.length;
      const answers = tracker.receive(bytes);
      if (answers !== '' && socket.writable) this.#say(socket, answers);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#clients.delete(socket));
  }

  #say(socket: Socket, text: string): void {
    this.bytes.sent += text.length;
    this.#write(socket, text);
  }
}
