/** The messages of the WebSocket API as they go over the wire. Fields are snake_case and used as they are. */

import type { ModelDescription, Notice, Source, StreamEvent, StreamName } from './events.ts';
import type { ErrorNumber, PROTOCOL_VERSION, Scope } from './protocol.ts';

/**
 * Which events of a stream are sent, separately for each source:
 * - `all`: every event, as long as the client reads fast enough.
 * - `latest`: fresh events, at most one per `min_period_ms`. The newest event always arrives.
 *
 * The streams `gaze`, `marker` and `raw` are always sent as with `all`, because a new event does not replace an older one.
 */
export type Policy = 'latest' | 'all';

// ---- client to server

export interface AuthMessage {
  readonly type: 'auth';
  readonly token: string;
}

/** The last event that a subscription received before its connection broke. */
export interface ResumePoint {
  readonly session: string;
  /**
   * A number where the subscription has one source (or its events have none), otherwise a number for each source. A
   * source without a number starts anew. One number for several sources is ambiguous: `missed` is then null.
   */
  readonly last_seq: number | Readonly<Partial<Record<Source, number>>>;
}

export type Command =
  | {
      readonly type: 'subscribe';
      readonly stream: StreamName;
      /** Only events of this source, and events without a source (markers). Default: all sources. */
      readonly source?: Source;
      readonly policy?: Policy;
      readonly min_period_ms?: number;
      readonly resume?: ResumePoint;
    }
  | { readonly type: 'unsubscribe'; readonly sub: number }
  | { readonly type: 'ping' }
  | { readonly type: 'marker'; readonly label: string };

export type ClientMessage = AuthMessage | (Command & { readonly id: number });

// ---- server to client

/** The server's clocks when it sent the message. */
interface ClockReading {
  /** Wall clock, microseconds since 1970-01-01 UTC. */
  readonly unix_us: number;
  /** Monotonic clock in microseconds. Only differences of two readings mean something. */
  readonly mono_us: number;
}

/** One stream of the server. */
interface StreamDescription {
  /** The name to subscribe with. */
  readonly name: StreamName;
  /** Name and version of the event format, for example "prediction/1". */
  readonly schema: string;
  /** The scope that a token needs to subscribe; null: none. */
  readonly scope: Scope | null;
  /** How events travel. The client decodes both. */
  readonly encoding: 'json' | 'binary';
  /**
   * The sources that emit events in this stream. Empty: none on this server, and a subscription is refused. Null: its
   * events have no source (markers).
   */
  readonly sources: readonly Source[] | null;
}

/** The server's first message on every connection: what it is and what it offers. */
export interface HelloMessage {
  /** Identifies the type of message. */
  readonly type: 'hello';
  /** Version of the API. */
  readonly protocol: typeof PROTOCOL_VERSION;
  /** Name and version of the server, for example "affect-edge/0.1.0". */
  readonly server: string;
  /** Random id of this run of the server. It changes when the server restarts, and event numbers start anew. */
  readonly session: string;
  /** `required`: the client must authenticate with a token. */
  readonly auth: 'none' | 'required';
  /** The server's clocks when it sent this message. */
  readonly clock: ClockReading;
  /** All streams, with those that have no source here. */
  readonly streams: readonly StreamDescription[];
  /** The main model: the first of `models`. */
  readonly model: ModelDescription;
  /** One model for each modality that the server processes. */
  readonly models: readonly ModelDescription[];
  /** The sources of predictions: the modalities of the models, and `fusion` where there are several. */
  readonly sources: readonly Source[];
  /** True if a signal or a model is simulated. Do not show such predictions as facts about a person. */
  readonly simulated: boolean;
}

export interface AuthOkMessage {
  readonly type: 'auth_ok';
  readonly scopes: readonly Scope[];
  /** ISO 8601; null: never. */
  readonly expires: string | null;
}

/** The server's answer to a subscription that it accepted. */
export interface SubscribeResult {
  /** Number of the subscription on the present connection. */
  readonly sub: number;
  /** Name and version of the event format, for example "prediction/1". */
  readonly schema: string;
  /** Class names, in the order of the probabilities of a prediction. */
  readonly labels: readonly string[];
  /** Length of the stretch of signal that one prediction is made from, in milliseconds. */
  readonly window_ms: number;
  /** Time from one prediction to the next, in milliseconds. */
  readonly hop_ms: number;
  /**
   * The model that `labels`, `window_ms` and `hop_ms` belong to: that of the requested source, or else of the stream's
   * first source; for `fusion` and for markers the main model.
   */
  readonly model: Pick<ModelDescription, 'id' | 'sha256' | 'modality'>;
  /** Present after a reconnection. */
  readonly resume?: {
    /** Number of missed events that the server still has and sends now. */
    readonly replayed: number;
    /** Number of events that are lost; null if the server cannot tell, for example because it was restarted. */
    readonly missed: number | null;
  };
}

/** The server's answer to a ping. */
export interface PingResult {
  /** The server's clocks when it answered. */
  readonly clock: ClockReading;
}

export interface CommandResults {
  readonly subscribe: SubscribeResult;
  readonly unsubscribe: Readonly<Record<string, never>>;
  readonly ping: PingResult;
  readonly marker: Readonly<Record<string, never>>;
}

/** An error as the server reports it. */
export interface WireError {
  /** The kind of error, for programs. */
  readonly code: ErrorNumber;
  /** The error in words, for people. */
  readonly message: string;
  /** True if the same command may succeed later. */
  readonly retryable: boolean;
}

/** `id` is null where the message had no readable id. */
export type ResultMessage =
  | {
      readonly type: 'result';
      readonly id: number;
      readonly ok: true;
      readonly result: CommandResults[Command['type']];
    }
  | { readonly type: 'result'; readonly id: number | null; readonly ok: false; readonly error: WireError };

/** The streams whose events are JSON messages. Events of `raw` are binary (`RawFrame`). */
export type JsonStreamName = Exclude<StreamName, 'raw'>;

/** What the server adds to an event for one subscription. */
interface Delivery {
  /** Number of the subscription on the present connection. */
  readonly sub: number;
  /**
   * Number of the event: 1, 2, 3, ... for each stream and source since the server started. It is the same for every
   * client.
   */
  readonly seq: number;
  /** Events of the same source that were left out since the previous one, because this client reads too slowly. */
  readonly dropped: number;
}

/** An event of the stream `S` as the client receives it. */
export type EventMessage<S extends JsonStreamName = JsonStreamName> = {
  /** Identifies the type of message. */
  readonly type: 'event';
} & Delivery &
  Extract<StreamEvent, { stream: S }>;

export type JsonServerMessage = HelloMessage | AuthOkMessage | ResultMessage | EventMessage | Notice;
