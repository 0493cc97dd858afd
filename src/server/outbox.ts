import type { WebSocket } from 'ws';
import { CLOSE_CODE } from '../api/protocol.ts';
import type { Clock } from '../clock.ts';
import type { Limits } from './config.ts';
import type { ServerStats } from './stats.ts';

/** Something that waits until a client has taken what is already on its way. */
interface Waiting {
  flush(): void;
}

/**
 * The only way to one client: every message passes `send`, which knows how much is unsent and cuts the client that
 * does not read. It never waits, so a stalled client costs the others nothing.
 */
export class Outbox {
  private readonly socket: WebSocket;
  private readonly limits: Limits;
  private readonly clock: Clock;
  private readonly stats: ServerStats;
  private readonly waiting = new Set<Waiting>();
  private progressUs = 0;

  constructor(socket: WebSocket, limits: Limits, clock: Clock, stats: ServerStats) {
    this.socket = socket;
    this.limits = limits;
    this.clock = clock;
    this.stats = stats;
  }

  get open(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Bytes that the client has not taken yet. */
  get unsent(): number {
    return this.socket.bufferedAmount;
  }

  send(message: string | Uint8Array, binary = false): void {
    if (!this.open) return;
    if (this.unsent === 0) this.progressUs = this.clock.monoUs();
    this.socket.send(message, { binary }, this.sent);
    if (this.unsent > this.limits.cut_bytes) this.cut();
  }

  /** Calls `waiting.flush` once the client has taken a message. */
  whenDrained(waiting: Waiting): void {
    this.waiting.add(waiting);
  }

  forget(waiting: Waiting): void {
    this.waiting.delete(waiting);
  }

  /** To be called now and then: cuts the client that has not taken a message for `cut_ms`. */
  checkProgress(): void {
    if (this.unsent === 0) return;
    if (this.clock.monoUs() - this.progressUs > this.limits.cut_ms * 1000) this.cut();
  }

  /** The handshake of a close has a time limit, after which the connection is destroyed with all that is unsent. */
  close(code: number, reason: string): void {
    this.waiting.clear();
    if (this.open) this.socket.close(code, reason);
  }

  private cut(): void {
    if (!this.open) return;
    this.stats.cut++;
    this.close(CLOSE_CODE.tooSlow, 'too slow: more is waiting for this client than the server keeps');
  }

  private readonly sent = (): void => {
    this.progressUs = this.clock.monoUs();
    if (this.waiting.size === 0) return;
    const woken = [...this.waiting];
    this.waiting.clear();
    for (const waiting of woken) waiting.flush();
  };
}
