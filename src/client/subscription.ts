import type {
  Command,
  EventMessage,
  HelloMessage,
  JsonStreamName,
  Policy,
  ResumePoint,
  SOURCES,
  STREAM_NAMES,
  SubscribeResult,
} from '../api/protocol.ts';
import type { RawFrame } from './raw.ts';

export type StreamName = (typeof STREAM_NAMES)[number];
type Source = (typeof SOURCES)[number];
export type ClientEvent<S extends StreamName> = S extends JsonStreamName ? EventMessage<S> : RawFrame;
type AnyEvent = EventMessage | RawFrame;

export interface SubscribeOptions {
  /** Only what this source says; default: all of them. */
  readonly source?: Source;
  /** Default `all`; for each source by itself. */
  readonly policy?: Policy;
  /** With `latest`: at most one event of a source in this time. */
  readonly minPeriodMs?: number;
  /** After a reconnection: events that are gone for good; null where the server can't tell (it was restarted). */
  readonly onGap?: (missed: number | null) => void;
}

export interface ClientSubscription {
  /** Settles with the server's first answer; rejected with a `ClientError` where it refuses. */
  readonly accepted: Promise<SubscribeResult>;
  close(): void;
}

/** One wish for a stream, kept over reconnections; the client tells it what happens on the wire. */
export class Subscription implements ClientSubscription {
  readonly accepted: Promise<SubscribeResult>;
  /** The server's number on the present connection; null while it has none. */
  sub: number | null = null;
  closed = false;
  private readonly stream: StreamName;
  private readonly options: SubscribeOptions;
  private readonly handler: (event: AnyEvent) => void;
  private readonly onClose: (subscription: Subscription) => void;
  private resume: ResumePoint | null = null;
  private settle: { resolve(result: SubscribeResult): void; reject(error: Error): void };

  constructor(
    stream: StreamName,
    options: SubscribeOptions,
    handler: (event: AnyEvent) => void,
    onClose: (subscription: Subscription) => void,
  ) {
    this.stream = stream;
    this.options = options;
    this.handler = handler;
    this.onClose = onClose;
    const settle = { resolve: (_: SubscribeResult): void => {}, reject: (_: Error): void => {} };
    this.accepted = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
    this.accepted.catch(() => {}); // whoever does not look at it must not end the process
    this.settle = settle;
  }

  command(): Command {
    const { policy, minPeriodMs, source } = this.options;
    return {
      type: 'subscribe',
      stream: this.stream,
      ...(source === undefined ? {} : { source }),
      ...(policy === undefined ? {} : { policy }),
      ...(minPeriodMs === undefined ? {} : { min_period_ms: minPeriodMs }),
      ...(this.resume === null ? {} : { resume: this.resume }),
    };
  }

  accept(result: SubscribeResult): void {
    this.sub = result.sub;
    this.settle.resolve(result);
    const missed = result.resume?.missed;
    if (missed !== undefined && missed !== 0) this.options.onGap?.(missed);
  }

  refuse(error: Error): void {
    this.closed = true;
    this.settle.reject(error);
  }

  deliver(event: AnyEvent, { session, sources }: HelloMessage): void {
    const source = this.options.source === undefined && sources.length > 1 ? sourceOf(event) : null;
    const { resume } = this;
    const heard = resume?.session === session && typeof resume.last_seq === 'object' ? resume.last_seq : {};
    this.resume = { session, last_seq: source === null ? event.seq : { ...heard, [source]: event.seq } };
    if (!this.closed) this.handler(event);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.onClose(this);
  }
}

/** Null: of none, as a marker. */
function sourceOf(event: AnyEvent): Source | null {
  if (event.stream === 'raw') return event.info.modality;
  return event.stream === 'marker' ? null : event.source;
}
