/** The jobs of the benchmarks of the live path: from bytes or blocks to the model, and the whole service in real time. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { biosignal } from '../../devices/biosignal/index.ts';
import { serialDevice } from '../../devices/serial/index.ts';
import type { SerialProtocol } from '../../devices/serial/protocol.ts';
import { createAmplifier } from '../../devices/simulator/amplifier.ts';
import { loopbackOpener } from '../../devices/simulator/loopback.ts';
import type { SampleSource } from '../../devices/simulator/source.ts';
import type { StreamEvent } from '../../src/api/events.ts';
import type { JsonStreamName } from '../../src/api/messages.ts';
import { STREAM_NAMES } from '../../src/api/protocol.ts';
import { type Client, connect } from '../../src/client/index.ts';
import { systemClock } from '../../src/clock.ts';
import { startService } from '../../src/main/service.ts';
import type { ModelBundle } from '../../src/model/bundle.ts';
import { createPreprocessor, withHop } from '../../src/preprocess/index.ts';
import { type Preprocessor, windowsOf } from '../../src/preprocess/preprocessor.ts';
import type { Block } from '../../src/samples.ts';
import { serverConfigSchema } from '../../src/server/config.ts';
import { percentiles } from './percentile.ts';

const BLOCK_S = 0.02;
/** Signal that is made beforehand, in seconds; it is run through again and again. */
const MADE_S = 20;
const PASSES = 16;
/** Passes before them that warm the compiler up and are not counted: a kiosk runs for months. */
const WARM_UP = 4;
export const SIMULATED_S = MADE_S * PASSES;

export type Percentiles = ReturnType<typeof percentiles>;

interface Throughput {
  /** Times real time. */
  readonly x: number;
  readonly block: Percentiles;
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly arrivalUs: number;
}

/** What the simulated device sends in each 20 ms. */
export function recordBytes(source: SampleSource): Chunk[] {
  const amplifier = createAmplifier({ protocol: 'biosignal', source });
  amplifier.advance(0);
  for (const bytes of biosignal.createDriver({ baud: biosignal.defaultBaud }).opened(0)) amplifier.receive(bytes);
  const chunks: Chunk[] = [];
  for (let us = 0; us < MADE_S * 1e6; us += BLOCK_S * 1e6) chunks.push({ bytes: amplifier.advance(us), arrivalUs: us });
  return chunks;
}

export function blocksOf(chunks: readonly Chunk[]): Block[] {
  const driver = biosignal.createDriver({ baud: biosignal.defaultBaud });
  driver.opened(0);
  const events = chunks.flatMap(({ bytes, arrivalUs }) => driver.push(bytes, arrivalUs));
  return events.flatMap((event) => (event.type === 'samples' ? [event.block] : []));
}

/** Decoded blocks -> features -> model. */
export async function signalJob(model: ModelBundle, blocks: readonly Block[], hopS: number): Promise<Throughput> {
  return timed(async (blockMs) => {
    const preprocessor = createPreprocessor(withHop(model.manifest, hopS), blocks[0]!.info);
    for (const block of blocks) {
      const start = performance.now();
      for (const window of windowsOf(preprocessor.push(block))) await model.classify(window.values);
      blockMs.push(performance.now() - start);
    }
  });
}

/** Bytes -> frames -> samples -> features -> model. */
export async function fullJob(model: ModelBundle, chunks: readonly Chunk[]): Promise<Throughput> {
  return timed(async (blockMs) => {
    const driver = biosignal.createDriver({ baud: biosignal.defaultBaud });
    driver.opened(0);
    let preprocessor: Preprocessor | undefined;
    for (const { bytes, arrivalUs } of chunks) {
      const start = performance.now();
      for (const event of driver.push(bytes, arrivalUs)) {
        if (event.type === 'info') preprocessor = createPreprocessor(withHop(model.manifest, 1), event.info);
        if (event.type !== 'samples') continue;
        for (const window of windowsOf(preprocessor!.push(event.block))) await model.classify(window.values);
      }
      blockMs.push(performance.now() - start);
    }
  });
}

/** The median pass, because a busy machine slows single passes. */
async function timed(pass: (blockMs: number[]) => Promise<void>): Promise<Throughput> {
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

export interface LiveOptions {
  readonly source: SampleSource;
  readonly model: ModelBundle;
  readonly stream: JsonStreamName;
  readonly seconds: number;
  readonly onEvent?: (event: StreamEvent) => void;
}

/**
 * The whole service in real time: in-process port, pipeline, server, a client of `stream`, another of every stream.
 * Latency counts from the arrival of the bytes that complete an event to the event at the client.
 */
export async function liveJob(options: LiveOptions): Promise<{ latency: Percentiles; cpuPercent: number }> {
  const { source, model, stream, seconds, onEvent } = options;
  let arrivalUs = 0;
  const protocol: SerialProtocol = {
    ...biosignal,
    createDriver(asked) {
      const driver = biosignal.createDriver(asked);
      const push = driver.push.bind(driver);
      driver.push = (bytes, us) => {
        arrivalUs = us;
        return push(bytes, us);
      };
      return driver;
    },
  };
  const amplifier = createAmplifier({ protocol: 'biosignal', source });
  const openPort = loopbackOpener({ amplifier, clock: systemClock });
  const device = serialDevice({ protocol, path: 'simulator', clock: systemClock, openPort });
  const arrivals: number[] = [];
  const service = await startService({
    sources: [{ device, model, simulated: true }],
    clock: systemClock,
    server: { ...serverConfigSchema.parse({}), clock: systemClock, version: 'bench' },
    // An event is completed by the very push that brings its last byte, so that push's arrival counts.
    onEvent: (event) => {
      if (!('stream' in event)) return;
      onEvent?.(event);
      if (event.stream === stream) arrivals.push(arrivalUs);
    },
  });
  const clients = [connectTo(service.wsUrl), connectTo(service.wsUrl)];
  await Promise.all(clients.map((client) => client.opened()));
  const latencies: number[] = [];
  clients[0]!.subscribe(stream, { policy: 'all' }, () => {
    latencies.push((systemClock.monoUs() - arrivals[latencies.length]!) / 1000);
  });
  for (const name of STREAM_NAMES) clients[1]!.subscribe(name, { policy: 'all' }, () => {});
  await Promise.all(clients.map((client) => client.ping()));
  const cpu = process.cpuUsage();
  void service.run();
  await once(AbortSignal.timeout(seconds * 1000), 'abort');
  const { user, system } = process.cpuUsage(cpu);
  for (const client of clients) client.close();
  await service.close();
  return { latency: percentiles(latencies), cpuPercent: Number(((user + system) / (seconds * 1e4)).toFixed(1)) };
}

function connectTo(url: string): Client {
  return connect(url, { WebSocket });
}

export function named(name: string, { p50, p99 }: Percentiles): Record<string, unknown> {
  return { [`${name}_p50`]: p50, [`${name}_p99`]: p99 };
}
