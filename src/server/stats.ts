import type { DeviceStatusEvent, Source, StreamEvent, StreamName } from '../api/events.ts';
import { STREAM_NAMES } from '../api/protocol.ts';
import { DECISION_STATES, type DecisionState } from '../decision.ts';

type PerStream = Record<StreamName, number>;

function zeros<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}

/** Upper edges of the histogram in seconds, Prometheus's default buckets. */
export const LATENCY_EDGES_S: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counters since the server's start. /metrics prints them. */
export class ServerStats {
  clients = 0;
  subscriptions: PerStream = zeros(STREAM_NAMES);
  connections = 0;
  /** Refused before or at authentication. */
  refused = 0;
  /** Clients disconnected because they read too slowly. */
  cut = 0;
  /** Clients disconnected because they kept sending messages that are refused. */
  garbage = 0;
  /** Tokens that were unknown or had expired. */
  failedAuthentications = 0;
  /** From clients, refused messages included. */
  received = { messages: 0, bytes: 0 };
  commands = { ok: 0, refused: 0 };
  events: PerStream = zeros(STREAM_NAMES);
  sent: PerStream = zeros(STREAM_NAMES);
  dropped: PerStream = zeros(STREAM_NAMES);
  predictions: Record<DecisionState, number> = zeros(DECISION_STATES);
  /** Time from a window's last sample to its prediction: one count per edge, and one for longer times. */
  latency = { counts: new Array<number>(LATENCY_EDGES_S.length + 1).fill(0), sumS: 0 };
  readonly devices = new Map<Source, DeviceStatusEvent['data']>();

  observe(event: StreamEvent): void {
    if (event.stream === 'device') this.devices.set(event.source, event.data);
    // The predictions that a fusion combines are counted already.
    if (event.stream !== 'prediction' || event.source === 'fusion') return;
    this.predictions[event.data.state]++;
    // It repeats the time of an earlier window.
    if (event.data.reasons.includes('stale')) return;
    const latencyS = (event.t.emit_us - event.t.end_us) / 1e6;
    const bucket = LATENCY_EDGES_S.findIndex((edge) => latencyS <= edge);
    this.latency.counts[bucket === -1 ? LATENCY_EDGES_S.length : bucket]!++;
    this.latency.sumS += latencyS;
  }
}
