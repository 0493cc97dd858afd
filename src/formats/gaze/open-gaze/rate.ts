/** The rate of a Gazepoint tracker, live and in a log. */

/** Rates of GP3 and GP3 HD. */
export const GAZEPOINT_HZ: readonly number[] = [60, 150];
/** Jitter of the time stamps of a second of records. */
const JITTER = 0.005;

/**
 * The nominal or reported rate that a measured one agrees with; undefined where it agrees with none.
 * @param tolerance relative
 */
export function nominalRate(
  measuredHz: number,
  reportedHz: number | undefined,
  tolerance = JITTER,
): number | undefined {
  const known = reportedHz === undefined ? GAZEPOINT_HZ : [reportedHz, ...GAZEPOINT_HZ];
  return known.find((hz) => Math.abs(measuredHz / hz - 1) <= tolerance);
}

/** The rate of records that come at `measuredHz`: the nominal or reported one, or else the measured one. */
export function gazepointRate(measuredHz: number, reportedHz: number | undefined): number {
  return nominalRate(measuredHz, reportedHz) ?? Math.round(measuredHz * 100) / 100;
}
