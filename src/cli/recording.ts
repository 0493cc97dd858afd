/** The flags of all commands that read a recording. */
import type { Command } from 'commander';
import { AffectEdgeError } from '../errors.ts';
import { openRecording } from '../formats/open-recording.ts';
import type { Recording } from '../formats/recording.ts';
import { EEG_FORMATS, EYE_FORMATS, namesOf } from '../formats/registry.ts';
import { given } from '../given.ts';
import { parseLabels, parseNumber } from '../main/parse.ts';
import { type ScreenFlags, screenOf, withScreen } from './screen.ts';

export interface RecordingFlags extends ScreenFlags {
  montage?: string[];
  rate?: number | string;
  stream?: string;
  unit?: string;
  salvage?: boolean;
}

export const RECORDING_FORMATS = `EEG or EOG: ${namesOf(EEG_FORMATS)}; gaze: ${namesOf(EYE_FORMATS)}`;

/** Adds the flags for what a file does not state itself. */
export function withRecording(
  command: Command,
  rate = 'sampling rate, where the file has no time stamps or they are wrong',
): Command {
  command
    .option('--montage <labels>', 'channel labels in order, for a file without labels', parseLabels)
    .option('--rate <hz>', rate, parseNumber)
    .option('--unit <unit>', 'unit of EEG in a file that states none: uV, nV, mV, V, or microvolts per count')
    .option('--stream <name>', 'which stream of an XDF file')
    .option('--salvage', 'read what is readable of a damaged file');
  return withScreen(command);
}

/** Throws CONFIG_INVALID for anything but a number above 0. */
export function rateOf(rate: number | string | undefined): number | undefined {
  if (rate === undefined || (typeof rate === 'number' && rate > 0)) return rate as number | undefined;
  throw new AffectEdgeError('CONFIG_INVALID', `--rate is "${rate}": give the sampling rate in Hz, a number above 0`);
}

/** Opens a recording of EEG, EOG or gaze with the flags. */
export function openFlagged(file: string, flags: RecordingFlags): Promise<Recording> {
  const { montage, rate, stream, unit, salvage } = flags;
  return openRecording(file, {
    ...given({ montage, rateHz: rateOf(rate), stream, unit, salvage }),
    ...screenOf(flags),
  });
}
