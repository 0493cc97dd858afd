import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { AffectEdgeError, messageOf } from '../../src/errors.ts';
import { OpenGazeTracker, type TrackedFrame, type TrackerOptions } from './tracker.ts';

/** A client that reads so slowly loses records, which their counter tells it. */
const BACKLOG_BYTES = 1 << 20;

/** A tracker that listens on TCP, as Gazepoint Control does; each client has its own switches. */
export class TrackerServer {
  readonly #server = createServer({ noDelay: true }, (socket) => this.#welcome(socket));
  readonly #clients = new Map<Socket, OpenGazeTracker>();
  readonly #options: TrackerOptions;
  readonly #write: (socket: Socket, text: string) => void;

  /** `write`: how text leaves, for who wants to spoil it. */
  constructor(options: TrackerOptions, write = (socket: Socket, text: string): void => void socket.write(text)) {
    this.#options = options;
    this.#write = write;
  }

  get clients(): Iterable<Socket> {
    return this.#clients.keys();
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

  /** To every client that streams. */
  send(frame: TrackedFrame): void {
    for (const [socket, tracker] of this.#clients) {
      if (socket.writableLength > BACKLOG_BYTES) continue;
      const record = tracker.record(frame);
      if (record !== '') this.#write(socket, record);
    }
  }

  /** Nobody is listened to any more, and who is connected is not any more. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#clients.keys()) socket.destroy();
    await closed;
  }

  #welcome(socket: Socket): void {
    const tracker = new OpenGazeTracker(this.#options);
    this.#clients.set(socket, tracker);
    socket.on('data', (bytes: Uint8Array) => {
      const answers = tracker.receive(bytes);
      if (answers !== '' && socket.writable) this.#write(socket, answers);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#clients.delete(socket));
  }
}
