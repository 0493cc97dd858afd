import type { Source, StreamName } from '../api/events.ts';
import type { Policy } from '../api/messages.ts';
import type { Clock } from '../clock.ts';
import type { Limits } from './config.ts';
import { Lane } from './lane.ts';
import type { Outbox } from './outbox.ts';
import type { Publication } from './publication.ts';
import type { ServerStats } from './stats.ts';

interface Wish {
  readonly stream: StreamName;
  readonly policy: Policy;
  readonly min_period_ms: number;
}

/** Streams of things that happened, which a newer one does not replace, whatever the policy. */
const SENDS_ALL: readonly StreamName[] = ['gaze', 'marker', 'raw'];

/** One client's wish for one stream: decides what of each source goes out, what waits and what is given up. */
export class Subscription {
  readonly id: number;
  readonly stream: StreamName;
  /** Whose events it gets; null: those that belong to no source. */
  readonly sources: readonly (Source | null)[];
  /** Newer events replace older ones, so that of those kept for a resume only each source's last is worth sending. */
  readonly onlyNewest: boolean;
  private readonly lanes: ReadonlyMap<Source | null, Lane>;

  constructor(
    id: number,
    wish: Wish,
    sources: Subscription['sources'],
    outbox: Outbox,
    limits: Limits,
    clock: Clock,
    stats: ServerStats,
  ) {
    const { stream, policy, min_period_ms } = wish;
    const sendsAll = SENDS_ALL.includes(stream);
    const roomBytes = roomFor(wish, limits);
    const terms = { id, stream, sendsAll, minPeriodUs: min_period_ms * 1000, roomBytes, outbox, clock, stats };
    this.id = id;
    this.stream = stream;
    this.sources = sources;
    this.onlyNewest = policy === 'latest' && !sendsAll;
    this.lanes = new Map(sources.map((source) => [source, new Lane(terms)]));
  }

  /** To be called with events of its own sources. */
  offer(publication: Publication): void {
    this.lanes.get(publication.source)!.offer(publication);
  }

  end(): void {
    for (const lane of this.lanes.values()) lane.end();
  }
}

function roomFor({ stream, policy }: Wish, limits: Limits): number {
  if (stream === 'marker') return Number.POSITIVE_INFINITY;
  if (stream === 'raw') return limits.drop_raw_bytes;
  if (stream === 'gaze') return limits.latest_wins_bytes;
  return policy === 'latest' ? limits.latest_policy_bytes : limits.latest_wins_bytes;
}
