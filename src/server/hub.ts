import type { RawEvent, Source, StreamEvent, StreamName } from '../api/events.ts';
import type { ResumePoint } from '../api/messages.ts';
import { Feed } from './feed.ts';
import { type Publication, publishFrame, publishJson, sourceOf } from './publication.ts';
import { RawFramer } from './raw-frames.ts';
import type { ServerStats } from './stats.ts';
import type { Subscription } from './subscription.ts';

interface CatchUp {
  readonly replayed: readonly Publication[];
  /** Number of events after the resume point that are not kept any more; null: unknown. */
  readonly missed: number | null;
  /** The present device state of those sources that nothing is replayed of. */
  readonly present: readonly Publication[];
}

/** Passes each event to the feed of its stream and source, and catches new subscribers up. */
export class Hub {
  private readonly session: string;
  private readonly keep: number;
  private readonly stats: ServerStats;
  private readonly framers = new Map<Source, RawFramer>();
  private readonly feeds = new Map<StreamName, Map<Source | null, Feed>>();
  private published = 0;

  constructor(session: string, keep: number, stats: ServerStats) {
    this.session = session;
    this.keep = keep;
    this.stats = stats;
  }

  publish(event: StreamEvent): void {
    this.stats.observe(event);
    if (event.stream === 'raw') return this.publishRaw(event);
    const feed = this.feedOf(event.stream, sourceOf(event));
    this.release(feed, publishJson(event, feed.seq + 1));
  }

  /** What a new subscriber gets at once. Raw frames are not kept, so none are replayed. */
  catchUp({ stream, sources, onlyNewest }: Subscription, resume: ResumePoint | undefined): CatchUp {
    const points = this.pointsOf(stream, sources, resume);
    const kept: ReturnType<Feed['after']> = [];
    const present: Publication[] = [];
    let missed = points === null ? null : 0;
    for (const source of sources) {
      const feed = this.feedOf(stream, source);
      const point = points?.get(source);
      if (point !== undefined && point <= feed.seq) {
        const after = feed.after(point);
        if (missed !== null) missed += feed.seq - point - after.length;
        kept.push(...after.slice(onlyNewest ? -1 : 0));
      } else {
        if (point !== undefined) missed = null;
        if (stream === 'device' && feed.last !== null) present.push(feed.last);
      }
    }
    kept.sort((a, b) => a.order - b.order);
    return { replayed: kept.map(({ publication }) => publication), missed, present };
  }

  add(subscription: Subscription): void {
    const { stream, sources } = subscription;
    for (const source of sources) this.feedOf(stream, source).subscribers.add(subscription);
    this.stats.subscriptions[stream]++;
  }

  remove(subscription: Subscription): void {
    const { stream, sources } = subscription;
    subscription.end();
    for (const source of sources) this.feedOf(stream, source).subscribers.delete(subscription);
    this.stats.subscriptions[stream]--;
  }

  /** The last number that the client received of each source; null if it cannot be compared with the numbers here. */
  private pointsOf(
    stream: StreamName,
    sources: Subscription['sources'],
    resume: ResumePoint | undefined,
  ): ReadonlyMap<Source | null, number> | null {
    if (resume === undefined) return new Map();
    const { session, last_seq } = resume;
    if (session !== this.session || stream === 'raw') return null;
    if (typeof last_seq !== 'number') return new Map(Object.entries(last_seq) as [Source, number][]);
    return sources.length === 1 ? new Map([[sources[0]!, last_seq]]) : null;
  }

  private publishRaw(event: RawEvent): void {
    const { source } = event;
    const framer = this.framers.get(source) ?? new RawFramer();
    this.framers.set(source, framer);
    const feed = this.feedOf('raw', source);
    if (feed.subscribers.size === 0) return framer.reset();
    for (const frame of framer.push(event)) this.release(feed, publishFrame(frame, source, feed.seq + 1));
  }

  private release(feed: Feed, publication: Publication): void {
    this.stats.events[publication.stream]++;
    feed.publish(publication, ++this.published);
  }

  private feedOf(stream: StreamName, source: Source | null): Feed {
    let feeds = this.feeds.get(stream);
    if (feeds === undefined) {
      feeds = new Map();
      this.feeds.set(stream, feeds);
    }
    let feed = feeds.get(source);
    if (feed === undefined) {
      feed = new Feed(stream === 'raw' ? 0 : this.keep);
      feeds.set(source, feed);
    }
    return feed;
  }
}
