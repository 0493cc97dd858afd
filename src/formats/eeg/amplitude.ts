/** The unit that EEG is written in: the user's, and whether the amplitudes fit it. */
import { AffectEdgeError } from '../../errors.ts';
import { microvoltsPer } from '../units.ts';

/** Plausible deviation of EEG or EOG from its median, in microvolts, and its offset. Amplifiers bear less than 0.3 V. */
const PLAUSIBLE_UV = { least: 0.1, most: 3000, offset: 3e5 };
const LOOKED_AT = 10_000;

/** Microvolts per unit: a name, or the microvolts per count of an amplifier. Throws CONFIG_INVALID. */
export function givenUnit(unit: string | undefined): number {
  const perUnit = microvoltsPer(unit ?? 'uV') ?? Number(unit);
  if (perUnit > 0 && Number.isFinite(perUnit)) return perUnit;
  throw new AffectEdgeError(
    'CONFIG_INVALID',
    `unit is "${unit}", expected uV, nV, mV, V or a number: the microvolts per count`,
  );
}

/** For a notice: "taken as uV". */
export function unitName(unit = 'uV'): string {
  return microvoltsPer(unit) === undefined ? `${unit} uV a count` : unit;
}

/**
 * Warns where values can't be microvolts, or where the user gave a unit for none. Silent channels are not judged.
 * @param unstated in microvolts, the channels whose unit the file does not state
 */
export function unitNotices(unit: string | undefined, unstated: readonly Float32Array[]): string[] {
  if (unstated.length > 0) return amplitudeNotices(unstated);
  return unit === undefined ? [] : [`--unit ${unit} is not used: the file states the unit of each channel`];
}

function amplitudeNotices(data: readonly Float32Array[]): string[] {
  const channels = data.map((channel) => {
    const values = sorted(channel);
    const middle = medianOf(values);
    return { offset: Math.abs(middle), deviation: medianOf(values.map((value) => Math.abs(value - middle)).sort()) };
  });
  const live = channels.filter(({ deviation }) => deviation > 0);
  if (live.length === 0) return [];
  const typical = (of: 'offset' | 'deviation') => medianOf(Float64Array.from(live, (channel) => channel[of]).sort());
  const [deviation, offset] = [typical('deviation'), typical('offset')];
  const isLow = deviation < PLAUSIBLE_UV.least;
  if (!isLow && deviation <= PLAUSIBLE_UV.most && offset <= PLAUSIBLE_UV.offset) return [];
  return [
    `amplitudes of ${Number(deviation.toPrecision(2))} uV around ${Number(offset.toPrecision(2))} uV are not those of EEG: ` +
      `are the values ${isLow ? 'V or mV' : 'nV or counts'}? --unit ${isLow ? 'V' : 'nV'} states the unit, ` +
      '--unit 0.0224 the microvolts per count',
  ];
}

/** Up to `LOOKED_AT` values, evenly spread, without missing ones. */
function sorted(channel: Float32Array): Float64Array {
  const step = Math.max(1, Math.ceil(channel.length / LOOKED_AT));
  const values = Float64Array.from({ length: Math.ceil(channel.length / step) }, (_, i) => channel[i * step]!);
  return values.filter((value) => !Number.isNaN(value)).sort();
}

/** Of sorted values; NaN without any. */
function medianOf(values: Float64Array): number {
  return values[values.length >> 1] ?? Number.NaN;
}
