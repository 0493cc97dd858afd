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

type Eye = 'left' | 'right';

/** What a block states about its samples. */
interface Layout {
  readonly eyes: readonly Eye[];
  readonly rateHz: number | undefined;
}

export function isEyeLink(start: string): boolean {
  return /^\*\* (CONVERTED FROM|DATE|TYPE)|^SAMPLES\s/m.test(start);
}

/**
 * Each block has its own eyes and rate: an eye that a block does not track is missing there, and blocks at a lower rate
 * are interpolated to the highest one.
 * Throws FILE_INVALID naming the line, FILE_UNSUPPORTED for a file without gaze in screen coordinates.
 */
export function readEyeLink(file: SourceFile, options: EyeOptions): ParsedEye {
  const { eyes, ratesHz } = survey(file);
  const rateHz = ratesHz.at(-1);
  const rows = new EyeRowCollector(file, options, {
    channels: channelsOf(eyes),
    times: 'exact',
    capacity: countLines(file.bytes) * (rateHz === undefined ? 1 : Math.ceil(rateHz / ratesHz[0]!)),
  });
  let block: BlockReader | undefined;
  let stated: readonly [number, number] | undefined;
  let isRecording = false;
  const messages: { timeS: number; label: string }[] = [];
  for (const { text, number } of textLines(file.bytes)) {
    const [word, ...rest] = text.trim().split(/\s+/) as [string, ...string[]];
    if (word === 'START') isRecording = true;
    else if (word === 'END') {
      isRecording = false;
      block?.end(number);
      block = undefined;
    } else if (word === 'SAMPLES') {
      block?.end(number);
      block = new BlockReader(rows, layoutOf(file.path, rest), eyes, rateHz);
    } else if (word === 'MSG') {
      stated = screenStated(rest) ?? stated;
      if (isRecording) messages.push({ timeS: Number(rest[0]) / 1000, label: rest.slice(1).join(' ') });
    } else if (isRecording && /^\d/.test(word)) {
      if (!block)
        throw fileInvalid(file.path, `has samples in line ${number}, but no SAMPLES line that describes them`);
      block.add([word, ...rest], number);
    }
  }
  block?.end(countLines(file.bytes));
  const screenPx = options.screenPx || stated ? screenSize(file.path, options, stated) : undefined;
  const parsed = rows.finish(rateHz);
  if (ratesHz.length > 1) {
    rows.notices.push(
      `its blocks are recorded at ${ratesHz.join(', ')} Hz: the slower ones are interpolated to ${rateHz} Hz`,
    );
  }
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

/** The eyes of all blocks, and their rates in rising order. */
function survey({ path, bytes }: SourceFile): { eyes: readonly Eye[]; ratesHz: readonly number[] } {
  const layouts: Layout[] = [];
  for (const { text } of textLines(bytes)) {
    if (/^\s*SAMPLES\s/.test(text)) layouts.push(layoutOf(path, text.trim().split(/\s+/).slice(1)));
  }
  if (layouts.length === 0) throw fileInvalid(path, 'contains no recording: it has no SAMPLES line');
  const ratesHz = [...new Set(layouts.flatMap(({ rateHz }) => rateHz ?? []))].sort((a, b) => a - b);
  const odd = ratesHz.find((rateHz) => !Number.isInteger(ratesHz.at(-1)! / rateHz));
  if (odd !== undefined) {
    throw new AffectEdgeError(
      'FILE_UNSUPPORTED',
      `${path}: has blocks at ${ratesHz.join(', ')} Hz, which are no multiples of each other: split it`,
    );
  }
  return {
    eyes: (['left', 'right'] as const).filter((eye) => layouts.some(({ eyes }) => eyes.includes(eye))),
    ratesHz,
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

function channelsOf(eyes: readonly Eye[]): Channel[] {
  const gaze = eyes.flatMap((eye) => ['x', 'y'].map((axis) => ({ label: `${axis}_${eye}_px`, unit: 'px' })));
  return [...gaze, ...eyes.map((eye) => ({ label: `pupil_${eye}_au`, unit: 'au' }))];
}

/** Adds the samples of one block to the rows of all eyes at the recording's rate. */
class BlockReader {
  readonly #rows: EyeRowCollector;
  readonly #layout: Layout;
  readonly #eyes: readonly Eye[];
  /** Rows for each sample. */
  readonly #factor: number;
  readonly #periodS: number;
  #stamp = '';
  #timeS = Number.NaN;
  #values: readonly number[] = [];

  constructor(rows: EyeRowCollector, layout: Layout, eyes: readonly Eye[], rateHz: number | undefined) {
    this.#rows = rows;
    this.#layout = layout;
    this.#eyes = eyes;
    this.#factor = rateHz === undefined || layout.rateHz === undefined ? 1 : rateHz / layout.rateHz;
    this.#periodS = 1 / (layout.rateHz ?? 1000);
  }

  /** "1408660 964.3 541.5 288.0 [960.5 538.8 305.0] …": x, y and pupil of each eye; an eye that is not seen is ". . 0.0". */
  add(fields: readonly string[], line: number): void {
    const { eyes } = this.#layout;
    const cells = fields.slice(1, 1 + 3 * eyes.length);
    const numbers = cells.map((field) => (field === '.' ? Number.NaN : Number(field)));
    const isNumber = (field: string) => field === '.' || Number.isFinite(Number(field));
    if (!Number.isFinite(Number(fields[0])) || cells.length < 3 * eyes.length || !cells.every(isNumber)) {
      this.#rows.report(
        `line ${line} is not a sample of ${eyes.length} eyes: "${fields.join(' ').slice(0, 60)}"`,
        'skips it',
      );
      return;
    }
    const seen = (eye: Eye, at: number) => {
      const e = eyes.indexOf(eye);
      return e !== -1 && numbers[3 * e + 2]! > 0 ? numbers[3 * e + at]! : Number.NaN;
    };
    const gaze = this.#eyes.flatMap((eye) => [seen(eye, 0), seen(eye, 1)]);
    const values = [...gaze, ...this.#eyes.map((eye) => seen(eye, 2))];
    // Whole milliseconds at 2000 Hz: two samples have one stamp.
    const isSecond = fields[0] === this.#stamp && this.#periodS < 1e-3;
    const timeS = isSecond ? this.#timeS + this.#periodS : Number(fields[0]) / 1000;
    this.#fill(timeS - this.#timeS < 1.5 * this.#periodS ? values : this.#values, line);
    this.#rows.add(timeS, values, line);
    [this.#stamp, this.#timeS, this.#values] = [fields[0]!, timeS, values];
  }

  /** The last sample lasts for its period. */
  end(line: number): void {
    this.#fill(this.#values, line);
  }

  /** Rows between the last sample and the next one, whose values are `next`. */
  #fill(next: readonly number[], line: number): void {
    if (this.#values.length === 0) return;
    for (let i = 1; i < this.#factor; i++) {
      const share = i / this.#factor;
      const values = this.#values.map((value, c) => value + share * (next[c]! - value));
      this.#rows.add(this.#timeS + share * this.#periodS, values, line);
    }
  }
}

/** "1408659 GAZE_COORDS 0.00 0.00 1919.00 1079.00", or DISPLAY_COORDS. Files write the index of the last pixel or the size. */
function screenStated(words: readonly string[]): readonly [number, number] | undefined {
  if (words[1] !== 'GAZE_COORDS' && words[1] !== 'DISPLAY_COORDS') return undefined;
  const [left, top, right, bottom] = words.slice(2, 6).map(Number) as [number, number, number, number];
  const size = (from: number, to: number) => to - from + ((to - from) % 2);
  const [width, height] = [size(left, right), size(top, bottom)];
  return width > 0 && height > 0 ? [width, height] : undefined;
}
