import type { Publication } from './publication.ts';
import type { Subscription } from './subscription.ts';

interface Kept {
  readonly publication: Publication;
  /** Its place among the events of all feeds. */
  readonly place: number;
}

/** What one source says in one stream: numbered without holes, and the latest kept for those who resume. */
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

  publish(publication: Publication, place: number): void {
    this.seq = publication.seq;
    this.last = publication;
    this.#kept.push({ publication, place });
    if (this.#kept.length > this.#keep) this.#kept.shift();
    for (const subscription of this.subscribers) subscription.offer(publication);
  }

  /** The events after number `seq`, as far as they are kept. */
  after(seq: number): Kept[] {
    return this.#kept.filter(({ publication }) => publication.seq > seq);
  }
}
