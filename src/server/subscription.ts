import type { Clock } from '../clock.ts';
import type { StreamName } from '../events.ts';
import type { Outbox } from './outbox.ts';
import type { Publication } from './publication.ts';
import type { ServerStats } from './stats.ts';

/** One client's wish for one stream: decides what of it goes out, what waits and what is given up. */
export class Subscription {
  readonly id: number;
  readonly stream: StreamName;
  private readonly outbox: Outbox;
  private readonly clock: Clock;
  private readonly stats: ServerStats;
  private readonly minPeriodUs: number;
  /** The newest event, while it waits for room or for its time. */
  private pending: Publication | null = null;
  private timer: NodeJS.Timeout | undefined;
  private nextUs = 0;
  private dropped = 0;

  constructor(id: number, stream: StreamName, minPeriodMs: number, outbox: Outbox, clock: Clock, stats: ServerStats) {
    this.id = id;
    this.stream = stream;
    this.minPeriodUs = minPeriodMs * 1000;
    this.outbox = outbox;
    this.clock = clock;
    this.stats = stats;
  }

  offer(publication: Publication): void {
    if (this.stream === 'raw') {
      if (this.outbox.busy) this.drop();
      else this.send(publication);
    } else if (this.stream === 'marker') {
      this.send(publication);
    } else {
      if (this.pending !== null && this.outbox.congested) this.drop();
      this.pending = publication;
      this.flush();
    }
  }

  /** Sends what is pending if it may go now, and otherwise sees to it that it goes later. */
  flush(): void {
    if (this.pending === null) return;
    if (this.outbox.congested) return this.outbox.whenDrained(this);
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
