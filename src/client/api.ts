/** What a user of the client sees. */
import type { HelloMessage, JsonServerMessage, PingResult, WireError } from '../api/protocol.ts';
import type { SocketConstructor } from './socket.ts';
import type { ClientEvent, ClientSubscription, StreamName, SubscribeOptions } from './subscription.ts';

export type NoticeMessage = Extract<JsonServerMessage, { type: 'notice' }>;

/** `code`: the number of the server's error or the WebSocket's close code. */
export class ClientError extends Error {
  readonly code: number;
  readonly retryable: boolean;

  constructor(error: Pick<WireError, 'message' | 'retryable'> & { readonly code: number }) {
    super(error.message);
    this.name = 'ClientError';
    this.code = error.code;
    this.retryable = error.retryable;
  }
}

export type ClientState =
  | { readonly name: 'connecting' | 'open' }
  /** The connection broke; the next attempt comes by itself. */
  | { readonly name: 'waiting'; readonly retryInMs: number; readonly code: number; readonly reason: string }
  /** By `close()`, or for good because the server refuses this client (4401, 4403). */
  | { readonly name: 'closed'; readonly code: number; readonly reason: string };

export interface ClientOptions {
  readonly token?: string;
  /** The class to connect with; needed in Node 20 (package `ws`). */
  readonly WebSocket?: SocketConstructor;
  /** First and longest pause before a reconnection; it doubles in between, with jitter. */
  readonly minBackoffMs?: number;
  readonly maxBackoffMs?: number;
  /** A connection is asked for a sign of life after twice this silence and given up after three times. */
  readonly heartbeatMs?: number;
}

export interface Client {
  /** What the server said of itself on the present or the last connection; null before the first. */
  readonly hello: HelloMessage | null;
  readonly state: ClientState;
  /** Resolves once connected (and authenticated); rejected where the client is closed before. */
  opened(): Promise<HelloMessage>;
  /** May be called at any time; the subscription outlives reconnections and resumes where it was. */
  subscribe<S extends StreamName>(
    stream: S,
    options: SubscribeOptions,
    handler: (event: ClientEvent<S>) => void,
  ): ClientSubscription;
  /** Puts a marker on the time line now; rejected, never queued, while there is no connection. */
  marker(label: string): Promise<void>;
  ping(): Promise<PingResult>;
  /** Both return the function that ends the listening; `onState` calls at once with the present state. */
  onNotice(listener: (notice: NoticeMessage) => void): () => void;
  onState(listener: (state: ClientState) => void): () => void;
  close(): void;
}
