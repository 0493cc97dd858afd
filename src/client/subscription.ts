import type { Source } from '../api/events.ts';
import type { Command, EventMessage, HelloMessage, ResumePoint, SubscribeResult } from '../api/messages.ts';
import type { ClientSubscription, StreamName, SubscribeOptions } from './api.ts';
import type { RawFrame } from './raw.ts';

type AnyEvent = EventMessage | RawFrame;

/** A subscription that is kept over reconnections. The client calls it with what the server answers and sends. */
export class Subscription implements ClientSubscription {
  readonly accepted: Promise<SubscribeResult>;
  /** The server's number on the present connection; null until the server has accepted it there. */
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
    this.accepted.catch(() => {}); // a rejection that the caller ignores must not end the process
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
    const received = resume?.session === session && typeof resume.last_seq === 'object' ? resume.last_seq : {};
    this.resume = { session, last_seq: source === null ? event.seq : { ...received, [source]: event.seq } };
    if (!this.closed) this.handler(event);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.onClose(this);
  }
}

/** The source whose numbers the event continues; null: all sources are numbered together (markers). */
function sourceOf(event: AnyEvent): Source | null {
  if (event.stream === 'raw') return event.info.modality;
  return event.stream === 'marker' ? null : event.source;
}
