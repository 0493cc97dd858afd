import { Command, Option } from 'commander';
import { systemClock } from '../../clock.ts';
import { parseNumber, SERIAL_DEVICES } from '../../config.ts';
import { playSimulatedDevice, type SimulateOptions } from '../../main/simulate.ts';
import type { Output } from '../output.ts';
import { recordingOptions, withRecording } from './features.ts';

type Flags = Parameters<typeof recordingOptions>[0] & {
  device: SimulateOptions['device'];
  port: string;
  baud?: number;
  recording?: string;
  faults?: string;
  seed: number;
  daisy?: boolean;
};

export function simulateCommand(output: Output): Command {
  const command = new Command('simulate')
    .description('play an amplifier at the other end of a cable or pty pair')
    .addOption(new Option('--device <name>', 'which protocol').choices([...SERIAL_DEVICES]).makeOptionMandatory())
    .requiredOption('--port <path>', 'its end of the cable')
    .option('--baud <n>', 'baud rate', parseNumber)
    .option('--recording <file>', 'play a recording instead of the generator')
    .option('--faults <list>', 'as loss=0.01,corrupt=0.001,stall=30/2,drift=50,unplug=60')
    .option('--daisy', 'openbci-cyton: 16 channels')
    .option('--seed <n>', 'another seed, another wearer', parseNumber, 1);
  return withRecording(command).action((flags: Flags) => simulate(flags, output));
}

async function simulate(flags: Flags, output: Output): Promise<void> {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  process.once('SIGINT', abort).once('SIGTERM', abort);
  output.event(
    { event: 'playing', device: flags.device, port: flags.port, simulated: flags.recording === undefined },
    `playing ${flags.device} on ${flags.port} (${flags.recording ?? 'SIMULATED signal'}); Ctrl-C stops`,
  );
  const { montage: _montage, rate: _rate, stream: _stream, salvage: _salvage, ...same } = flags;
  const truth = await playSimulatedDevice(
    { ...same, recordingOptions: recordingOptions(flags), signal: stop.signal },
    systemClock,
  );
  output.event({ event: 'played', ...truth }, `played: ${JSON.stringify(truth)}`);
}
