import type { PlacedRecord } from './record.ts';

/** Device time of a record in microseconds; undefined where the record has none. */
export type DeviceClock = (record: PlacedRecord) => number | undefined;

/** Allowed relative disagreement of TIME (in steps of up to 16 ms after a day) and the ticks. */
const AGREEMENT = 0.05;

const byTime: DeviceClock = ({ timeS }) => timeS * 1e6;

/**
 * Chooses TIME_TICK, which unlike TIME does not restart with a calibration, where its frequency is known and agrees
 * with TIME between two records; else TIME. `frequency` is TIME_TICK_FREQUENCY; some versions print the bits of a
 * double.
 */
export function deviceClock(first: PlacedRecord, last: PlacedRecord, frequency: bigint | undefined): DeviceClock {
  if (frequency === undefined || first.tick === undefined || last.tick === undefined) return byTime;
  const elapsed = Number(last.tick - first.tick);
  const elapsedS = last.timeS - first.timeS;
  const bits = new Float64Array(BigInt64Array.of(frequency).buffer)[0]!;
  const hz = [Number(frequency), bits].find((hz) => Math.abs(elapsed / hz - elapsedS) < AGREEMENT * elapsedS);
  if (hz === undefined) return byTime;
  // Ticks beyond 2^53 are rounded by less than a microsecond.
  return ({ tick }) => (tick === undefined ? undefined : (Number(tick) / hz) * 1e6);
}
