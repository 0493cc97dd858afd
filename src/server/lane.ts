import type { StreamName } from '../api/events.ts';
import type { Clock } from '../clock.ts';
import type { Outbox } from './outbox.ts';
import type { Publication } from './publication.ts';
import type { ServerStats } from './stats.ts';

/** Settings that all sources of a subscription share. */
interface LaneSettings {
  readonly id: number;
  readonly stream: StreamName;
  /** Every event is sent or dropped; none waits and is replaced by a newer one. */
  readonly sendsAll: boolean;
  readonly minPeriodUs: number;
  /** With more unsent bytes than this, an event waits (or is dropped, if `sendsAll`). */
  readonly roomBytes: number;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly stats: ServerStats;
}

/** Sends the events of one source of a subscription. Events of other sources never replace or delay them. */
export class Lane {
  readonly #settings: LaneSettings;
  /** The newest event, while it waits for the client to read or for the period to end. */
  #pending: Publication | null = null;
  #timer: NodeJS.Timeout | undefined;
  #nextUs = 0;
  #dropped = 0;

  constructor(settings: LaneSettings) {
    this.#settings = settings;
  }

  offer(publication: Publication): void {
    const { outbox, sendsAll } = this.#settings;
    if (!outbox.open) return; // the connection is closing
    if (sendsAll) {
      if (this.#isFull()) this.#drop();
      else this.#send(publication);
    } else {
      if (this.#pending !== null && this.#isFull()) this.#drop();
      this.#pending = publication;
      this.flush();
    }
  }

  /** Sends the pending event now if it may be sent, otherwise later. */
  flush(): void {
    if (this.#pending === null) return;
    const { outbox, clock, minPeriodUs } = this.#settings;
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
    this.#settings.outbox.forget(this);
  }

  #isFull(): boolean {
    return this.#settings.outbox.unsent > this.#settings.roomBytes;
  }

  #send(publication: Publication): void {
    const { id, stream, minPeriodUs, outbox, clock, stats } = this.#settings;
    if (minPeriodUs > 0) this.#nextUs = clock.monoUs() + minPeriodUs;
    const message = publication.encode(id, this.#dropped);
    this.#dropped = 0;
    stats.sent[stream]++;
    outbox.send(message, publication.binary);
  }

  #drop(): void {
    this.#dropped++;
    this.#settings.stats.dropped[this.#settings.stream]++;
  }
}
