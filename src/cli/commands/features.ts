import { Command, Option } from 'commander';
import { describeIssues, parseLabels, parseNumber } from '../../config.ts';
import { AffectEdgeError } from '../../errors.ts';
import { openRecording, type RecordingOptions } from '../../formats/recording.ts';
import { given } from '../../given.ts';
import { extractFeatures, writeFeatures } from '../../main/extract-features.ts';
import { resolveModelDir } from '../../main/models.ts';
import { loadBundle } from '../../model/bundle.ts';
import {
  BCMI_BANDS,
  DE_METHODS,
  type EegPreprocessConfig,
  eegPreprocessConfigSchema,
} from '../../preprocess-eeg-config.ts';
import type { Output } from '../output.ts';

export interface RecordingFlags {
  montage?: string[];
  rate?: number | string;
  stream?: string;
  salvage?: boolean;
}

interface Flags extends RecordingFlags {
  out: string;
  hop?: number;
  model?: string;
  method?: string;
  notch?: string;
  reference?: string;
  interpolate?: boolean;
}

export function featuresCommand(output: Output): Command {
  const command = new Command('features')
    .description("write a recording's feature rows: features.npy and meta.json")
    .argument('<file>', 'EDF/EDF+, BDF, XDF, OpenBCI text, or CSV with a header')
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--hop <s>', 'seconds from one window to the next (default: 1, or the model’s)', parseNumber)
    .option('--model <dir>', "take the model's preprocessing instead of the defaults")
    .addOption(new Option('--method <name>', 'differential entropy').choices([...DE_METHODS]))
    .addOption(new Option('--notch <hz>', 'notch filter at the mains frequency').choices(['50', '60']))
    .addOption(new Option('--reference <name>', 're-reference').choices(['none', 'average']))
    .option('--interpolate', 'interpolate bad channels by spherical splines');
  return withRecording(command).action((file: string, flags: Flags) => features(file, flags, output));
}

/** How to read a file that does not tell everything itself. */
export function withRecording(command: Command, rate = 'sampling rate, for a CSV without a time column'): Command {
  return command
    .option('--montage <labels>', '10-20 labels in channel order, for a file without', parseLabels)
    .option('--rate <hz>', rate, parseNumber)
    .option('--stream <name>', 'which stream of an XDF file')
    .option('--salvage', 'read what is readable of a damaged file');
}

export function recordingOptions({ montage, rate, stream, salvage }: RecordingFlags): RecordingOptions {
  if (rate !== undefined && !(typeof rate === 'number' && rate > 0)) {
    throw new AffectEdgeError('CONFIG_INVALID', `--rate is "${rate}": give the sampling rate in Hz, a number above 0`);
  }
  return given({ montage, rateHz: rate, stream, salvage });
}

async function features(file: string, flags: Flags, output: Output): Promise<void> {
  const config = await preprocessConfig(flags);
  const recording = await openRecording(file, recordingOptions(flags));
  for (const notice of recording.notices) output.note(notice);
  const table = extractFeatures(recording, config);
  await writeFeatures(flags.out, table, recording);
  const [windows, channels, bands] = [table.windows.length, table.channels.length, config.bands.length];
  output.event(
    { event: 'features', out: flags.out, windows, channels, bands, method: config.method, notices: recording.notices },
    `${windows} windows of ${channels} channels x ${bands} bands (${config.method}) in ${flags.out}`,
  );
}

async function preprocessConfig(flags: Flags): Promise<EegPreprocessConfig> {
  const { model, method, notch, reference, interpolate } = flags;
  if (model !== undefined && Object.keys(given({ method, notch, reference, interpolate })).length > 0) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      '--model brings its own preprocessing, and rows made otherwise would not fit it: leave out --method, --notch, --reference and --interpolate, or --model',
    );
  }
  const base = model === undefined ? {} : await preprocessingOf(model);
  const asked = {
    hop_s: flags.hop,
    method,
    notch_hz: notch === undefined ? undefined : Number(notch),
    reference,
    bad_channels: interpolate ? 'interpolate' : undefined,
    bands: method === 'bcmi' ? BCMI_BANDS : undefined,
  };
  const wanted = { ...base, ...given(asked) };
  const parsed = eegPreprocessConfigSchema.safeParse(wanted);
  if (parsed.success) return parsed.data;
  throw new AffectEdgeError('CONFIG_INVALID', describeIssues('the preprocessing', parsed.error, wanted));
}

async function preprocessingOf(dir: string): Promise<EegPreprocessConfig> {
  const bundle = await loadBundle(resolveModelDir(dir));
  await bundle.close();
  const { manifest } = bundle;
  if (manifest.modality === 'eeg') return manifest.preprocess;
  throw new AffectEdgeError('MODEL_MISMATCH', `model ${manifest.id} is of modality "${manifest.modality}", not EEG`);
}
