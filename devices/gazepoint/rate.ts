import { AffectEdgeError } from '../../src/errors.ts';
import { GAZEPOINT_HZ, gazepointRate, nominalRate } from '../../src/formats/gaze/open-gaze/rate.ts';

/** A rate that differs by more than this from every known one is refused. */
const TOLERANCE = 0.02;
/** At this share of the reported rate or more, the missing records count as lost. */
const MIN_SHARE = 0.9;

/** The rate that a second of records shows beyond doubt, or undefined; `reportedHz` is the rate that the tracker reports. */
export function clearRate(measuredHz: number, reportedHz: number | undefined): number | undefined {
  const nominal = nominalRate(measuredHz, reportedHz);
  if (nominal !== undefined) return nominal;
  const isUnclear = nominalRate(measuredHz, reportedHz, TOLERANCE) !== undefined;
  const isIncomplete = reportedHz !== undefined && measuredHz < reportedHz && measuredHz >= MIN_SHARE * reportedHz;
  return !isUnclear && isIncomplete ? reportedHz : undefined;
}

/** The rate that the whole lead-in shows. Throws RATE_UNSUPPORTED where it is far from every known one. */
export function measuredRate(measuredHz: number, reportedHz: number | undefined): number {
  if (nominalRate(measuredHz, reportedHz, TOLERANCE) !== undefined) return gazepointRate(measuredHz, reportedHz);
  const reported = reportedHz === undefined ? '' : `, and the tracker reports ${reportedHz} Hz`;
  throw new AffectEdgeError(
    'RATE_UNSUPPORTED',
    `the records come at ${measuredHz.toFixed(1)} Hz${reported}; a GP3 samples at ${GAZEPOINT_HZ.join(' or ')} Hz. Its ` +
      'computer may be too slow: close other programs there, and connect a GP3 HD to USB 3',
  );
}
