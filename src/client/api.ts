/** The public types of the client. */
import type { Notice, Source } from '../api/events.ts';
import type {
  EventMessage,
  HelloMessage,
  JsonStreamName,
  PingResult,
  Policy,
  SubscribeResult,
  WireError,
} from '../api/messages.ts';
import type { STREAM_NAMES } from '../api/protocol.ts';
import type { RawFrame } from './raw.ts';
import type { SocketConstructor } from './socket.ts';

/**
 * What can be subscribed to:
 * - `prediction`: the emotion that the model decided on, with the probability of each class, or why there is no decision.
 * - `features`: the numbers that the model computed its decision from.
 * - `quality`: how good the contact of each electrode was, or how well the eyes were seen.
 * - `gaze`: fixations, saccades, blinks and track losses (eye tracker only).
 * - `device`: the state of the device and its counters. A new subscription gets the present state at once.
 * - `marker`: labels on the time line, from the device or from a client.
 * - `raw`: the samples themselves, as a `RawFrame`.
 */
export type StreamName = (typeof STREAM_NAMES)[number];

/** An event of the stream `S`: a JSON message, or a `RawFrame` for `raw`. */
export type ClientEvent<S extends StreamName> = S extends JsonStreamName ? EventMessage<S> : RawFrame;

/** A message that the server sends to every client, for example that a device was lost or is back. */
export type NoticeMessage = Notice;

/** The server refused a command, or there was no connection. `message` says why, for people. */
export class ClientError extends Error {
  /** The number of the server's error (100 to 500), or the close code of the WebSocket (1000 and above). */
  readonly code: number;
  /** True if the same command may succeed later. */
  readonly retryable: boolean;

  constructor(error: Pick<WireError, 'message' | 'retryable'> & { readonly code: number }) {
    super(error.message);
    this.name = 'ClientError';
    this.code = error.code;
    this.retryable = error.retryable;
  }
}

/**
 * The state of the connection. `name` is
 * - `connecting`: the first attempt, or a new one, is under way.
 * - `open`: connected and, where the server requires it, authenticated.
 * - `waiting`: the connection broke; the client tries again after `retryInMs`.
 * - `closed`: by `close()`, or because the server refuses this client (codes 4401 and 4403). The client stays closed.
 */
export type ClientState =
  | {
      /** Identifies the state. */
      readonly name: 'connecting' | 'open';
    }
  | {
      /** Identifies the state. */
      readonly name: 'waiting';
      /** Time until the next attempt, in milliseconds. */
      readonly retryInMs: number;
      /** The close code of the WebSocket. */
      readonly code: number;
      /** Why the connection broke, in words; may be empty. */
      readonly reason: string;
    }
  | {
      /** Identifies the state. */
      readonly name: 'closed';
      /** The close code of the WebSocket. */
      readonly code: number;
      /** Why the client is closed, in words; may be empty. */
      readonly reason: string;
    };

/** Options of `connect`. All of them may be left out. */
export interface ClientOptions {
  /** The access token, where the server requires one (`affect-edge token` makes one). Default: none. */
  readonly token?: string;
  /** The WebSocket class to connect with. Node 20 has none: pass the class of the package `ws`. Default: the global one. */
  readonly WebSocket?: SocketConstructor;
  /** Pause before the first reconnection, in milliseconds. It doubles with each attempt, with jitter. Default: 250. */
  readonly minBackoffMs?: number;
  /** The longest pause before a reconnection, in milliseconds. Default: 10 000. */
  readonly maxBackoffMs?: number;
  /**
   * Interval of the heartbeat, in milliseconds: the client pings the server after two intervals of silence and gives the
   * connection up after three. Default: 10 000.
   */
  readonly heartbeatMs?: number;
}

/** Options of a subscription. All of them may be left out. */
export interface SubscribeOptions {
  /** Only events of this source, and events without a source (markers). Default: all sources. */
  readonly source?: Source;
  /** Every event, or only fresh ones. Default: `all`. */
  readonly policy?: Policy;
  /** With `latest`: at most one event of each source in this time, in milliseconds. Default: 0, no limit. */
  readonly minPeriodMs?: number;
  /**
   * Called after a reconnection if events were lost, with their number; null if the server cannot tell, for example
   * because it was restarted.
   */
  readonly onGap?: (missed: number | null) => void;
}

/** A subscription. It is kept over reconnections until it is closed. */
export interface ClientSubscription {
  /** Resolves when the server accepts the subscription; rejects with a `ClientError` if it refuses. */
  readonly accepted: Promise<SubscribeResult>;
  /** Ends the subscription. The handler is not called again. */
  close(): void;
}

/** A connection to an affect-edge server. It reconnects by itself until `close()` is called. */
export interface Client {
  /** The server's description of itself, from the present or the last connection; null before the first. */
  readonly hello: HelloMessage | null;
  /** The present state of the connection. */
  readonly state: ClientState;
  /**
   * Resolves once the client is connected and authenticated. Rejects with a `ClientError` if the client is closed, by
   * `close()` or because the server refuses it.
   */
  opened(): Promise<HelloMessage>;
  /**
   * Calls `handler` with every event of a stream. May be called at any time, also before the client is connected. After a
   * reconnection the subscription continues where it was. A refusal rejects `accepted` of the returned subscription.
   */
  subscribe<S extends StreamName>(
    stream: S,
    options: SubscribeOptions,
    handler: (event: ClientEvent<S>) => void,
  ): ClientSubscription;
  /**
   * Puts a marker on the time line at the present moment. `label`: 1 to 256 characters without control characters.
   * Rejects with a `ClientError` if the server refuses, or at once if there is no connection: markers are never queued.
   */
  marker(label: string): Promise<void>;
  /** Asks for the server's clocks. Rejects with a `ClientError` if there is no connection. */
  ping(): Promise<PingResult>;
  /** Calls `listener` with every notice of the server. Returns a function that removes the listener. */
  onNotice(listener: (notice: NoticeMessage) => void): () => void;
  /**
   * Calls `listener` at once with the present state, and then at every change. Returns a function that removes the
   * listener.
   */
  onState(listener: (state: ClientState) => void): () => void;
  /** Closes the connection for good, and all subscriptions with it. */
  close(): void;
}
