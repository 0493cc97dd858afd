import type { WebSocket } from 'ws';
import { CLOSE_CODE } from '../api/protocol.ts';
import type { Clock } from '../clock.ts';
import type { Limits } from './config.ts';
import type { ServerStats } from './stats.ts';

/** Waits until the client has taken a message. */
interface Waiting {
  flush(): void;
}

/**
 * Sends all messages to one client. It never waits, so a stalled client does not delay the others; a client with too many
 * unsent bytes is disconnected.
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

  /** Disconnects the client if it has not taken a message for `cut_ms`. To be called regularly. */
  checkProgress(): void {
    if (this.unsent === 0) return;
    if (this.clock.monoUs() - this.progressUs > this.limits.cut_ms * 1000) this.cut();
  }

  /** Starts the closing handshake. It has a time limit, after which the connection is destroyed and unsent bytes are lost. */
  close(code: number, reason: string): void {
    this.waiting.clear();
    if (this.open) this.socket.close(code, reason);
  }

  private cut(): void {
    if (!this.open) return;
    this.stats.cut++;
    this.close(CLOSE_CODE.tooSlow, 'too slow: this client has too many unsent bytes');
  }

  private readonly sent = (): void => {
    this.progressUs = this.clock.monoUs();
    if (this.waiting.size === 0) return;
    const woken = [...this.waiting];
    this.waiting.clear();
    for (const waiting of woken) waiting.flush();
  };
}
