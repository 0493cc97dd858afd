/** The interface of a source, and the time grid that all sources share. */

/** Sources run at one rate, so that the signal does not depend on the amplifier's sampling rate. */
export const SOURCE_RATE_HZ = 250;
/**
 * A tick is 0.1 s. Sources are computed one tick at a time; slow changes (emotion, wandering, artefacts) happen once a
 * tick.
 */
export const TICK_SAMPLES = 25;
export const TICKS_PER_S = SOURCE_RATE_HZ / TICK_SAMPLES;
/** Ticks computed before time 0, so that signals have settled. */
export const LEAD_IN_TICKS = 2 * TICKS_PER_S;

export interface Source {
  /** Gain at each electrode. */
  readonly map: Float64Array;
  /** The source's next tick, in microvolts at gain 1; false where it is silent and `out` holds nothing. */
  fill(out: Float64Array): boolean;
}
