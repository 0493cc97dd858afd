import type { PlacedRecord } from './record.ts';

/** A record's device time in microseconds; undefined where it does not say it. */
export type DeviceClock = (record: PlacedRecord) => number | undefined;

/** What TIME, in steps of up to 16 ms after a day, and the ticks may disagree by. */
const AGREEMENT = 0.05;

const byTime: DeviceClock = ({ timeS }) => timeS * 1e6;

/**
 * The computer's own ticks where their frequency is known and TIME, between two records, agrees with it: TIME begins
 * anew with every calibration. Else TIME. `frequency` is TIME_TICK_FREQUENCY; some versions print the bits of a double.
 */
export function deviceClock(first: PlacedRecord, last: PlacedRecord, frequency: bigint | undefined): DeviceClock {
  if (frequency === undefined || first.tick === undefined || last.tick === undefined) return byTime;
  const elapsed = Number(last.tick - first.tick);
  const elapsedS = last.timeS - first.timeS;
  const bits = new Float64Array(BigInt64Array.of(frequency).buffer)[0]!;
  const hz = [Number(frequency), bits].find((hz) => Math.abs(elapsed / hz - elapsedS) < AGREEMENT * elapsedS);
  if (hz === undefined) return byTime;
  // ticks beyond 2^53 are rounded to less than a microsecond
  return ({ tick }) => (tick === undefined ? undefined : (Number(tick) / hz) * 1e6);
}
