/**
 * Both eyes at 1250 Hz in blocks of 20 ms on one core: gaze, events and the 33 features from decoded blocks, and the same
 * from bytes with CRC; both end with the model. Then the live service: from the arrival of the last byte that an event
 * waits for (the detector's stated delay after its end, at most) to the event at a WebSocket client.
 */
import { cpus } from 'node:os';
import type { SampleSource } from '../../devices/simulator/source.ts';
import { resolveModelDir } from '../../src/main/package-root.ts';
import { simulatedPerson } from '../../src/main/simulated.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { createPreprocessor } from '../../src/preprocess/index.ts';
import { blocksOf, fullJob, liveJob, named, recordBytes, SIMULATED_S, signalJob } from './live-path.ts';

const RATE_HZ = 1250;
const LIVE_S = 60;

export async function benchEye(
  seconds = LIVE_S,
): Promise<{ rows: Record<string, unknown>[]; summary: Record<string, unknown> }> {
  const model = await loadBundle(resolveModelDir('models/demo-eye33-cmcrd'));
  const person = (seed: number): SampleSource => simulatedPerson({ modality: 'eye', seed, sampleRateHz: RATE_HZ });
  const chunks = recordBytes(person(1));
  const blocks = blocksOf(chunks);
  const { delaySamples } = createPreprocessor(model.manifest, blocks[0]!.info);
  const statedDelayMs = (delaySamples * 1000) / RATE_HZ;
  const signal = await signalJob(model, blocks, 1);
  const full = await fullJob(model, chunks);
  const waits: number[] = [];
  const live = await liveJob({
    source: person(2),
    model,
    stream: 'gaze',
    seconds,
    onEvent: (event) => {
      if (event.stream === 'gaze') waits.push((event.t.emit_us - event.t.end_us) / 1000);
    },
  });
  const longestWaitMs = Math.max(...waits);
  return {
    rows: [
      { job: 'signal (float32 blocks, hop 1 s)', times_real_time: signal.x, ...named('block_ms', signal.block) },
      { job: 'full (bytes with CRC, hop 1 s)', times_real_time: full.x, ...named('block_ms', full.block) },
      {
        job: 'live, event to client',
        ...named('ms', live.latency),
        cpu_percent: live.cpuPercent,
        events: waits.length,
      },
      { job: 'stated delay of an event', ms_p99: statedDelayMs, longest_seen_ms: Math.round(longestWaitMs) },
    ],
    summary: {
      cpu: cpus()[0]?.model ?? 'unknown',
      simulated_s: SIMULATED_S,
      signal_x: signal.x,
      full_x: full.x,
      block_ms: full.block,
      event_to_client_ms: live.latency,
      events: waits.length,
      stated_delay_ms: statedDelayMs,
      longest_wait_ms: Math.round(longestWaitMs),
    },
  };
}
