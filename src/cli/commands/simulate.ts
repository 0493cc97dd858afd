import { Command, Option } from 'commander';
import { fromEvent, lastValueFrom, merge, takeUntil, tap } from 'rxjs';
import { systemClock } from '../../clock.ts';
import { AffectEdgeError } from '../../errors.ts';
import { given } from '../../given.ts';
import { loadConfig, PLAYED_DEVICES } from '../../main/config.ts';
import { parseNumber } from '../../main/parse.ts';
import { playSimulatedDevice } from '../../main/simulate.ts';
import type { Modality } from '../../samples.ts';
import type { Output } from '../output.ts';
import { openFlagged, type RecordingFlags, rateOf, withRecording } from '../recording.ts';

interface Flags extends RecordingFlags {
  device: (typeof PLAYED_DEVICES)[number];
  port: string;
  baud?: number;
  modality?: Modality;
  recording?: string;
  faults?: string;
  seed?: number;
  daisy?: boolean;
}

export function simulateCommand(output: Output): Command {
  const command = new Command('simulate')
    .description('play an amplifier or an eye tracker on a serial cable, a pty pair or a TCP port')
    .addOption(new Option('--device <name>', 'protocol to play').choices([...PLAYED_DEVICES]).makeOptionMandatory())
    .requiredOption('--port <path>', 'its end of the cable; gazepoint: the TCP port it listens on')
    .option('--baud <n>', 'baud rate', parseNumber)
    .addOption(
      new Option('--modality <name>', 'signal to play (default: eeg; gazepoint: eye)').choices([
        'eeg',
        'eye',
        'eog',
      ] satisfies Modality[]),
    )
    .option('--recording <file>', 'play a recording once instead of the generator')
    .option('--faults <list>', 'such as loss=0.01,corrupt=0.001,stall=30/2,drift=50,unplug=60,electrode-off=C3')
    .option('--daisy', 'openbci-cyton: 16 channels')
    .option('--seed <n>', 'seed; each seed is another wearer', parseNumber);
  withRecording(command, 'sampling rate: of the generator, or of a CSV without a time column');
  return command.action((flags: Flags) => simulate(flags, output));
}

async function simulate(flags: Flags, output: Output): Promise<void> {
  const { device, port, faults, daisy, modality } = flags;
  if (flags.recording !== undefined && modality !== undefined) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--modality is ${modality}, but a recording has its own modality: leave out --modality, or --recording`,
    );
  }
  const { baud, seed } = loadConfig({ env: {}, flags: { baud: flags.baud, seed: flags.seed } });
  const recording = flags.recording === undefined ? undefined : await openFlagged(flags.recording, flags);
  for (const notice of recording?.notices ?? []) output.note(notice);
  const simulated = recording === undefined || recording.info.simulated;
  const sampleRateHz = rateOf(flags.rate);
  const progress$ = playSimulatedDevice(
    { device, port, seed, ...given({ baud, faults, daisy, modality, sampleRateHz, recording }) },
    systemClock,
  );
  const waits = device === 'gazepoint' && recording !== undefined ? ', once a client asks for it' : '';
  output.event(
    { event: 'playing', device, port, simulated },
    `playing ${recording === undefined ? 'SIMULATED signal' : recording.path} as ${device} on ${port}${waits}; Ctrl-C stops`,
  );
  const stop$ = merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM'));
  const last = await lastValueFrom(
    progress$.pipe(
      takeUntil(stop$),
      tap((progress) => output.progress(JSON.stringify(progress))),
    ),
    { defaultValue: null },
  );
  output.event({ event: 'played', ...last }, `played: ${JSON.stringify(last)}`);
}
