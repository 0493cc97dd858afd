import type { Clock } from '../clock.ts';
import type { Source, StreamName } from '../events.ts';
import type { Policy } from '../protocol.ts';
import type { Limits } from './config.ts';
import type { Outbox } from './outbox.ts';
import type { Publication } from './publication.ts';
import type { ServerStats } from './stats.ts';

interface Wish {
  readonly stream: StreamName;
  readonly source?: Source | undefined;
  readonly policy: Policy;
  readonly min_period_ms: number;
}

/** Streams whose events are not replaced by newer ones, whatever the policy. */
const SENDS_ALL: readonly StreamName[] = ['marker', 'raw'];

/** One client's wish for one stream: decides what of it goes out, what waits and what is given up. */
export class Subscription {
  readonly id: number;
  readonly stream: StreamName;
  private readonly source: Source | undefined;
  /** Newer events replace older ones, so that of those kept for a resume only the last is worth sending. */
  readonly onlyNewest: boolean;
  private readonly outbox: Outbox;
  private readonly clock: Clock;
  private readonly stats: ServerStats;
  private readonly minPeriodUs: number;
  /** With more bytes than this unsent, an event of this stream waits (or is dropped, where no newer one replaces it). */
  private readonly roomBytes: number;
  /** The newest event, while it waits for room or for its time. */
  private pending: Publication | null = null;
  private timer: NodeJS.Timeout | undefined;
  private nextUs = 0;
  private dropped = 0;

  constructor(id: number, wish: Wish, outbox: Outbox, limits: Limits, clock: Clock, stats: ServerStats) {
    this.id = id;
    this.stream = wish.stream;
    this.source = wish.source;
    this.minPeriodUs = wish.min_period_ms * 1000;
    this.onlyNewest = wish.policy === 'latest' && !SENDS_ALL.includes(wish.stream);
    this.roomBytes = roomFor(wish, limits);
    this.outbox = outbox;
    this.clock = clock;
    this.stats = stats;
  }

  wants({ source }: Publication): boolean {
    return this.source === undefined || source === null || this.source === source;
  }

  offer(publication: Publication): void {
    if (!this.outbox.open) return; // being closed; the end comes soon
    if (!this.wants(publication)) return;
    if (SENDS_ALL.includes(this.stream)) {
      if (this.full) this.drop();
      else this.send(publication);
    } else {
      if (this.pending !== null && this.full) this.drop();
      this.pending = publication;
      this.flush();
    }
  }

  /** Sends what is pending if it may go now, and otherwise sees to it that it goes later. */
  flush(): void {
    if (this.pending === null) return;
    if (this.full) return this.outbox.whenDrained(this);
    const waitUs = this.nextUs - this.clock.monoUs();
    if (this.minPeriodUs > 0 && waitUs > 0) {
      this.timer ??= setTimeout(
        () => {
          this.timer = undefined;
          this.flush();
        },
        Math.ceil(waitUs / 1000),
      );
      return;
    }
    const publication = this.pending;
    this.pending = null;
    this.send(publication);
  }

  end(): void {
    clearTimeout(this.timer);
    this.pending = null;
    this.outbox.forget(this);
  }

  private get full(): boolean {
    return this.outbox.unsent > this.roomBytes;
  }

  private send(publication: Publication): void {
    if (this.minPeriodUs > 0) this.nextUs = this.clock.monoUs() + this.minPeriodUs;
    const message = publication.encode(this.id, this.dropped);
    this.dropped = 0;
    this.stats.sent[this.stream]++;
    this.outbox.send(message, publication.binary);
  }

  private drop(): void {
    this.dropped++;
    this.stats.dropped[this.stream]++;
  }
}

function roomFor({ stream, policy }: Wish, limits: Limits): number {
  if (stream === 'marker') return Number.POSITIVE_INFINITY;
  if (stream === 'raw') return limits.drop_raw_bytes;
  return policy === 'latest' ? limits.latest_policy_bytes : limits.latest_wins_bytes;
}
