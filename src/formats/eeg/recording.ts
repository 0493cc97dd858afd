/** Parses a recording of EEG or EOG and returns it as a stream of blocks. */
import { AffectEdgeError } from '../../errors.ts';
import { given } from '../../given.ts';
import { normaliseLabel } from '../../montage.ts';
import { type Channel, LONGEST_FILL_S } from '../../samples.ts';
import { missingTime } from '../missing-time.ts';
import { checkPlausible } from '../parsed.ts';
import { type Recording, recordingOf } from '../recording.ts';
import { EEG_FORMATS, findFormat } from '../registry.ts';
import type { SourceFile } from '../source-file.ts';
import type { EegOptions, ParsedEeg } from './parsed.ts';

/** Throws FILE_UNSUPPORTED, FILE_INVALID, CONFIG_INVALID or RATE_UNSUPPORTED. */
export function parseEeg(file: SourceFile, options: EegOptions): ParsedEeg {
  const { read, takes } = findFormat(file, EEG_FORMATS, 'recording');
  const parsed = read(file, options);
  const { format, sampleRateHz } = parsed;
  if (options.rateHz !== undefined && !takes?.includes('rateHz')) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${file.path}: is ${format} and states its own rate, ${sampleRateHz} Hz: leave --rate out`,
    );
  }
  if (options.stream !== undefined && !takes?.includes('stream')) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${file.path}: is ${format}, which has no streams to choose "${options.stream}" from: leave --stream out, which is for XDF`,
    );
  }
  checkPlausible(file.path, parsed);
  return parsed;
}

/** Throws CONFIG_INVALID for a montage of another length than the file's channels. */
export function toEegRecording(path: string, parsed: ParsedEeg, { montage }: EegOptions): Recording {
  const { deviceId, channels, sampleRateHz, simulated, railUv, startUnixUs, notices } = parsed;
  if (montage && montage.length !== channels.length) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `${path}: the montage has ${montage.length} labels and the file ${channels.length} channels ` +
        `(${channels.map((c) => c.label).join(', ')})`,
    );
  }
  const info = {
    deviceId,
    modality: 'eeg' as const,
    channels: montage ? channels.map(({ unit }, c) => ({ label: montage[c]!, unit })) : channels,
    sampleRateHz,
    simulated,
    ...given({ railUv }),
  };
  return recordingOf(path, parsed, {
    info,
    startUnixUs,
    notices: [...notices, ...sameElectrodes(info.channels), ...missingTime(parsed, LONGEST_FILL_S * 1000)],
  });
}

/** Channels with different labels that name one electrode, such as "Fp1-A1" and "Fp1-Ref". */
function sameElectrodes(channels: readonly Channel[]): string[] {
  const first = new Map<string, string>();
  return channels.flatMap(({ label }) => {
    const electrode = normaliseLabel(label);
    const before = first.get(electrode);
    if (before === undefined) first.set(electrode, label);
    return before === undefined
      ? []
      : [`${before} and ${label} are both the electrode ${electrode}: ${before} is used`];
  });
}
