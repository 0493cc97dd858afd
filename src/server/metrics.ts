import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Service } from '../api/service.ts';
import type { ServerOptions } from './config.ts';
import { LATENCY_EDGES_S, type ServerStats } from './stats.ts';

const loopDelay = monitorEventLoopDelay({ resolution: 20 });
loopDelay.enable();

/** Seconds by quantile. */
function eventLoopDelay(): Record<string, number> {
  const seconds = (percentile: number) => loopDelay.percentile(percentile) / 1e9;
  return { '0.5': seconds(50), '0.99': seconds(99) };
}

type Labelled = Readonly<Record<string, number>>;

const DEVICE_COUNTERS = [
  ['device_received_bytes_total', 'Bytes from the device.', 'bytes_received'],
  ['device_discarded_bytes_total', 'Bytes outside valid frames.', 'bytes_discarded'],
  ['device_reconnects_total', 'Reconnections of the device.', 'reconnects'],
  ['samples_received_total', 'Samples from the device.', 'samples_received'],
  ['samples_lost_total', 'Samples lost.', 'samples_lost'],
  ['samples_interpolated_total', 'Samples interpolated.', 'samples_interpolated'],
] as const;

/** The server's counters in Prometheus's text format. They contain no data about a person. */
export function renderMetrics(
  stats: ServerStats,
  service: Service,
  { version, droppedLogLines }: Pick<ServerOptions, 'version' | 'droppedLogLines'>,
): string {
  const lines: string[] = [];
  // Prometheus defines the names that start with process_.
  const full = (name: string) => (name.startsWith('process_') ? name : `affect_edge_${name}`);
  const family = (type: string, name: string, help: string) =>
    lines.push(`# HELP ${full(name)} ${help}`, `# TYPE ${full(name)} ${type}`);
  const plain = (type: 'counter' | 'gauge', name: string, help: string, value: number) => {
    family(type, name, help);
    lines.push(`${full(name)} ${value}`);
  };
  const labelled = (type: 'counter' | 'gauge', name: string, help: string, label: string, values: Labelled) => {
    family(type, name, help);
    for (const [key, value] of Object.entries(values)) lines.push(`${full(name)}{${label}="${key}"} ${value}`);
  };

  labelled('gauge', 'build_info', 'Version of the product.', 'version', { [version]: 1 });
  const unwritten = droppedLogLines?.() ?? 0;
  plain('counter', 'log_lines_dropped_total', 'Lines of the log that could not be written.', unwritten);
  plain('gauge', 'ready', '1 while predictions are possible.', service.readiness().ready ? 1 : 0);
  const streaming = service.models.map(({ modality }): [string, number] => {
    return [modality, stats.devices.get(modality)?.state === 'streaming' ? 1 : 0];
  });
  labelled(
    'gauge',
    'device_streaming',
    '1 while the device delivers samples.',
    'source',
    Object.fromEntries(streaming),
  );
  plain('gauge', 'clients', 'WebSocket clients connected.', stats.clients);
  plain('counter', 'connections_total', 'WebSocket connections accepted.', stats.connections);
  plain('counter', 'connections_refused_total', 'Connections refused.', stats.refused);
  plain('counter', 'clients_cut_total', 'Clients disconnected because they read too slowly.', stats.cut);
  plain('counter', 'clients_garbage_total', 'Clients disconnected after repeated refused messages.', stats.garbage);
  plain('counter', 'authentications_failed_total', 'Tokens that were unknown or expired.', stats.failedAuthentications);
  plain('counter', 'received_messages_total', 'Messages from clients, refused ones included.', stats.received.messages);
  plain('counter', 'received_bytes_total', 'Bytes of messages from clients.', stats.received.bytes);
  family('gauge', 'event_loop_delay_seconds', 'Delay of the event loop since the start.');
  for (const [quantile, seconds] of Object.entries(eventLoopDelay())) {
    lines.push(`${full('event_loop_delay_seconds')}{quantile="${quantile}"} ${seconds}`);
  }
  labelled('counter', 'commands_total', 'Commands by outcome.', 'outcome', stats.commands);
  labelled('gauge', 'subscriptions', 'Open subscriptions.', 'stream', stats.subscriptions);
  labelled('counter', 'events_total', 'Events published.', 'stream', stats.events);
  labelled('counter', 'sent_total', 'Events sent to clients.', 'stream', stats.sent);
  labelled('counter', 'dropped_total', 'Events not sent to slow clients.', 'stream', stats.dropped);
  labelled('counter', 'predictions_total', 'Predictions by state.', 'state', stats.predictions);

  if (stats.devices.size > 0) {
    for (const [name, help, field] of DEVICE_COUNTERS) {
      const values = Object.fromEntries([...stats.devices].map(([source, device]) => [source, device[field]]));
      labelled('counter', name, help, 'source', values);
    }
  }

  const histogram = 'prediction_latency_seconds';
  family('histogram', histogram, "Time from a window's last sample to its prediction.");
  let count = 0;
  stats.latency.counts.forEach((inBucket, i) => {
    count += inBucket;
    lines.push(`${full(histogram)}_bucket{le="${LATENCY_EDGES_S[i] ?? '+Inf'}"} ${count}`);
  });
  lines.push(`${full(histogram)}_sum ${stats.latency.sumS}`, `${full(histogram)}_count ${count}`);

  const cpu = process.cpuUsage();
  plain('gauge', 'process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss());
  plain('counter', 'process_cpu_seconds_total', 'Processor time used.', (cpu.user + cpu.system) / 1e6);
  return `${lines.join('\n')}\n`;
}
