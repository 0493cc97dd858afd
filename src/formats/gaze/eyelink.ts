/**
 * EyeLink's ASC text, as edf2asc writes it: blocks from START to END that hold samples (gaze in pixels, pupils in the
 * tracker's own unit) and messages. Events that EyeLink itself detected are not read.
 */
import { AffectEdgeError } from '../../errors.ts';
import { given } from '../../given.ts';
import type { Channel } from '../../samples.ts';
import { bySample, sampleOfRow } from '../parsed.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';
import { countLines, textLines } from '../text-lines.ts';
import type { EyeOptions, ParsedEye } from './parsed.ts';
import { EyeRowCollector } from './row-collector.ts';
import { screenSize } from './screen-size.ts';

interface Layout {
  readonly eyes: readonly ('left' | 'right')[];
  readonly rateHz: number | undefined;
}

export function isEyeLink(start: string): boolean {
  return /^\*\* (CONVERTED FROM|DATE|TYPE)|^SAMPLES\s/m.test(start);
}

/** Throws FILE_INVALID naming the line, FILE_UNSUPPORTED for a file without gaze in screen coordinates. */
export function readEyeLink(file: SourceFile, options: EyeOptions): ParsedEye {
  let layout: Layout | undefined;
  let rows: EyeRowCollector | undefined;
  let stated: readonly [number, number] | undefined;
  let isRecording = false;
  const messages: { timeS: number; label: string }[] = [];
  for (const { text, number } of textLines(file.bytes)) {
    const [word, ...rest] = text.trim().split(/\s+/) as [string, ...string[]];
    if (word === 'START') isRecording = true;
    else if (word === 'END') isRecording = false;
    else if (word === 'SAMPLES') {
      const found = layoutOf(file.path, rest);
      if (layout && layout.eyes.join() !== found.eyes.join()) {
        throw new AffectEdgeError(
          'FILE_UNSUPPORTED',
          `${file.path}: records ${layout.eyes} first and ${found.eyes} from line ${number} on: split it there`,
        );
      }
      layout = found;
      rows ??= new EyeRowCollector(file, options, {
        channels: channelsOf(found),
        times: 'exact',
        capacity: countLines(file.bytes),
      });
    } else if (word === 'MSG') {
      stated = screenStated(rest) ?? stated;
      if (isRecording) messages.push({ timeS: Number(rest[0]) / 1000, label: rest.slice(1).join(' ') });
    } else if (isRecording && /^\d/.test(word)) {
      if (!rows || !layout)
        throw fileInvalid(file.path, `has samples in line ${number}, but no SAMPLES line that describes them`);
      readSample(rows, layout, [word, ...rest], number);
    }
  }
  if (!rows || !layout) throw fileInvalid(file.path, 'contains no recording: it has no SAMPLES line');
  const screenPx = options.screenPx || stated ? screenSize(file.path, options, stated) : undefined;
  const parsed = rows.finish(layout.rateHz);
  rows.notices.push("EyeLink's pupil has no unit: it shows blinks and changes but no diameter in mm");
  const markers = messages
    .filter(({ timeS }) => Number.isFinite(timeS))
    .map(({ timeS, label }) => ({ label, sample: sampleOfRow(rows.rowAt(timeS), parsed.gaps) }));
  return {
    format: 'EyeLink',
    deviceId: 'eyelink',
    ...parsed,
    markers: markers.sort(bySample),
    ...given({ screenPx }),
  };
}

/** "GAZE LEFT RIGHT RATE 1000.00 TRACKING CR …" */
function layoutOf(path: string, words: readonly string[]): Layout {
  if (words[0] !== 'GAZE') {
    throw new AffectEdgeError(
      'FILE_UNSUPPORTED',
      `${path}: its samples are ${words[0]}, expected GAZE (screen coordinates): convert it again with edf2asc -sg`,
    );
  }
  const eyes = (['left', 'right'] as const).filter((eye) => words.includes(eye.toUpperCase()));
  if (eyes.length === 0) throw fileInvalid(path, `its SAMPLES line names no eye: ${words.join(' ')}`);
  const rate = words.indexOf('RATE');
  const rateHz = Number(words[rate + 1]);
  return { eyes, rateHz: rate !== -1 && rateHz > 0 ? rateHz : undefined };
}

function channelsOf({ eyes }: Layout): Channel[] {
  const gaze = eyes.flatMap((eye) => ['x', 'y'].map((axis) => ({ label: `${axis}_${eye}_px`, unit: 'px' })));
  return [...gaze, ...eyes.map((eye) => ({ label: `pupil_${eye}_au`, unit: 'au' }))];
}

/** "1408660 964.3 541.5 288.0 [960.5 538.8 305.0] …": x, y and pupil of each eye; an eye that is not seen is ". . 0.0". */
function readSample(rows: EyeRowCollector, { eyes }: Layout, fields: readonly string[], line: number): void {
  const numbers = fields.slice(1, 1 + 3 * eyes.length).map((field) => (field === '.' ? Number.NaN : Number(field)));
  const time = Number(fields[0]) / 1000;
  const isNumber = (field: string) => field === '.' || Number.isFinite(Number(field));
  if (Number.isNaN(time) || numbers.length < 3 * eyes.length || !fields.slice(1, 1 + 3 * eyes.length).every(isNumber)) {
    rows.report(`line ${line} is not a sample of ${eyes.length} eyes: "${fields.join(' ').slice(0, 60)}"`, 'skips it');
    return;
  }
  const gaze = eyes.flatMap((_, e) => {
    const seen = numbers[3 * e + 2]! > 0;
    return [seen ? numbers[3 * e]! : Number.NaN, seen ? numbers[3 * e + 1]! : Number.NaN];
  });
  const pupils = eyes.map((_, e) => (numbers[3 * e + 2]! > 0 ? numbers[3 * e + 2]! : Number.NaN));
  rows.add(time, [...gaze, ...pupils], line);
}

/** "1408659 GAZE_COORDS 0.00 0.00 1919.00 1079.00", or DISPLAY_COORDS. Files write the index of the last pixel or the size. */
function screenStated(words: readonly string[]): readonly [number, number] | undefined {
  if (words[1] !== 'GAZE_COORDS' && words[1] !== 'DISPLAY_COORDS') return undefined;
  const [left, top, right, bottom] = words.slice(2, 6).map(Number) as [number, number, number, number];
  const size = (from: number, to: number) => to - from + ((to - from) % 2);
  const [width, height] = [size(left, right), size(top, bottom)];
  return width > 0 && height > 0 ? [width, height] : undefined;
}
