/** What a source is to the mixer, and the time grid that all sources share. */

/** Sources run at one rate whatever the amplifier's, so that the signal is the same at every sampling rate. */
export const SOURCE_RATE_HZ = 250;
/** A tick of 0.1 s: sources are made a tick at a time, and slow things (emotion, wandering, artefacts) move once a tick. */
export const TICK_SAMPLES = 25;
export const TICKS_PER_S = SOURCE_RATE_HZ / TICK_SAMPLES;
/** Ticks that run before time 0, so that no signal starts from nothing. */
export const LEAD_IN_TICKS = 2 * TICKS_PER_S;

export interface Source {
  /** Gain at each electrode. */
  readonly map: Float64Array;
  /** The source's next tick, in microvolts at gain 1; false where it is silent and `out` holds nothing. */
  fill(out: Float64Array): boolean;
}
