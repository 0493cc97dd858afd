import { Command, Option } from 'commander';
import { AffectEdgeError } from '../../errors.ts';
import { GAZE_ALGORITHMS } from '../../gaze/config.ts';
import { gazeLayout } from '../../gaze/geometry.ts';
import { given } from '../../given.ts';
import { extractFeatures, type RecordingFeatures, writeFeatures } from '../../main/extract-features.ts';
import { resolveModelDir } from '../../main/package-root.ts';
import { parseNumber, parseSettings } from '../../main/parse.ts';
import { loadBundle } from '../../model/bundle.ts';
import { checkModality } from '../../model/feed.ts';
import type { Manifest } from '../../model/manifest.ts';
import { BCMI_BANDS, DE_METHODS, eegPreprocessConfigSchema } from '../../preprocess/eeg/config.ts';
import { eyePreprocessConfigSchema } from '../../preprocess/eye/config.ts';
import { type Preprocessing, withHop } from '../../preprocess/index.ts';
import type { StreamInfo } from '../../samples.ts';
import type { Output } from '../output.ts';
import { openFlagged, RECORDING_FORMATS, type RecordingFlags, withRecording } from '../recording.ts';

interface Flags extends RecordingFlags {
  out: string;
  hop?: number;
  model?: string;
  method?: string;
  notch?: string;
  reference?: string;
  interpolate?: boolean;
  algorithm?: string;
  pupilBaseline?: number | string;
}

export function featuresCommand(output: Output): Command {
  const command = new Command('features')
    .description("write a recording's feature rows: features.npy and meta.json")
    .argument('<file>', RECORDING_FORMATS)
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--hop <s>', "seconds from one window to the next (default: 1, or the model's)", parseNumber)
    .option('--model <dir>', "take the model's preprocessing instead of the defaults")
    .addOption(new Option('--method <name>', 'EEG: differential entropy').choices([...DE_METHODS]))
    .addOption(new Option('--notch <hz>', 'EEG: notch filter at the mains frequency').choices(['50', '60']))
    .addOption(new Option('--reference <name>', 'EEG: re-reference').choices(['none', 'average']))
    .option('--interpolate', 'EEG: interpolate bad channels by spherical splines')
    .addOption(new Option('--algorithm <name>', 'gaze: events by velocity or by dispersion').choices(GAZE_ALGORITHMS))
    .option('--pupil-baseline <s>', 'gaze: pupils relative to their mean over the first seconds', parseNumber);
  return withRecording(command).action((file: string, flags: Flags) => features(file, flags, output));
}

async function features(file: string, flags: Flags, output: Output): Promise<void> {
  if (flags.model !== undefined) refuseBeside(flags);
  const recording = await openFlagged(file, flags);
  for (const notice of recording.notices) output.note(notice);
  const preprocessing = await preprocessingOf(flags, recording.info);
  const table = extractFeatures(recording, preprocessing);
  for (const notice of table.notices.slice(recording.notices.length)) output.note(notice);
  await writeFeatures(flags.out, table, recording);
  const { event, sentence } = summaryOf(table);
  output.event(
    { event: 'features', out: flags.out, windows: table.windows.length, ...event, notices: table.notices },
    `${table.windows.length} windows of ${sentence} in ${flags.out}`,
  );
}

function summaryOf({ labels, preprocessing }: RecordingFeatures): { event: Record<string, unknown>; sentence: string } {
  const { modality } = preprocessing;
  const common = { modality, [modality === 'eye' ? 'features' : 'channels']: labels.length };
  switch (modality) {
    case 'eeg': {
      const { bands, method } = preprocessing.preprocess;
      return {
        event: { ...common, bands: bands.length, method },
        sentence: `${labels.length} channels x ${bands.length} bands (${method})`,
      };
    }
    case 'eye': {
      const { method, algorithm } = preprocessing.preprocess;
      return {
        event: { ...common, method, algorithm },
        sentence: `${labels.length} features of eye movement (${method}, events by ${algorithm.toUpperCase()})`,
      };
    }
    case 'eog':
      return { event: common, sentence: `samples of ${labels.join(' and ')}` };
  }
}

/** The model's own preprocessing, or the defaults for the recording's modality with the flags' changes. */
async function preprocessingOf(flags: Flags, info: StreamInfo): Promise<Preprocessing> {
  const { model, hop, method, notch, reference, interpolate, algorithm, pupilBaseline } = flags;
  if (model !== undefined) {
    const manifest = await manifestOf(model);
    checkModality(manifest, info);
    return withHop(manifest, hop);
  }
  const { eeg, eye } = ownFlags(flags);
  const [foreign] = Object.keys(info.modality === 'eye' ? eeg : eye);
  if (foreign !== undefined) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `--${foreign} has no meaning for a recording of modality "${info.modality}": leave it out`,
    );
  }
  if (info.modality === 'eye') {
    const { pupilUnit } = gazeLayout(info);
    const wanted = given({
      hop_s: hop,
      algorithm,
      pupil_unit: pupilUnit ?? undefined,
      pupil_baseline_s: pupilBaseline,
    });
    return {
      modality: 'eye',
      preprocess: parseSettings('the preprocessing', eyePreprocessConfigSchema, wanted, { nameOf }),
    };
  }
  const wanted = given({
    hop_s: hop,
    method,
    notch_hz: notch === undefined ? undefined : Number(notch),
    reference,
    bad_channels: interpolate ? 'interpolate' : undefined,
    bands: method === 'bcmi' ? BCMI_BANDS : undefined,
  });
  return {
    modality: 'eeg',
    preprocess: parseSettings('the preprocessing', eegPreprocessConfigSchema, wanted, { nameOf }),
  };
}

/** The flag that a setting comes from. */
const FLAG_OF: Readonly<Record<string, string>> = {
  hop_s: '--hop',
  method: '--method',
  notch_hz: '--notch',
  reference: '--reference',
  bad_channels: '--interpolate',
  algorithm: '--algorithm',
  pupil_baseline_s: '--pupil-baseline',
};
const nameOf = ([key = '']: readonly string[]): string | undefined => FLAG_OF[key];

/** The flags that change the preprocessing itself, by modality. */
function ownFlags({ method, notch, reference, interpolate, algorithm, pupilBaseline }: Flags) {
  return {
    eeg: given({ method, notch, reference, interpolate }),
    eye: given({ algorithm, 'pupil-baseline': pupilBaseline }),
  };
}

function refuseBeside(flags: Flags): void {
  const { eeg, eye } = ownFlags(flags);
  const [flag] = Object.keys({ ...eeg, ...eye });
  if (flag === undefined) return;
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `--model brings its own preprocessing, and other rows would not fit the model: leave out --${flag}, or --model`,
  );
}

async function manifestOf(dir: string): Promise<Manifest> {
  const bundle = await loadBundle(resolveModelDir(dir));
  await bundle.close();
  return bundle.manifest;
}
