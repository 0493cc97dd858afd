import { Command } from 'commander';
import { lastValueFrom, tap } from 'rxjs';
import type { Notice, PredictionEvent, StreamEvent } from '../../api/events.ts';
import type { DecisionState } from '../../decision.ts';
import { AffectEdgeError } from '../../errors.ts';
import type { Recording } from '../../formats/recording.ts';
import { given } from '../../given.ts';
import { geometryOf, loadConfig } from '../../main/config.ts';
import { dashboardDir, resolveModelDir } from '../../main/package-root.ts';
import { parseNumber } from '../../main/parse.ts';
import { createReplay } from '../../main/replay.ts';
import { startService } from '../../main/service.ts';
import { loadBundle } from '../../model/bundle.ts';
import { pipeline } from '../../pipeline/pipeline.ts';

import type { Output } from '../output.ts';
import { openFlagged, RECORDING_FORMATS, type RecordingFlags, withRecording } from '../recording.ts';
import { noteSimulated } from '../simulated.ts';
import { version } from '../version.ts';

interface Flags extends RecordingFlags {
  model: string;
  speed: number | 'max';
  hop?: number;
  httpPort?: number;
}

export function replayCommand(output: Output): Command {
  const command = new Command('replay')
    .description('run a recording through the live pipeline')
    .argument('<file>', RECORDING_FORMATS)
    .requiredOption('--model <dir>', 'model bundle')
    .option('--speed <x>', 'times real time, or max', parseSpeed, 1)
    .option('--hop <s>', 'seconds between predictions, 0.25-4', parseNumber)
    .option('--http-port <n>', 'also publish over WebSocket on this port', parseNumber);
  return withRecording(command).action((file: string, flags: Flags) => replay(file, flags, output));
}

function parseSpeed(text: string): number | 'max' {
  if (text === 'max') return text;
  const speed = Number(text);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw new AffectEdgeError('CONFIG_INVALID', `--speed is "${text}": give a number above 0, or max`);
}

async function replay(file: string, flags: Flags, output: Output): Promise<void> {
  const server = { port: flags.httpPort };
  const config = loadConfig({ env: process.env, flags: { model: flags.model, hop_s: flags.hop, server } });
  const recording = await openFlagged(file, flags);
  for (const notice of recording.notices) output.note(notice);
  const model = await loadBundle(resolveModelDir(flags.model));
  noteSimulated(output, { signal: recording.info.simulated, model: model.manifest.simulated });
  const { device, clock } = createReplay(recording, flags.speed);
  const firstUs = clock.unixUs();
  const hop = given({ hopS: config.hop_s });
  // The recording already contains what the flags state.
  const geometry = geometryOf(config);
  const tally: Record<DecisionState, number> = { ok: 0, warmup: 0, abstain: 0 };
  const onEvent = (event: StreamEvent | Notice): void => {
    if (!('stream' in event) || event.stream !== 'prediction') return;
    tally[event.data.state]++;
    print(event, (event.t.start_us - firstUs) / 1e6, output);
  };

  if (flags.httpPort === undefined) {
    try {
      await lastValueFrom(pipeline(device.events$, { model, clock, geometry, ...hop }).pipe(tap(onEvent)), {
        defaultValue: null,
      });
    } finally {
      await model.close();
    }
  } else {
    const options = { ...config.server, dashboardDir, version, clock };
    const source = { device, model, geometry, simulated: recording.info.simulated };
    const service = await startService({ sources: [source], clock, server: options, onEvent, ...hop });
    output.event({ event: 'listening', ws: service.wsUrl, http: service.httpUrl }, `listening on ${service.httpUrl}`);
    try {
      await service.run();
    } finally {
      await service.close();
    }
  }
  output.event(
    { event: 'replayed', file: recording.path, seconds: durationS(recording), windows: tally },
    summary(recording, tally),
  );
}

function print(event: PredictionEvent, startS: number, output: Output): void {
  const { data, quality } = event;
  const endS = startS + (event.t.end_us - event.t.start_us) / 1e6;
  const problems = [data.state, ...data.reasons, ...quality.bad_channels].join(' ');
  const verdict = data.state === 'ok' ? `${data.label} ${Math.max(...data.probs).toFixed(2)}` : problems;
  output.event(
    {
      event: 'prediction',
      start_s: startS,
      end_s: endS,
      ...data,
      quality,
      simulated: event.simulated,
    },
    `${startS.toFixed(2).padStart(9)}-${endS.toFixed(2)} s  ${verdict}`,
  );
}

function durationS({ totalSamples, info }: Recording): number {
  return totalSamples / info.sampleRateHz;
}

function summary(recording: Recording, tally: Record<DecisionState, number>): string {
  return `${durationS(recording).toFixed(1)} s: ${tally.ok} predictions, ${tally.warmup} warm-up windows, ${tally.abstain} abstentions`;
}
