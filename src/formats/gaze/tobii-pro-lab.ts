/**
 * Tobii Pro Lab's data export (TSV): a row for each sample of the eye tracker and rows for events. Names of columns as
 * Pro Lab writes them, with or without units: "Gaze point left X [DACS px]", "Gaze point left X".
 */
import type { Channel } from '../../samples.ts';
import { delimitedText, toNumber } from '../delimited-text.ts';
import { bySample, sampleOfRow } from '../parsed.ts';
import { fileInvalid, type SourceFile } from '../source-file.ts';
import { countLines } from '../text-lines.ts';
import { medianStep } from '../time/steps.ts';
import type { EyeOptions, ParsedEye } from './parsed.ts';
import { EyeRowCollector } from './row-collector.ts';
import { screenSize } from './screen-size.ts';

const EYES = ['left', 'right'] as const;
/** Units of "Recording timestamp"; older exports do not name it. */
const SECONDS: Readonly<Record<string, number>> = { ms: 1e-3, us: 1e-6, '\u00b5s': 1e-6, '\u03bcs': 1e-6 };
/** Steps between rows that are longer than this are in microseconds, as no tracker samples below 25 Hz. */
const LONGEST_STEP_MS = 40;

interface Column {
  readonly at: number;
  readonly channel: Channel;
  /** Column of the eye's validity; -1: there is none. */
  readonly validity: number;
  readonly factor: number;
}

export function isTobiiProLab(start: string): boolean {
  const header = start.split('\n', 1)[0]!;
  return header.includes('Recording timestamp') && header.includes('Gaze point ');
}

/** Throws FILE_INVALID naming line and column, CONFIG_INVALID for a screen unlike the recorded one. */
export function readTobiiProLab(file: SourceFile, options: EyeOptions): ParsedEye {
  const { names, rows: lines } = delimitedText(file.bytes, '\t');
  const at = (pattern: RegExp) => names.findIndex((name) => pattern.test(name));
  const time = at(/^Recording timestamp/);
  if (time === -1)
    throw fileInvalid(file.path, 'its header has no column "Recording timestamp", which Tobii Pro Lab writes');
  const [sensor, event, value] = [at(/^Sensor$/), at(/^Event$/), at(/^Event value$/)];
  const isSample = (fields: readonly string[]) =>
    sensor === -1 ? event === -1 || fields[event] === '' : fields[sensor] === 'Eye Tracker';
  let first: readonly string[] | undefined;
  const times = new Float64Array(countLines(file.bytes));
  let samples = 0;
  // A pass of its own, as the rows of a long export do not fit into memory.
  for (const { fields } of delimitedText(file.bytes, '\t').rows) {
    if (fields.length !== names.length || !isSample(fields)) continue;
    first ??= fields;
    const stamp = Number(fields[time]!.replace(',', '.'));
    if (Number.isFinite(stamp)) times[samples++] = stamp;
  }
  const statedPx = screenOf(names, first);
  const isFraction =
    at(/^Gaze point (left )?X ?[[(]MCS ?norm/) !== -1 &&
    at(/^Gaze point (left )?X( ?[[(](DACS ?|MCS ?)?px[\])])?$/) === -1;
  const screenPx = isFraction || options.screenPx || statedPx ? screenSize(file.path, options, statedPx) : undefined;
  const columns = columnsOf(names, isFraction ? screenPx! : undefined);
  if (columns.length === 0) {
    throw fileInvalid(
      file.path,
      'has no gaze on the screen in pixels or as a fraction of the media: export "Gaze point" (left and right, or both) in pixels',
    );
  }
  const perSecond = secondsPerUnit(names[time]!, times.subarray(0, samples));
  const rows = new EyeRowCollector(file, options, {
    channels: columns.map(({ channel }) => channel),
    times: 'stamps',
    capacity: countLines(file.bytes),
  });
  const events: { timeS: number; label: string }[] = [];
  for (const { fields, line } of lines) {
    if (!rows.isWhole(fields, names, line)) continue;
    const timeS = (toNumber(fields[time]!, '\t') ?? Number.NaN) * perSecond;
    if (!Number.isFinite(timeS)) {
      rows.report(`line ${line} has "${fields[time]}" as ${names[time]}, expected a time`, 'skips the row');
      continue;
    }
    if (event !== -1 && fields[event] !== '') {
      events.push({ timeS, label: [fields[event]!, fields[value] ?? ''].filter((text) => text !== '').join(' ') });
    }
    if (!isSample(fields)) continue;
    const cell = ({ at: column, validity, factor, channel }: Column): number => {
      const number = rows.numberIn(fields[column]!, '\t', names[column]!, line);
      const isSeen = validity === -1 || /^valid$/i.test(fields[validity]!);
      const isPlausible = !channel.label.startsWith('pupil') || number > 0;
      return isSeen && isPlausible ? number * factor : Number.NaN;
    };
    rows.add(timeS, columns.map(cell), line);
  }
  const parsed = rows.finish();
  const markers = events.map(({ timeS, label }) => ({ label, sample: sampleOfRow(rows.rowAt(timeS), parsed.gaps) }));
  return {
    format: 'Tobii Pro Lab',
    deviceId: 'tobii',
    ...parsed,
    markers: markers.sort(bySample),
    ...(screenPx === undefined ? {} : { screenPx }),
    isFraction,
  };
}

/** Both eyes, or their mean where the export has only that, and the pupils. */
function columnsOf(names: readonly string[], fractionOf: readonly [number, number] | undefined): Column[] {
  const validityOf = (eye: string) => names.indexOf(`Validity ${eye}`);
  const gaze = (which: string, axis: 0 | 1): number => {
    const name = `Gaze point ${which}${'XY'[axis]}`;
    const unit = fractionOf ? '[[(]MCS ?norm[\\])]' : '([[(](DACS ?|MCS ?)?px[\\])])?';
    return names.findIndex((candidate) => new RegExp(`^${name} ?${unit}$`).test(candidate));
  };
  const axesOf = (which: string, suffix: string, validity: number): Column[] =>
    ([0, 1] as const).map((axis) => ({
      at: gaze(which, axis),
      channel: { label: `${'xy'[axis]}${suffix}_px`, unit: 'px' },
      validity,
      factor: fractionOf?.[axis] ?? 1,
    }));
  const eyes = EYES.flatMap((eye) => axesOf(`${eye} `, `_${eye}`, validityOf(eye)));
  const found = eyes.every(({ at }) => at !== -1) ? eyes : axesOf('', '', -1);
  if (found.some(({ at }) => at === -1)) return [];
  const pupils = EYES.map((eye) => ({
    at: names.findIndex((name) => new RegExp(`^Pupil diameter ${eye}( \\[mm\\])?$`).test(name)),
    channel: { label: `pupil_${eye}_mm`, unit: 'mm' },
    validity: validityOf(eye),
    factor: 1,
  }));
  return [...found, ...pupils.filter(({ at }) => at !== -1)];
}

function screenOf(
  names: readonly string[],
  fields: readonly string[] | undefined,
): readonly [number, number] | undefined {
  const size = ['width', 'height'].map((side) => {
    const at = names.findIndex((name) => new RegExp(`^Recording resolution ${side}( \\[px\\])?$`).test(name));
    return Number(fields?.[at]);
  });
  return size.every((px) => px > 0) ? [size[0]!, size[1]!] : undefined;
}

function secondsPerUnit(name: string, times: Float64Array): number {
  const stated = SECONDS[/[[(]([^\])]+)[\])]$/.exec(name)?.[1] ?? ''];
  if (stated !== undefined) return stated;
  return medianStep(times) > LONGEST_STEP_MS ? 1e-6 : 1e-3;
}
