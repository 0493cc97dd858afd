import type { Publication } from './publication.ts';
import type { Subscription } from './subscription.ts';

interface Kept {
  readonly publication: Publication;
  /** Its number among the events of all feeds. */
  readonly order: number;
}

/** The events of one source in one stream: numbered without gaps, the latest ones kept for clients that resume. */
export class Feed {
  readonly subscribers = new Set<Subscription>();
  /** Number of the newest event; 0 before the first. */
  seq = 0;
  last: Publication | null = null;
  readonly #keep: number;
  readonly #kept: Kept[] = [];

  constructor(keep: number) {
    this.#keep = keep;
  }

  publish(publication: Publication, order: number): void {
    this.seq = publication.seq;
    this.last = publication;
    this.#kept.push({ publication, order });
    if (this.#kept.length > this.#keep) this.#kept.shift();
    for (const subscription of this.subscribers) subscription.offer(publication);
  }

  /** The kept events after number `seq`. */
  after(seq: number): Kept[] {
    return this.#kept.filter(({ publication }) => publication.seq > seq);
  }
}
