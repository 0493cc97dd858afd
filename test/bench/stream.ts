/**
 * 62 channels at 1000 Hz in blocks of 20 ms on one core, two jobs: `signal` starts from decoded float32 blocks (hop 4 s),
 * `full` from bytes with CRC (hop 1 s); both end with the model. Then the live service: from the arrival of the last byte
 * that a window needs to its event at a WebSocket client, while a second client takes every stream, as the dashboard does.
 */
import { once } from 'node:events';
import { cpus } from 'node:os';
import { WebSocket } from 'ws';
import { biosignal } from '../../devices/biosignal/index.ts';
import { serialDevice } from '../../devices/serial/index.ts';
import type { SerialProtocol } from '../../devices/serial/protocol.ts';
import { createAmplifier } from '../../devices/simulator/amplifier.ts';
import { loopbackOpener } from '../../devices/simulator/loopback.ts';
import { generatorSource } from '../../devices/simulator/source.ts';
import { type Client, connect } from '../../src/client/index.ts';
import { systemClock } from '../../src/clock.ts';
import { resolveModelDir } from '../../src/main/models.ts';
import { startService } from '../../src/main/service.ts';
import { loadBundle, type ModelBundle } from '../../src/model/bundle.ts';
import { EEG62 } from '../../src/montage.ts';
import { createPreprocessor, type Preprocessor, withHop } from '../../src/preprocess.ts';
import type { Block, DeviceEvent } from '../../src/samples.ts';
import { serverConfigSchema } from '../../src/server/config.ts';
import { createEegGenerator } from '../../src/simulation/eeg-generator.ts';
import { percentiles } from './percentile.ts';
import { serveMemoryMiB } from './serve-memory.ts';

const RATE_HZ = 1000;
const BLOCK_S = 0.02;
/** Signal that is made beforehand, in seconds; it is run through again and again. */
const MADE_S = 20;
const PASSES = 16;
/** Passes before them that warm the compiler up and are not counted: a kiosk runs for months. */
const WARM_UP = 4;
const LIVE_S = 30;

export async function benchStream(seconds = LIVE_S): Promise<{ rows: Row[]; summary: Record<string, unknown> }> {
  const model = await loadBundle(resolveModelDir('models/demo-eeg62-cmcrd'));
  const chunks = recordBytes();
  const blocks = decode(chunks).flatMap(({ events }) => events.flatMap((e) => (e.type === 'samples' ? [e.block] : [])));
  const heapBefore = heapMiB();
  const signal = await signalJob(model, blocks);
  const full = await fullJob(model, chunks);
  const heapGrowth = heapMiB() - heapBefore;
  const live = await liveJob(model, seconds);
  const serveRss = await serveMemoryMiB(seconds);
  const rows: Row[] = [
    { job: 'signal (float32 blocks, hop 4 s)', times_real_time: signal.x, ...named('block_ms', signal.block) },
    { job: 'full (bytes with CRC, hop 1 s)', times_real_time: full.x, ...named('block_ms', full.block) },
    { job: 'live, window to client', ...named('ms', live.latency), cpu_percent: live.cpuPercent },
    { job: 'demo in a process of its own', rss_mib: serveRss },
  ];
  return {
    rows,
    summary: {
      cpu: cpus()[0]?.model ?? 'unknown',
      simulated_s: MADE_S * PASSES,
      heap_growth_mib: round(heapGrowth),
      serve_rss_mib: serveRss,
      signal_x: signal.x,
      full_x: full.x,
      block_ms: full.block,
      window_to_client_ms: live.latency,
    },
  };
}

type Row = Record<string, unknown>;
type Percentiles = ReturnType<typeof percentiles>;

interface Chunk {
  readonly bytes: Uint8Array;
  readonly arrivalUs: number;
}

/** What a simulated amplifier sends in each 20 ms. */
function recordBytes(): Chunk[] {
  const generator = createEegGenerator({ seed: 1, preset: 'demo', montage: EEG62, sampleRateHz: RATE_HZ });
  const amplifier = createAmplifier({ protocol: 'biosignal', source: generatorSource(generator) });
  amplifier.advance(0);
  for (const bytes of biosignal.createSession({ baud: biosignal.defaultBaud }).opened(0)) amplifier.receive(bytes);
  const chunks: Chunk[] = [];
  for (let us = 0; us < MADE_S * 1e6; us += BLOCK_S * 1e6) chunks.push({ bytes: amplifier.advance(us), arrivalUs: us });
  return chunks;
}

function decode(chunks: readonly Chunk[]): { events: DeviceEvent[] }[] {
  const session = biosignal.createSession({ baud: biosignal.defaultBaud });
  session.opened(0);
  return chunks.map(({ bytes, arrivalUs }) => ({ events: session.push(bytes, arrivalUs) }));
}

/** Decoded blocks -> features -> model. */
async function signalJob(model: ModelBundle, blocks: readonly Block[]): Promise<{ x: number; block: Percentiles }> {
  return timed(async (blockMs) => {
    const preprocessor = createPreprocessor(withHop(model.manifest, 4), blocks[0]!.info);
    for (const block of blocks) {
      const start = performance.now();
      for (const window of preprocessor.push(block)) await model.classify(window.values);
      blockMs.push(performance.now() - start);
    }
  });
}

/** Bytes -> frames -> samples -> features -> model. */
async function fullJob(model: ModelBundle, chunks: readonly Chunk[]): Promise<{ x: number; block: Percentiles }> {
  return timed(async (blockMs) => {
    const session = biosignal.createSession({ baud: biosignal.defaultBaud });
    session.opened(0);
    let preprocessor: Preprocessor | undefined;
    for (const { bytes, arrivalUs } of chunks) {
      const start = performance.now();
      for (const event of session.push(bytes, arrivalUs)) {
        if (event.type === 'info') preprocessor = createPreprocessor(withHop(model.manifest, 1), event.info);
        if (event.type !== 'samples') continue;
        for (const window of preprocessor!.push(event.block)) await model.classify(window.values);
      }
      blockMs.push(performance.now() - start);
    }
  });
}

/** The median pass, because a busy machine slows single passes. */
async function timed(pass: (blockMs: number[]) => Promise<void>): Promise<{ x: number; block: Percentiles }> {
  const blockMs: number[] = [];
  const passes: number[] = [];
  for (let i = 0; i < WARM_UP; i++) await pass([]);
  for (let i = 0; i < PASSES; i++) {
    const start = performance.now();
    await pass(blockMs);
    passes.push((performance.now() - start) / 1000);
  }
  passes.sort((a, b) => a - b);
  return { x: Math.round(MADE_S / passes[passes.length >> 1]!), block: percentiles(blockMs) };
}

/** The whole service in real time: in-process port, pipeline, server, two clients. */
async function liveJob(model: ModelBundle, seconds: number): Promise<{ latency: Percentiles; cpuPercent: number }> {
  let arrivalUs = 0;
  const protocol: SerialProtocol = {
    ...biosignal,
    createSession(options) {
      const session = biosignal.createSession(options);
      const push = session.push.bind(session);
      session.push = (bytes, us) => {
        arrivalUs = us;
        return push(bytes, us);
      };
      return session;
    },
  };
  const generator = createEegGenerator({ seed: 2, preset: 'demo', montage: EEG62, sampleRateHz: RATE_HZ });
  const amplifier = createAmplifier({ protocol: 'biosignal', source: generatorSource(generator) });
  const openPort = loopbackOpener({ amplifier, clock: systemClock });
  const device = serialDevice({ protocol, path: 'simulator', clock: systemClock, openPort });
  const arrivals: number[] = [];
  const service = await startService({
    sources: [{ device, model, simulated: true }],
    clock: systemClock,
    server: { ...serverConfigSchema.parse({}), clock: systemClock, version: 'bench' },
    // A window is completed by the very push that brings its last byte, so that push's arrival counts.
    onEvent: (event) => {
      if ('stream' in event && event.stream === 'prediction') arrivals.push(arrivalUs);
    },
  });
  const clients = [connectTo(service.wsUrl), connectTo(service.wsUrl)];
  await Promise.all(clients.map((client) => client.opened()));
  const latencies: number[] = [];
  clients[0]!.subscribe('prediction', { policy: 'all' }, () => {
    latencies.push((systemClock.monoUs() - arrivals[latencies.length]!) / 1000);
  });
  for (const stream of ['prediction', 'features', 'quality', 'device', 'marker', 'raw'] as const) {
    clients[1]!.subscribe(stream, { policy: 'all' }, () => {});
  }
  await Promise.all(clients.map((client) => client.ping()));
  const cpu = process.cpuUsage();
  void service.run();
  await once(AbortSignal.timeout(seconds * 1000), 'abort');
  const { user, system } = process.cpuUsage(cpu);
  for (const client of clients) client.close();
  await service.close();
  return { latency: percentiles(latencies), cpuPercent: round((user + system) / (seconds * 1e4)) };
}

function connectTo(url: string): Client {
  return connect(url, { WebSocket });
}

function named(name: string, { p50, p99 }: Percentiles): Row {
  return { [`${name}_p50`]: p50, [`${name}_p99`]: p99 };
}

function heapMiB(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
