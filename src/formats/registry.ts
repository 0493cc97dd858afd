/**
 * Every supported recording format and how a file of it is recognised. A new format needs a reader and one entry in
 * one of the two lists.
 */
import { extname } from 'node:path';
import { AffectEdgeError } from '../errors.ts';
import { readCsv } from './eeg/csv.ts';
import { readEdf } from './eeg/edf/reader.ts';
import { isEmotiv, readEmotiv } from './eeg/emotiv.ts';
import { readOpenBciText } from './eeg/openbci/text.ts';
import type { EegOptions, ParsedEeg } from './eeg/parsed.ts';
import { readXdf } from './eeg/xdf.ts';
import { isEyeCsv, readEyeCsv } from './gaze/csv.ts';
import { isEyeLink, readEyeLink } from './gaze/eyelink.ts';
import { isNeon, readNeon } from './gaze/neon.ts';
import { isGazepoint, isGazepointTable, readGazepoint } from './gaze/open-gaze/reader.ts';
import type { EyeOptions, ParsedEye } from './gaze/parsed.ts';
import { isTobii, readTobii } from './gaze/tobii.ts';
import { isTobiiProLab, readTobiiProLab } from './gaze/tobii-pro-lab.ts';
import { isGazeXdf, readGazeXdf } from './gaze/xdf.ts';
import type { ParsedFile } from './parsed.ts';
import { fileInvalid, type SourceFile } from './source-file.ts';

interface RecordingFormat<Options, Parsed extends ParsedFile> {
  /** Listed where a file of another format is refused. */
  readonly name: string;
  /** Whether the content shows the format; absent where only the file's extension does. */
  readonly recognises?: (file: SourceFile) => boolean;
  /** Lower case. They decide where no format of the list recognises the content. */
  readonly extensions: readonly string[];
  /** Throws FILE_INVALID; a reader's own description lists other errors. */
  readonly read: (file: SourceFile, options: Options) => Parsed;
}

interface EegFormat extends RecordingFormat<EegOptions, ParsedEeg> {
  /** Options that only some formats take. The others state an exact rate, and hold one stream. */
  readonly takes?: readonly ('rateHz' | 'stream')[];
}

const TEXT = ['.csv', '.tsv', '.txt'];

/** EEG and EOG. */
export const EEG_FORMATS: readonly EegFormat[] = [
  {
    name: 'EDF, EDF+, BDF, BDF+',
    recognises: (file) => /^(\xffBIOSEMI|0 {7})/.test(startOf(file)),
    extensions: ['.edf', '.bdf'],
    read: readEdf,
  },
  {
    name: 'XDF',
    recognises: (file) => startOf(file).startsWith('XDF:'),
    extensions: ['.xdf', '.xdfz'],
    read: readXdf,
    takes: ['rateHz', 'stream'],
  },
  {
    name: 'text of the OpenBCI GUI',
    recognises: (file) => startOf(file).startsWith('%OpenBCI'),
    extensions: [],
    read: readOpenBciText,
    takes: ['rateHz'],
  },
  {
    name: 'CSV of EmotivPRO',
    recognises: (file) => isEmotiv(startOf(file)),
    extensions: [],
    read: readEmotiv,
    takes: ['rateHz'],
  },
  {
    name: 'CSV with a header, as of Mind Monitor or muse-lsl (.csv, .tsv, .txt)',
    extensions: TEXT,
    read: readCsv,
    takes: ['rateHz'],
  },
];

export const EYE_FORMATS: readonly RecordingFormat<EyeOptions, ParsedEye>[] = [
  {
    name: "Tobii's tab-separated samples",
    recognises: (file) => isTobii(startOf(file)),
    extensions: [],
    read: readTobii,
  },
  { name: 'EyeLink ASC', recognises: (file) => isEyeLink(startOf(file)), extensions: [], read: readEyeLink },
  {
    name: "Tobii Pro Lab's data export (TSV)",
    recognises: (file) => isTobiiProLab(startOf(file)),
    extensions: [],
    read: readTobiiProLab,
  },
  {
    name: 'a log of the Open Gaze API or a table of Gazepoint Analysis',
    recognises: (file) => isGazepoint(startOf(file)) || isGazepointTable(startOf(file)),
    extensions: [],
    read: readGazepoint,
  },
  { name: 'XDF with a stream of type Gaze', recognises: isGazeXdf, extensions: ['.xdf', '.xdfz'], read: readGazeXdf },
  { name: "Pupil Labs Neon's gaze.csv", recognises: (file) => isNeon(startOf(file)), extensions: [], read: readNeon },
  {
    name: 'CSV with a header (.csv, .tsv, .txt)',
    recognises: (file) => TEXT.includes(extensionOf(file)) && isEyeCsv(file.bytes),
    extensions: TEXT,
    read: readEyeCsv,
  },
];

/** Finds a file's format by content, then by extension. Throws FILE_UNSUPPORTED, FILE_INVALID (empty). */
export function findFormat<Format extends RecordingFormat<never, ParsedFile>>(
  file: SourceFile,
  formats: readonly Format[],
  kind: 'recording' | 'eye recording',
): Format {
  if (file.bytes.length === 0) throw fileInvalid(file.path, 'is empty');
  const found = recognisedFormat(file, formats) ?? formats.find((format) => hasExtension(file, format));
  if (found) return found;
  throw new AffectEdgeError(
    'FILE_UNSUPPORTED',
    `${file.path}: is not ${kind === 'recording' ? 'a' : 'an'} ${kind} of a supported format. Supported are, of EEG and EOG, ` +
      `${namesOf(EEG_FORMATS)}; of gaze, ${namesOf(EYE_FORMATS)}. Each may be packed by gzip.`,
  );
}

/** The formats for a sentence. */
export function namesOf(formats: readonly { readonly name: string }[]): string {
  return new Intl.ListFormat('en').format(formats.map(({ name }) => name));
}

export function recognisedFormat<Format extends RecordingFormat<never, ParsedFile>>(
  file: SourceFile,
  formats: readonly Format[],
): Format | undefined {
  return formats.find((format) => format.recognises?.(file));
}

function hasExtension(file: SourceFile, { extensions }: { readonly extensions: readonly string[] }): boolean {
  return extensions.includes(extensionOf(file));
}

function extensionOf({ path }: SourceFile): string {
  return extname(path.replace(/\.gz$/i, '')).toLowerCase();
}

/** The first 4096 bytes, a character each. */
function startOf({ bytes }: SourceFile): string {
  return bytes.toString('latin1', 0, 4096);
}
