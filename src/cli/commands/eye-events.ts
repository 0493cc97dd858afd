import { Command, Option } from 'commander';
import { openEyeRecording } from '../../formats/open-recording.ts';
import type { Recording } from '../../formats/recording.ts';
import { EYE_FORMATS, namesOf } from '../../formats/registry.ts';
import { GAZE_ALGORITHMS, GAZE_EVENTS, type GazeAlgorithm } from '../../gaze/config.ts';
import type { GazeEvent } from '../../gaze/event.ts';
import { GazeEventStage } from '../../gaze/event-stage.ts';
import { given } from '../../given.ts';
import { parseNumber } from '../../main/parse.ts';
import { gazeData } from '../../pipeline/to-events.ts';
import type { Output } from '../output.ts';
import { rateOf } from '../recording.ts';
import { type ScreenFlags, screenOf, withScreen } from '../screen.ts';

interface Flags extends ScreenFlags {
  algorithm: GazeAlgorithm;
  rate?: number | string;
  salvage?: boolean;
}

export function eyeEventsCommand(output: Output): Command {
  const command = new Command('eye-events')
    .description('list the fixations, saccades and blinks of a recording in order of time')
    .argument('<file>', namesOf(EYE_FORMATS))
    .addOption(
      new Option('--algorithm <name>', 'ivt: by velocity; idt: by dispersion').choices(GAZE_ALGORITHMS).default('ivt'),
    )
    .option('--rate <hz>', 'sampling rate, instead of a time column', parseNumber)
    .option('--salvage', 'read what is readable of a damaged file');
  return withScreen(command).action((file: string, flags: Flags) => eyeEvents(file, flags, output));
}

async function eyeEvents(file: string, flags: Flags, output: Output): Promise<void> {
  const { rate, salvage } = flags;
  const recording = await openEyeRecording(file, { ...screenOf(flags), ...given({ rateHz: rateOf(rate), salvage }) });
  for (const notice of recording.notices) output.note(notice);
  const events = detect(recording, flags.algorithm);
  for (const event of events) output.event({ ...fieldsOf(event), event: 'eye_event' }, sentenceOf(event));
  output.note(summaryOf(recording, events));
}

function detect({ info, blocks }: Recording, algorithm: GazeAlgorithm): GazeEvent[] {
  const stage = new GazeEventStage(info, { ...GAZE_EVENTS, algorithm });
  const events: GazeEvent[] = [];
  for (const block of blocks()) events.push(...stage.push(block));
  events.push(...stage.flush());
  return events.sort((a, b) => a.startSample - b.startSample || a.endSample - b.endSample);
}

/** The fields of the stream `gaze`, in seconds of the recording. */
function fieldsOf(event: GazeEvent): Record<string, unknown> {
  const { type, duration_ms, ...data } = gazeData(event);
  const fields = Object.entries({ start_s: event.startS, end_s: event.endS, ...data, duration_ms });
  return { type, ...Object.fromEntries(fields.map(([name, value]) => [name, value === null ? null : rounded(value)])) };
}

/** Rounds to a microsecond, or a millionth of a degree; later digits are rounding errors. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function sentenceOf(event: GazeEvent): string {
  const name = event.type.replace('_', ' ').padEnd(10);
  const span = `${event.startS.toFixed(3).padStart(9)}-${event.endS.toFixed(3)} s  ${name} ${event.durationMs.toFixed(0).padStart(5)} ms`;
  if (event.type === 'saccade') return `${span}  ${event.amplitudeDeg.toFixed(2)} deg`;
  if (event.type === 'fixation') return `${span}  at ${event.xDeg.toFixed(2)}, ${event.yDeg.toFixed(2)} deg`;
  return span;
}

function summaryOf({ totalSamples, info }: Recording, events: readonly GazeEvent[]): string {
  const count = (type: GazeEvent['type']): string => {
    const found = events.filter((event) => event.type === type).length;
    return `${found} ${type.replace('_', ' ')}${found === 1 ? '' : type === 'track_loss' ? 'es' : 's'}`;
  };
  return (
    `${(totalSamples / info.sampleRateHz).toFixed(1)} s at ${Number(info.sampleRateHz.toFixed(1))} Hz: ` +
    `${count('fixation')}, ${count('saccade')}, ${count('blink')}, ${count('track_loss')}`
  );
}
