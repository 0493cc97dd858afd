/**
 * Gaze of an XDF file (Lab Streaming Layer): the stream of type Gaze, with channels as XDF's gaze meta-data names them
 * (https://github.com/sccn/xdf/wiki/Gaze-Meta-Data) or as relays of eye trackers do ("left_x", "right_pupil").
 */
import type { Channel } from '../../samples.ts';
import { problemReporter } from '../problems.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';
import { chooseGaze, describeStream, hasOnlyGaze } from '../xdf/choose.ts';
import { readXdfChunks } from '../xdf/chunks.ts';
import { collectStreams } from '../xdf/collect.ts';
import { readXdfSignal } from '../xdf/signal.ts';
import { channelsOf, type XdfStream } from '../xdf/stream.ts';
import { textAt, type XmlElement } from '../xdf/xml.ts';
import type { EyeOptions, ParsedEye } from './parsed.ts';
import { screenSize } from './screen-size.ts';

type Unit = 'px' | 'deg' | 'fraction' | 'mm' | 'au';

interface GazeChannel {
  readonly index: number;
  readonly kind: 'x' | 'y' | 'pupil';
  readonly eye: '' | '_left' | '_right';
  readonly unit: Unit;
}

export function isGazeXdf(file: SourceFile): boolean {
  if (file.bytes.toString('latin1', 0, 4) !== 'XDF:') return false;
  const ignore = problemReporter(file.path, true, []);
  return hasOnlyGaze(collectStreams(readXdfChunks(file, ignore), ignore).streams);
}

/** Throws what `readXdfSignal` throws, FILE_INVALID for channels that are no gaze, CONFIG_INVALID without a screen size. */
export function readGazeXdf(file: SourceFile, options: EyeOptions): ParsedEye {
  const { stream, data, rateHz, gaps, markers, notices } = readXdfSignal(file, options, chooseGaze);
  const chosen = gazeChannels(stream);
  const gaze = chosen.filter(({ kind }) => kind !== 'pupil');
  const units = [...new Set(gaze.map(({ unit }) => unit))];
  const hasPairs =
    gaze.length > 0 &&
    gaze.every(({ kind, eye }) => gaze.some((other) => other.eye === eye && other.kind === (kind === 'x' ? 'y' : 'x')));
  if (!hasPairs || units.length !== 1) {
    throw fileInvalid(
      file.path,
      `${describeStream(stream)} has the channels ${channelsOf(stream).map(nameOf).join(', ')}, expected x and y of the ` +
        'gaze on the screen in one unit (pixels, degrees or normalized)',
    );
  }
  const isFraction = units[0] === 'fraction';
  const screenPx = isFraction ? screenSize(file.path, options) : options.screenPx;
  const scaled = ({ index, kind, unit }: GazeChannel): Float32Array => {
    if (kind === 'pupil') return data[index]!.map((value) => (value > 0 ? value : Number.NaN));
    return unit === 'fraction' ? data[index]!.map((value) => value * screenPx![kind === 'x' ? 0 : 1]) : data[index]!;
  };
  const left = channelsOf(stream).filter((_, index) => !chosen.some((channel) => channel.index === index));
  if (left.length > 0) notices.push(`left out: ${left.map(nameOf).join(', ')}`);
  return {
    format: 'XDF',
    deviceId: stream.name || 'xdf',
    channels: chosen.map(channelOf),
    sampleRateHz: rateHz,
    data: chosen.map(scaled),
    gaps,
    markers,
    notices,
    isFraction,
    ...(screenPx === undefined ? {} : { screenPx }),
  };
}

const nameOf = (channel: XmlElement): string => textAt(channel, 'label') || textAt(channel, 'type');

function channelOf({ kind, eye, unit }: GazeChannel): Channel {
  const written = unit === 'fraction' ? 'px' : unit;
  return { label: `${kind}${eye}_${written}`, unit: written };
}

/** The first channel of each quantity and eye. */
function gazeChannels(stream: XdfStream): GazeChannel[] {
  const found = new Map<string, GazeChannel>();
  for (const [index, channel] of channelsOf(stream).entries()) {
    const [label, type, eye] = ['label', 'type', 'eye'].map((field) => textAt(channel, field).toLowerCase());
    const kind = kindOf(label!, type!);
    const side = /left|(^|_)l(_|$)/.test(`${eye} ${label}`)
      ? '_left'
      : /right|(^|_)r(_|$)/.test(`${eye} ${label}`)
        ? '_right'
        : '';
    const unit = kind && unitOf(textAt(channel, 'unit').toLowerCase(), kind);
    if (kind && unit && !found.has(kind + side)) found.set(kind + side, { index, kind, eye: side, unit });
  }
  return [...found.values()];
}

function kindOf(label: string, type: string): GazeChannel['kind'] | undefined {
  if (/pupil|diameter/.test(`${label} ${type}`)) return /[xyz]$|cent|pos/.test(label) ? undefined : 'pupil';
  if (/origin|3d|position|direction|validity|confidence/.test(`${label} ${type}`)) return undefined;
  const axis = /^screen([xy])$/.exec(type)?.[1] ?? /(?:^|[_ .])([xy])(?:$|[_ .])/.exec(label)?.[1];
  return axis as 'x' | 'y' | undefined;
}

function unitOf(unit: string, kind: GazeChannel['kind']): Unit | undefined {
  if (/^(px|pixels?)$/.test(unit)) return 'px';
  if (kind === 'pupil') return /^(mm|milli)/.test(unit) ? 'mm' : 'au';
  if (/^deg/.test(unit)) return 'deg';
  return /norm|fraction/.test(unit) ? 'fraction' : undefined;
}
