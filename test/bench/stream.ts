/**
 * 62 channels at 1000 Hz in blocks of 20 ms on one core, two jobs: `signal` starts from decoded float32 blocks (hop 4 s),
 * `full` from bytes with CRC (hop 1 s); both end with the model. Then the live service: from the arrival of the last byte
 * that a window needs to its event at a WebSocket client, while a second client takes every stream, as the dashboard does.
 */
import { cpus } from 'node:os';
import { resolveModelDir } from '../../src/main/package-root.ts';
import { simulatedPerson } from '../../src/main/simulated.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { blocksOf, fullJob, liveJob, named, recordBytes, SIMULATED_S, signalJob } from './live-path.ts';
import { serveMemoryMiB } from './serve-memory.ts';

const LIVE_S = 30;

export async function benchStream(
  seconds = LIVE_S,
): Promise<{ rows: Record<string, unknown>[]; summary: Record<string, unknown> }> {
  const model = await loadBundle(resolveModelDir('models/demo-eeg62-cmcrd'));
  const person = (seed: number) => simulatedPerson({ modality: 'eeg', seed });
  const chunks = recordBytes(person(1));
  const blocks = blocksOf(chunks);
  const heapBefore = heapMiB();
  const signal = await signalJob(model, blocks, 4);
  const full = await fullJob(model, chunks);
  const heapGrowth = heapMiB() - heapBefore;
  const live = await liveJob({ source: person(2), model, stream: 'prediction', seconds });
  const serveRss = await serveMemoryMiB(seconds);
  return {
    rows: [
      { job: 'signal (float32 blocks, hop 4 s)', times_real_time: signal.x, ...named('block_ms', signal.block) },
      { job: 'full (bytes with CRC, hop 1 s)', times_real_time: full.x, ...named('block_ms', full.block) },
      { job: 'live, window to client', ...named('ms', live.latency), cpu_percent: live.cpuPercent },
      { job: 'demo in a process of its own', rss_mib: serveRss },
    ],
    summary: {
      cpu: cpus()[0]?.model ?? 'unknown',
      simulated_s: SIMULATED_S,
      heap_growth_mib: Number(heapGrowth.toFixed(1)),
      serve_rss_mib: serveRss,
      signal_x: signal.x,
      full_x: full.x,
      block_ms: full.block,
      window_to_client_ms: live.latency,
    },
  };
}

function heapMiB(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
