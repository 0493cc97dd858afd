/** What the columns of a table of EEG are: channels, markers, or something else that is left out. */
import { AffectEdgeError } from '../../errors.ts';
import { electrodePosition, normaliseLabel } from '../../montage.ts';
import { toNumber } from '../delimited-text.ts';
import { isGazeColumn } from '../gaze/column-names.ts';
import { fileInvalid } from '../source-file.ts';
import { microvoltsPer } from '../units.ts';
import { givenUnit } from './amplitude.ts';
import type { EegOptions } from './parsed.ts';

/** Exports write it before the electrode's name: "EEG.AF3", "RAW_TP9". */
const prefix = /^(EEG|RAW)[ ._-]+/i;
const bracketed = /[ _]?[([]([^)\]]+)[)\]]$/;
const eogName = /^(EOG|[HV]EOG|EOG[ ._-]?[A-Z0-9]+|[A-Z]+[ ._-]?EOG)$/i;
const markerName = /^(elements|markers?\d*|markervalueint|events?( id)?|annotations?|triggers?)$/i;
/** Numbers that count rows, such as the index that pandas writes without a name. */
const counterName = /^(|unnamed.*|index|samples?([ _]?(index|number|id))?|counter|packet.*|row|epoch)$/i;
/** Names in a notice; the others are counted. */
const MOST_NAMED = 12;

interface Column {
  readonly at: number;
  readonly label: string;
  readonly uvPerUnit: number;
  readonly isUnitStated: boolean;
}

export interface CsvColumns {
  readonly channels: readonly Column[];
  /** Indices of columns whose text or number marks a sample. */
  readonly markers: readonly number[];
}

interface Named {
  readonly name: string;
  readonly at: number;
  readonly unit: number | undefined;
}

/**
 * Channels are the columns named after electrodes (only those with RAW_ if there are any), otherwise those named after
 * EOG, otherwise with a montage all numeric ones. Throws FILE_INVALID where none is known, FILE_UNSUPPORTED for gaze.
 * @param row the first row, which shows what is numeric
 */
export function csvColumns(
  path: string,
  names: readonly string[],
  row: readonly string[],
  timeAt: number | undefined,
  options: EegOptions,
  notices: string[],
): CsvColumns {
  const given = givenUnit(options.unit);
  const all = names.map(nameAndUnit).filter(({ at }) => at !== timeAt);
  const markers = all.filter(({ name }) => markerName.test(name));
  const electrodes = all.filter(({ name }) => electrodePosition(name.replace(prefix, '')) !== null);
  const raw = electrodes.filter(({ name }) => /^RAW[ ._-]/i.test(name));
  const numeric = all.filter((column) => {
    const value = row[column.at] ?? '';
    const isOther = counterName.test(column.name) || isGazeColumn(column.name) || markers.includes(column);
    return !isOther && value !== '' && toNumber(value, ';') !== undefined;
  });
  const eog = numeric.filter(({ name }) => eogName.test(name));
  const known = [raw, electrodes, eog].find(({ length }) => length > 0);
  const chosen = known ?? chosenByMontage(path, all, numeric, options);
  const again = chosen.find(({ name }, i) => chosen.findIndex((other) => sameName(other.name, name)) !== i);
  if (again) throw fileInvalid(path, `has two columns for ${again.name}: name each channel differently`);
  const left = all.filter((column) => !chosen.includes(column) && !markers.includes(column) && column.name !== '');
  if (left.length > 0) notices.push(`left out: ${listOf(left)}`);
  return {
    channels: chosen.map(({ name, at, unit }) => ({
      at,
      label: electrodes.length > 0 ? name.replace(prefix, '') : name,
      uvPerUnit: unit ?? given,
      isUnitStated: unit !== undefined,
    })),
    markers: markers.map(({ at }) => at),
  };
}

function sameName(a: string, b: string): boolean {
  return normaliseLabel(a.replace(prefix, '')) === normaliseLabel(b.replace(prefix, ''));
}

function nameAndUnit(written: string, at: number): Named {
  const unit = bracketed.exec(written)?.[1];
  return {
    name: unit ? written.replace(bracketed, '') : written,
    at,
    unit: unit === undefined ? undefined : microvoltsPer(unit),
  };
}

function chosenByMontage(
  path: string,
  all: readonly Named[],
  numeric: readonly Named[],
  { montage }: EegOptions,
): readonly Named[] {
  const gaze = all.filter(({ name }) => isGazeColumn(name));
  if (gaze.length > 0 && montage?.length !== numeric.length) {
    throw new AffectEdgeError(
      'FILE_UNSUPPORTED',
      `${path}: is gaze and not EEG, by its columns ${listOf(gaze)}: eye-events and features read gaze in the formats ` +
        'that "affect-edge eye-events --help" lists',
    );
  }
  if (numeric.length === 0) throw fileInvalid(path, `has no numeric column besides the time: ${listOf(all)}`);
  if (montage) return numeric;
  throw fileInvalid(
    path,
    `no column is named after an electrode: ${listOf(numeric)}. If they are EEG, name them with --montage in this order`,
  );
}

function listOf(columns: readonly Named[]): string {
  const names = columns.slice(0, MOST_NAMED).map(({ name }) => name);
  return names.join(', ') + (columns.length > MOST_NAMED ? ` and ${columns.length - MOST_NAMED} more` : '');
}
