import { AffectEdgeError } from '../../src/errors.ts';

/** Rates of GP3 and GP3 HD. */
const KNOWN_HZ = [60, 150];
const TOLERANCE = 0.02;
/** At this share of the reported rate or more, the missing records count as lost. */
const MIN_SHARE = 0.9;

/** The nominal rate of a measured one, or undefined; `reportedHz` is the rate that the tracker reports. */
export function nominalRate(measuredHz: number, reportedHz: number | undefined): number | undefined {
  const known = reportedHz === undefined ? KNOWN_HZ : [reportedHz, ...KNOWN_HZ];
  const near = known.find((hz) => Math.abs(measuredHz / hz - 1) <= TOLERANCE);
  if (near !== undefined) return near;
  return reportedHz !== undefined && measuredHz < reportedHz && measuredHz >= MIN_SHARE * reportedHz
    ? reportedHz
    : undefined;
}

export function rateRefusal(measuredHz: number, reportedHz: number | undefined): AffectEdgeError {
  const reported = reportedHz === undefined ? '' : `, and the tracker reports ${reportedHz} Hz`;
  return new AffectEdgeError(
    'RATE_UNSUPPORTED',
    `the records come at ${measuredHz.toFixed(1)} Hz${reported}; a GP3 samples at ${KNOWN_HZ.join(' or ')} Hz. Its ` +
      'computer may be too slow: close other programs there, and connect a GP3 HD to USB 3',
  );
}
