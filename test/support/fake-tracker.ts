import type { Socket } from 'node:net';
import type { TrackerOptions } from '../../devices/gazepoint/tracker.ts';
import { TrackerServer } from '../../devices/gazepoint/tracker-server.ts';
import { frameOf, TRACKER } from './gazepoint.ts';

const PACE_MS = 4;

/** A tracker whose camera always runs, with or without clients, and in which tests can cause faults. */
export class FakeTracker {
  /** Stays connected without sending. */
  stalled = false;
  /** Cuts writes anywhere in a line; the rest follows with the next write. */
  cutting = false;
  port = 0;
  readonly #options: TrackerOptions;
  readonly #framesAMs: number;
  readonly #startedMs = performance.now();
  #server: TrackerServer;
  readonly #rests = new WeakMap<Socket, string>();
  #timer: NodeJS.Timeout | undefined;
  #frame = 0;
  /** Frames since the counter started. */
  #counted = 0;

  /** @param speed how much faster than real time the camera runs; its times do not show it. */
  constructor(options: Partial<TrackerOptions> = {}, speed = 4) {
    this.#options = { ...TRACKER, ...options };
    this.#framesAMs = (speed * this.#options.rateHz) / 1000;
    this.#server = this.#serve();
  }

  /** Listens, on the same port again after `stop`. */
  async start(): Promise<this> {
    this.port = await this.#server.listen(this.port);
    this.#timer ??= setInterval(() => this.#step(), PACE_MS);
    return this;
  }

  /** Closes the program; the camera runs on. */
  async stop(): Promise<void> {
    await this.#server.close();
    this.#server = this.#serve();
  }

  /** Restarts the counter. */
  restart(): void {
    this.#counted = 0;
  }

  drop(how: 'reset' | 'close'): void {
    for (const socket of this.#server.clients) {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.end();
    }
  }

  async remove(): Promise<void> {
    clearInterval(this.#timer);
    await this.#server.close();
  }

  #serve(): TrackerServer {
    return new TrackerServer(this.#options, (socket, text) => this.#write(socket, text));
  }

  #step(): void {
    const due = (performance.now() - this.#startedMs) * this.#framesAMs;
    while (this.#frame < due) {
      const n = this.#frame++;
      const counted = this.#counted++;
      this.#server.send({ ...frameOf(n, 50 + counted / this.#options.rateHz), count: counted });
    }
  }

  #write(socket: Socket, text: string): void {
    if (this.stalled) return;
    const waiting = (this.#rests.get(socket) ?? '') + text;
    const at = this.cutting ? (this.#frame * 7919) % waiting.length : waiting.length;
    this.#rests.set(socket, waiting.slice(at));
    socket.write(waiting.slice(0, at));
  }
}
