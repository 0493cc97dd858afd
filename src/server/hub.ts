import type { RawEvent, Source, StreamEvent, StreamName } from '../events.ts';
import type { ResumePoint } from '../protocol.ts';
import { type Publication, publishFrame, publishJson } from './publication.ts';
import { RawFramer } from './raw-frames.ts';
import type { ServerStats } from './stats.ts';
import type { Subscription } from './subscription.ts';

interface Replay {
  readonly publications: readonly Publication[];
  /** Events that came after the resume point and are not kept any more; null: nobody knows. */
  readonly missed: number | null;
}

/** Numbers the events of each stream, keeps the latest for those who resume, and hands them to the subscribers. */
export class Hub {
  private readonly session: string;
  private readonly keep: number;
  private readonly stats: ServerStats;
  private readonly framers = new Map<Source, RawFramer>();
  private readonly subscribers = new Map<StreamName, Set<Subscription>>();
  private readonly kept = new Map<StreamName, Publication[]>();
  private readonly lastDevices = new Map<Source, Publication>();

  constructor(session: string, keep: number, stats: ServerStats) {
    this.session = session;
    this.keep = keep;
    this.stats = stats;
  }

  publish(event: StreamEvent): void {
    this.stats.observe(event);
    if (event.stream === 'raw') return this.publishRaw(event);
    const publication = publishJson(event, ++this.stats.events[event.stream]);
    if (event.stream === 'device') this.lastDevices.set(event.source, publication);
    const kept = this.keptOf(event.stream);
    kept.push(publication);
    if (kept.length > this.keep) kept.shift();
    this.deliver(publication);
  }

  /** What follows `resume`, as far as it is kept. Raw frames are never kept. */
  replay(stream: StreamName, resume: ResumePoint): Replay {
    const newest = this.stats.events[stream];
    if (resume.session !== this.session || resume.last_seq > newest || stream === 'raw') {
      return { publications: [], missed: null };
    }
    const publications = this.keptOf(stream).filter(({ seq }) => seq > resume.last_seq);
    return { publications, missed: newest - resume.last_seq - publications.length };
  }

  /** What a new subscriber is told at once: of a state there is always a present one. */
  present(stream: StreamName): Publication[] {
    return stream === 'device' ? [...this.lastDevices.values()] : [];
  }

  add(subscription: Subscription): void {
    this.of(subscription.stream).add(subscription);
    this.stats.subscriptions[subscription.stream]++;
  }

  remove(subscription: Subscription): void {
    subscription.end();
    if (this.of(subscription.stream).delete(subscription)) this.stats.subscriptions[subscription.stream]--;
  }

  private publishRaw(event: RawEvent): void {
    const { source } = event;
    const framer = this.framers.get(source) ?? new RawFramer();
    this.framers.set(source, framer);
    if (this.of('raw').size === 0) return framer.reset();
    for (const frame of framer.push(event)) this.deliver(publishFrame(frame, source, ++this.stats.events.raw));
  }

  private deliver(publication: Publication): void {
    for (const subscription of this.of(publication.stream)) subscription.offer(publication);
  }

  private of(stream: StreamName): Set<Subscription> {
    let set = this.subscribers.get(stream);
    if (set === undefined) {
      set = new Set();
      this.subscribers.set(stream, set);
    }
    return set;
  }

  private keptOf(stream: StreamName): Publication[] {
    let list = this.kept.get(stream);
    if (list === undefined) {
      list = [];
      this.kept.set(stream, list);
    }
    return list;
  }
}
