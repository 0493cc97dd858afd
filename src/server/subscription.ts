import type { Source, StreamName } from '../api/events.ts';
import type { Policy } from '../api/messages.ts';
import type { Clock } from '../clock.ts';
import type { Limits } from './config.ts';
import { Lane } from './lane.ts';
import type { Outbox } from './outbox.ts';
import type { Publication } from './publication.ts';
import type { ServerStats } from './stats.ts';

interface SubscriptionRequest {
  readonly stream: StreamName;
  readonly policy: Policy;
  readonly min_period_ms: number;
}

/** Streams in which a newer event does not replace an older one, whatever the policy. */
const SENDS_ALL: readonly StreamName[] = ['gaze', 'marker', 'raw'];

/** One client's subscription to one stream. For each source it decides which events are sent, wait or are dropped. */
export class Subscription {
  readonly id: number;
  readonly stream: StreamName;
  /** The sources whose events it gets; null: events without a source. */
  readonly sources: readonly (Source | null)[];
  /** Newer events replace older ones, so a resume sends only the last one of each source. */
  readonly onlyNewest: boolean;
  private readonly lanes: ReadonlyMap<Source | null, Lane>;

  constructor(
    id: number,
    request: SubscriptionRequest,
    sources: Subscription['sources'],
    outbox: Outbox,
    limits: Limits,
    clock: Clock,
    stats: ServerStats,
  ) {
    const { stream, policy, min_period_ms } = request;
    const sendsAll = SENDS_ALL.includes(stream);
    const roomBytes = roomFor(request, limits);
    const settings = { id, stream, sendsAll, minPeriodUs: min_period_ms * 1000, roomBytes, outbox, clock, stats };
    this.id = id;
    this.stream = stream;
    this.sources = sources;
    this.onlyNewest = policy === 'latest' && !sendsAll;
    this.lanes = new Map(sources.map((source) => [source, new Lane(settings)]));
  }

  /** To be called with events of `sources` only. */
  offer(publication: Publication): void {
    this.lanes.get(publication.source)!.offer(publication);
  }

  end(): void {
    for (const lane of this.lanes.values()) lane.end();
  }
}

function roomFor({ stream, policy }: SubscriptionRequest, limits: Limits): number {
  if (stream === 'marker') return Number.POSITIVE_INFINITY;
  if (stream === 'raw') return limits.drop_raw_bytes;
  if (stream === 'gaze') return limits.latest_wins_bytes;
  return policy === 'latest' ? limits.latest_policy_bytes : limits.latest_wins_bytes;
}
