import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname, extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FeaturesEvent } from '../../src/api/events.ts';
import { startServer } from '../../src/server/server.ts';
import { FakeService, featuresEvent, serverOptions } from '../support/fake-service.ts';
import type { Expectation, Report } from './fanout-clients.ts';

interface FanoutRow {
  readonly clients: number;
  /** Size of one event on the wire. */
  readonly event_bytes: number;
  /** From the event's making to its reading, at 10 events a second; the clients share one process and its queue. */
  readonly latency_ms: { readonly p50: number; readonly p99: number };
  /** Of the server's process, for one event to all clients, at 10 events a second. */
  readonly cpu_ms_per_event: number;
  /** Share of one core at 10 events a second. */
  readonly core_share: number;
  /** Messages a second until the last one is read, when events come without a pause. */
  readonly messages_per_s: number;
}

const PACED = { events: 50, periodMs: 100 };
const BURST_MESSAGES = 50_000;

/** Fan-out of events of about 1 KB from a service without a device to clients in a second process. */
export async function benchFanout(options: { readonly clients: readonly number[] }): Promise<FanoutRow[]> {
  const rows: FanoutRow[] = [];
  for (const clients of options.clients) rows.push(await benchOne(clients));
  return rows;
}

async function benchOne(clients: number): Promise<FanoutRow> {
  const service = new FakeService();
  const server = await startServer(service, serverOptions({ limits: UNLIMITED }));
  const peers = await startClients(server.wsUrl, clients);

  const paced = heard(peers, PACED.events * clients);
  const cpuBefore = process.cpuUsage();
  for (let i = 0; i < PACED.events; i++) {
    service.publish(stamped());
    await sleep(PACED.periodMs);
  }
  const cpu = process.cpuUsage(cpuBefore);
  const { latencyMs } = await paced;

  const events = Math.max(20, Math.round(BURST_MESSAGES / clients));
  const burst = heard(peers, events * clients);
  const start = performance.now();
  for (let i = 0; i < events; i++) {
    service.publish(stamped());
    await new Promise(setImmediate);
  }
  await burst;
  const seconds = (performance.now() - start) / 1000;

  peers.disconnect();
  await once(peers, 'exit');
  await server.close();
  const cpuMs = (cpu.user + cpu.system) / 1000 / PACED.events;
  return {
    clients,
    event_bytes: JSON.stringify({ type: 'event', sub: 1, seq: 1, dropped: 0, ...stamped() }).length,
    latency_ms: latencyMs,
    cpu_ms_per_event: Number(cpuMs.toPrecision(3)),
    core_share: Number((cpuMs / PACED.periodMs).toPrecision(3)),
    messages_per_s: Math.round((events * clients) / seconds),
  };
}

/** Nothing may be dropped while throughput is measured. */
const UNLIMITED = { latest_wins_bytes: 2 ** 30, cut_bytes: 2 ** 31 };

/** `emit_us` holds the monotonic clock that all processes of a machine share. */
function stamped(): FeaturesEvent {
  const event = featuresEvent(32);
  return { ...event, t: { ...event.t, emit_us: Number(process.hrtime.bigint() / 1000n) } };
}

async function startClients(url: string, count: number): Promise<ChildProcess> {
  const self = fileURLToPath(import.meta.url);
  const peers = fork(join(dirname(self), `fanout-clients${extname(self)}`), [url, String(count)]);
  await next(peers);
  return peers;
}

async function heard(peers: ChildProcess, total: number): Promise<Exclude<Report, 'ready'>> {
  const expectation: Expectation = { total };
  peers.send(expectation);
  return (await next(peers)) as Exclude<Report, 'ready'>;
}

async function next(peers: ChildProcess): Promise<Report> {
  const [report] = (await once(peers, 'message')) as [Report];
  return report;
}
