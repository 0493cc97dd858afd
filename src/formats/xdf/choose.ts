/** Which stream of an XDF file is the EEG or the gaze, and which ones are markers. */
import { AffectEdgeError } from '../../errors.ts';
import { fileInvalid } from '../source-file.ts';
import { hasSameShape, type XdfStream } from './stream.ts';

/** Returns the parts of one stream. Throws CONFIG_INVALID where a stream must be chosen, FILE_INVALID where there is none. */
export type ChooseStream = (path: string, streams: readonly XdfStream[], wanted: string | undefined) => XdfStream[];

const isGaze = ({ type }: XdfStream) => /gaze|eye|pupil/i.test(type);

/** Text, or numbers of a stream that is declared as markers. */
export function isMarkers({ isNumeric, type }: XdfStream): boolean {
  return !isNumeric || /marker|trigger|stim|event/i.test(type);
}

/** For messages: `"amp" (stream 1, EEG, 8 x float32, 9520 samples)`. */
export function describeStream(stream: XdfStream): string {
  const { name, id, type, channelCount, format, declaredRows } = stream;
  return `"${name}" (stream ${id}, ${type || 'no type'}, ${channelCount} x ${format}, ${declaredRows} samples)`;
}

/**
 * The stream with the wanted name or id, otherwise the one of type EEG, otherwise the only numeric one with more than one
 * channel. Several parts of one stream, whose sender was restarted, are one choice.
 * @throws CONFIG_INVALID where a stream must be chosen, FILE_INVALID where there is no EEG
 */
export function chooseEeg(path: string, streams: readonly XdfStream[], wanted: string | undefined): XdfStream[] {
  const listed = streams.map(describeStream).join(', ');
  const numeric = streams.filter((stream) => stream.isNumeric);
  if (wanted !== undefined) {
    const found = numeric.filter(({ name, id }) => name === wanted || String(id) === wanted);
    if (found.length === 0) {
      throw new AffectEdgeError(
        'CONFIG_INVALID',
        `${path}: no numeric stream is named "${wanted}"; there are ${listed}`,
      );
    }
    return onlyEeg(path, found);
  }
  const filled = numeric.filter((stream) => stream.declaredRows > 0 && !isMarkers(stream));
  const signals = filled.filter((stream) => !isGaze(stream));
  const eeg = signals.filter(({ type }) => /^eeg$/i.test(type));
  const candidates = eeg.length > 0 ? eeg : signals.filter(({ channelCount }) => channelCount > 1);
  if (candidates.length > 0) return onlyEeg(path, candidates);
  const gaze = filled.filter(isGaze);
  if (gaze.length > 0)
    throw fileInvalid(path, `has gaze and no EEG, which eye-events reads: ${gaze.map(describeStream).join(', ')}`);
  throw fileInvalid(path, `has no EEG stream with samples${listed === '' ? '' : `; there are ${listed}`}`);
}

/** The stream of type Gaze. */
export function chooseGaze(path: string, streams: readonly XdfStream[]): XdfStream[] {
  const gaze = streams.filter((stream) => stream.isNumeric && stream.declaredRows > 0 && isGaze(stream));
  if (gaze.length > 0) return onlyParts(path, gaze);
  throw fileInvalid(
    path,
    `has no stream of type Gaze with samples; there are ${streams.map(describeStream).join(', ')}`,
  );
}

/** Whether a file's only signal is gaze. */
export function hasOnlyGaze(streams: readonly XdfStream[]): boolean {
  const signals = streams.filter((stream) => stream.isNumeric && stream.declaredRows > 0 && !isMarkers(stream));
  return signals.some(isGaze) && signals.every((stream) => isGaze(stream) || stream.channelCount === 1);
}

function onlyEeg(path: string, streams: readonly XdfStream[]): XdfStream[] {
  const [first] = streams;
  if (isGaze(first!)) {
    throw new AffectEdgeError('CONFIG_INVALID', `${path}: ${describeStream(first!)} is gaze, expected EEG`);
  }
  return onlyParts(path, streams);
}

/** Parts of one stream. Throws CONFIG_INVALID for several streams. */
function onlyParts(path: string, streams: readonly XdfStream[]): XdfStream[] {
  if (streams.every((stream) => hasSameShape(stream, streams[0]!))) return [...streams];
  throw choiceNeeded(path, streams);
}

export function choiceNeeded(path: string, streams: readonly XdfStream[]): AffectEdgeError {
  return new AffectEdgeError(
    'CONFIG_INVALID',
    `${path}: several streams could be meant; choose with --stream and a name or number: ` +
      streams.map(describeStream).join(', '),
  );
}
