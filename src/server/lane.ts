import type { StreamName } from '../api/events.ts';
import type { Clock } from '../clock.ts';
import type { Outbox } from './outbox.ts';
import type { Publication } from './publication.ts';
import type { ServerStats } from './stats.ts';

/** What holds for every source of a subscription. */
export interface Terms {
  readonly id: number;
  readonly stream: StreamName;
  /** Every event goes out or is dropped; none waits for a newer one to replace it. */
  readonly sendsAll: boolean;
  readonly minPeriodUs: number;
  /** With more bytes than this unsent, an event waits (or is dropped, where no newer one replaces it). */
  readonly roomBytes: number;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly stats: ServerStats;
}

/** One source's way through a subscription, on which no other source's event takes the place of its own. */
export class Lane {
  readonly #terms: Terms;
  /** The newest event, while it waits for room or for its time. */
  #pending: Publication | null = null;
  #timer: NodeJS.Timeout | undefined;
  #nextUs = 0;
  #dropped = 0;

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  offer(publication: Publication): void {
    const { outbox, sendsAll } = this.#terms;
    if (!outbox.open) return; // being closed; the end comes soon
    if (sendsAll) {
      if (this.#isFull()) this.#drop();
      else this.#send(publication);
    } else {
      if (this.#pending !== null && this.#isFull()) this.#drop();
      this.#pending = publication;
      this.flush();
    }
  }

  /** Sends what is pending if it may go now, and otherwise sees to it that it goes later. */
  flush(): void {
    if (this.#pending === null) return;
    const { outbox, clock, minPeriodUs } = this.#terms;
    if (this.#isFull()) return outbox.whenDrained(this);
    const waitUs = this.#nextUs - clock.monoUs();
    if (minPeriodUs > 0 && waitUs > 0) {
      this.#timer ??= setTimeout(
        () => {
          this.#timer = undefined;
          this.flush();
        },
        Math.ceil(waitUs / 1000),
      );
      return;
    }
    const publication = this.#pending;
    this.#pending = null;
    this.#send(publication);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#pending = null;
    this.#terms.outbox.forget(this);
  }

  #isFull(): boolean {
    return this.#terms.outbox.unsent > this.#terms.roomBytes;
  }

  #send(publication: Publication): void {
    const { id, stream, minPeriodUs, outbox, clock, stats } = this.#terms;
    if (minPeriodUs > 0) this.#nextUs = clock.monoUs() + minPeriodUs;
    const message = publication.encode(id, this.#dropped);
    this.#dropped = 0;
    stats.sent[stream]++;
    outbox.send(message, publication.binary);
  }

  #drop(): void {
    this.#dropped++;
    this.#terms.stats.dropped[this.#terms.stream]++;
  }
}
