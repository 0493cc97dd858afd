/**
 * The WebSocket API, version 1, as it goes over the wire: shared by server, client and dashboard.
 * Fields of JSON messages are snake_case and used as they are.
 */

import type { Modality } from '../samples.ts';
import type { ModelDescription, Notice, Source, StreamEvent, StreamName } from './events.ts';

export const PROTOCOL_VERSION = '1.0';
export const SUBPROTOCOL = 'affect-edge.v1+json';
export const STREAM_PATH = '/v1/stream';

export const STREAM_NAMES = [
  'prediction',
  'features',
  'quality',
  'gaze',
  'device',
  'marker',
  'raw',
] as const satisfies StreamName[];

export const SOURCES = ['eeg', 'eye', 'eog', 'fusion'] as const satisfies Source[];

export const SCOPES = ['predictions', 'features', 'raw', 'markers', 'control', 'admin'] as const;
/** What a token may do; `admin` includes every other scope. */
export type Scope = (typeof SCOPES)[number];

/** The scope that reads a stream; null: any client that got in. */
export const STREAM_SCOPE: Readonly<Record<StreamName, Scope | null>> = {
  prediction: 'predictions',
  features: 'features',
  quality: null,
  gaze: 'features',
  device: null,
  marker: 'markers',
  raw: 'raw',
};

export const CLOSE_CODE = {
  goingAway: 1001,
  garbage: 4400,
  unauthenticated: 4401,
  forbidden: 4403,
  authTimeout: 4408,
  tooSlow: 4429,
} as const;

export const ERROR_CODE = {
  /** Not JSON, or not text. */
  badJson: 100,
  /** JSON, but no object with an integer `id`. */
  badMessage: 101,
  unknownCommand: 102,
  /** A field is missing, wrong or unknown. */
  invalidCommand: 103,
  tooLarge: 104,
  rateLimited: 105,
  forbidden: 201,
  alreadyAuthenticated: 202,
  unknownSubscription: 300,
  tooManySubscriptions: 301,
  /** Known, but not in this version of the server. */
  notSupported: 400,
  internal: 500,
} as const;
export type ErrorNumber = (typeof ERROR_CODE)[keyof typeof ERROR_CODE];

export const NOTICE_CODE: Readonly<Record<Notice['name'], number>> = {
  device_lost: 600,
  device_back: 601,
  gap: 602,
  shutting_down: 603,
  signal_doubt: 604,
};

/**
 * `latest`: fresh events, at most one per `min_period_ms`, always ending with the newest; `all`: every event, as long as
 * the client keeps up; both for each source by itself. Gaze events, markers and raw frames are always sent as with `all`.
 */
export type Policy = 'latest' | 'all';

// ---- client to server

export interface AuthMessage {
  readonly type: 'auth';
  readonly token: string;
}

/** Where a subscription was when its connection broke. */
export interface ResumePoint {
  readonly session: string;
  /**
   * The last `seq` that came: a number where the subscription has one source (or the events none), else one a source. A
   * source that is not named starts afresh; a number says nothing of several sources (`missed` is null).
   */
  readonly last_seq: number | Readonly<Partial<Record<Source, number>>>;
}

export type Command =
  | {
      readonly type: 'subscribe';
      readonly stream: StreamName;
      /** Only what this one says, and what belongs to none (markers); all of them without it. */
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

/** The server's clocks at the moment of sending, in microseconds. */
interface ClockReading {
  readonly unix_us: number;
  readonly mono_us: number;
}

interface StreamDescription {
  readonly name: StreamName;
  readonly schema: string;
  readonly scope: Scope | null;
  readonly encoding: 'json' | 'binary';
  /** Who speaks in it here; empty: nobody, so that a subscription is refused; null: its events belong to no source. */
  readonly sources: readonly Source[] | null;
}

export interface HelloMessage {
  readonly type: 'hello';
  readonly protocol: typeof PROTOCOL_VERSION;
  /** Name and version, "affect-edge/0.1.0". */
  readonly server: string;
  readonly session: string;
  readonly auth: 'none' | 'required';
  readonly clock: ClockReading;
  readonly streams: readonly StreamDescription[];
  /** The main model, which is the first of `models`. */
  readonly model: ModelDescription;
  /** One a modality that is served. */
  readonly models: readonly ModelDescription[];
  /** Whose predictions there are. */
  readonly sources: readonly Source[];
  readonly simulated: boolean;
}

export interface AuthOkMessage {
  readonly type: 'auth_ok';
  readonly scopes: readonly Scope[];
  /** ISO 8601; null: never. */
  readonly expires: string | null;
}

export interface SubscribeResult {
  readonly sub: number;
  readonly schema: string;
  readonly labels: readonly string[];
  readonly window_ms: number;
  readonly hop_ms: number;
  /** Of the source that was asked for, else of the stream's first one; of a fusion and of markers, the main one. */
  readonly model: Pick<ModelDescription, 'id' | 'sha256' | 'modality'>;
  /** With `resume`: events that follow at once, and events that are gone for good (null: another session, or unknown). */
  readonly resume?: { readonly replayed: number; readonly missed: number | null };
}

export interface PingResult {
  readonly clock: ClockReading;
}

export interface CommandResults {
  readonly subscribe: SubscribeResult;
  readonly unsubscribe: Readonly<Record<string, never>>;
  readonly ping: PingResult;
  readonly marker: Readonly<Record<string, never>>;
}

export interface WireError {
  readonly code: ErrorNumber;
  readonly message: string;
  readonly retryable: boolean;
}

/** `id` is null where the message had none that could be read. */
export type ResultMessage =
  | {
      readonly type: 'result';
      readonly id: number;
      readonly ok: true;
      readonly result: CommandResults[Command['type']];
    }
  | { readonly type: 'result'; readonly id: number | null; readonly ok: false; readonly error: WireError };

export type JsonStreamName = Exclude<StreamName, 'raw'>;

/** What the server adds to an event for one subscription. */
interface Delivery {
  readonly sub: number;
  /** Number of the event among those of its stream and source since the session's start: the same for every subscriber. */
  readonly seq: number;
  /** Events of the same source that this subscription missed since its last one because the client was too slow. */
  readonly dropped: number;
}

export type EventMessage<S extends JsonStreamName = JsonStreamName> = { readonly type: 'event' } & Delivery &
  Extract<StreamEvent, { stream: S }>;

export type JsonServerMessage = HelloMessage | AuthOkMessage | ResultMessage | EventMessage | Notice;

/**
 * Raw samples travel as binary messages, little-endian: this header, then float32 samples, channel-major
 * (`channel * samples + i`), NaN where a channel has no value. Byte offsets:
 */
export const RAW_HEADER = {
  /** u32, 'AER1': also the version. */
  magic: 0,
  /** u32 */
  sub: 4,
  /** u32 */
  seq: 8,
  /** u32, frames */
  dropped: 12,
  /** f64, on the device's sample index, lost samples included */
  firstSample: 16,
  /** f64, Unix microseconds of the first sample */
  startUs: 24,
  /** f64, Unix microseconds */
  emitUs: 32,
  /** f32 */
  sampleRateHz: 40,
  /** f32, microseconds */
  clockErrUs: 44,
  /** u32, samples lost between the previous frame and this one */
  lostBefore: 48,
  /** u16 */
  channels: 52,
  /** u16, per channel */
  samples: 54,
  /** u32, bit 0: simulated; bits 8 to 15: place of the modality in RAW_MODALITIES */
  flags: 56,
  byteLength: 60,
} as const;
export const RAW_MAGIC = 0x31524541;
export const RAW_MODALITIES: readonly Modality[] = ['eeg', 'eye', 'eog'];
