import { AffectEdgeError } from '../../src/errors.ts';

/** GP3 and GP3 HD. */
const KNOWN_HZ = [60, 150];
const TOLERANCE = 0.02;
/** A tracker that delivers at least this part of the rate it states has the rest counted as lost. */
const LEAST_SHARE = 0.9;

/** The nominal rate behind a measured one; `statedHz` as the tracker says it. */
export function nominalRate(measuredHz: number, statedHz: number | undefined): number | undefined {
  const known = statedHz === undefined ? KNOWN_HZ : [statedHz, ...KNOWN_HZ];
  const near = known.find((hz) => Math.abs(measuredHz / hz - 1) <= TOLERANCE);
  if (near !== undefined) return near;
  return statedHz !== undefined && measuredHz < statedHz && measuredHz >= LEAST_SHARE * statedHz ? statedHz : undefined;
}

export function rateRefusal(measuredHz: number, statedHz: number | undefined): AffectEdgeError {
  const stated = statedHz === undefined ? '' : `, and the tracker says ${statedHz} Hz`;
  return new AffectEdgeError(
    'RATE_UNSUPPORTED',
    `the records come at ${measuredHz.toFixed(1)} Hz${stated}; a GP3 samples at ${KNOWN_HZ.join(' or ')} Hz. Does its ` +
      'computer not keep up? Close other programs there, and connect a GP3 HD to USB 3',
  );
}
