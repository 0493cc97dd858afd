/** Parameters of gaze event detection: one set for all trackers, rates and recordings. */

export type GazeAlgorithm = 'ivt' | 'idt';
export const GAZE_ALGORITHMS: readonly GazeAlgorithm[] = ['ivt', 'idt'];

export interface GazeEventConfig {
  readonly algorithm: GazeAlgorithm;
  /** Gaps in the gaze of up to this length are interpolated linearly. */
  readonly longestFillMs: number;
  /** Length of the Savitzky-Golay window, at least 3 samples: short compared with a saccade, long compared with noise. */
  readonly velocityWindowMs: number;
  /** I-VT: a saccade's peak velocity exceeds both thresholds; the second is a multiple of the running median velocity. */
  readonly saccadeDegS: number;
  readonly saccadeNoise: number;
  /** I-VT: a saccade starts and ends where the velocity falls below both of these. */
  readonly edgeDegS: number;
  readonly edgeNoise: number;
  /** I-VT: a saccade also ends below this share of its peak; fast samples after that are ringing. */
  readonly fallPeak: number;
  readonly shortestSaccadeMs: number;
  /** I-VT: a longer fast movement is neither a saccade nor a fixation: a very fast pursuit, or a tracker error. */
  readonly longestSaccadeMs: number;
  /**
   * I-VT: the eye rings after a saccade (post-saccadic oscillation). A burst that starts within this gap after a saccade,
   * ends within this time and stays below this share of its peak belongs to neither the saccade nor the fixation.
   */
  readonly ringingGapMs: number;
  readonly ringingMs: number;
  readonly ringingPeak: number;
  /** I-DT: largest extent (x plus y) and shortest duration of a fixation. */
  readonly dispersionDeg: number;
  readonly dispersionMs: number;
  /** Fixations closer than these in time and space are merged. */
  readonly mergeMs: number;
  readonly mergeDeg: number;
  readonly shortestFixationMs: number;
  /** Pupil loss on both eyes: shorter is a dropout, longer a track loss. */
  readonly shortestBlinkMs: number;
  readonly longestBlinkMs: number;
  /** Next to a loss the lid covers part of the pupil and distorts the gaze: no saccade is detected there. A return shorter than this does not end a loss. */
  readonly blinkMarginMs: number;
}

/**
 * 30 deg/s, 75 ms, 0.5 deg, 60 ms are Tobii's I-VT filter (Olsen 2012); 1 deg and 100 ms are I-DT's (Salvucci &
 * Goldberg 2000). The median of a fixation's speed is about 1.2 standard deviations of its noise per axis, so 6.5 medians
 * are 7.7 standard deviations: the fixed 30 deg/s applies on a good tracker, the noise threshold on a poor one. During a
 * pursuit the median is the target's speed, so that the pursuit is not split; small catch-up saccades in a fast one are
 * missed. The peak decides whether a burst is a saccade, a lower edge where it starts and ends (Nystrom & Holmqvist 2010).
 * Ringing lasts about 15 to 35 ms; its thresholds and `fallPeak` were chosen on gaze that experts labelled (Lund 2013).
 */
export const GAZE_EVENTS: GazeEventConfig = {
  algorithm: 'ivt',
  longestFillMs: 75,
  velocityWindowMs: 22,
  saccadeDegS: 30,
  saccadeNoise: 6.5,
  edgeDegS: 20,
  edgeNoise: 3,
  fallPeak: 0.25,
  shortestSaccadeMs: 10,
  longestSaccadeMs: 200,
  ringingGapMs: 30,
  ringingMs: 80,
  ringingPeak: 0.7,
  dispersionDeg: 1,
  dispersionMs: 100,
  mergeMs: 75,
  mergeDeg: 0.5,
  shortestFixationMs: 60,
  shortestBlinkMs: 30,
  longestBlinkMs: 500,
  blinkMarginMs: 50,
};

/** The durations of a configuration, in samples. */
export interface GazeTiming {
  readonly rateHz: number;
  /** Longest gap that is interpolated. */
  readonly fill: number;
  /** Half of the velocity window, without its centre sample. */
  readonly half: number;
  /** Distance over which a loss affects samples before and after it. */
  readonly margin: number;
  readonly shortestSaccade: number;
  readonly longestSaccade: number;
  readonly ringingGap: number;
  readonly ringing: number;
  readonly window: number;
  readonly merge: number;
  readonly shortestFixation: number;
  readonly shortestBlink: number;
  readonly longestBlink: number;
  /**
   * The stated delay: an event is reported at the latest when this many samples have come after its end. A gap may be
   * interpolated, a loss may follow, a saccade must end first, and the next fixation may be merged with the last one. About
   * 325 ms by default; without missing gaze, 50 ms plus the saccade's duration.
   */
  readonly delay: number;
}

export function gazeTiming(config: GazeEventConfig, rateHz: number): GazeTiming {
  const atMost = (ms: number) => Math.floor((ms * rateHz) / 1000 + 1e-9);
  const atLeast = (ms: number) => Math.max(1, Math.ceil((ms * rateHz) / 1000 - 1e-9));
  const fill = atMost(config.longestFillMs);
  const half = Math.max(1, atMost(config.velocityWindowMs / 2));
  const margin = Math.max(half, atLeast(config.blinkMarginMs));
  const window = atLeast(config.dispersionMs);
  const merge = atMost(config.mergeMs);
  const shortestFixation = atLeast(config.shortestFixationMs);
  const longestSaccade = atLeast(config.longestSaccadeMs);
  const isVelocity = config.algorithm === 'ivt';
  // Time until the end of a movement, and then the next fixation, is detected.
  const next = isVelocity ? Math.max(longestSaccade, merge + 1) : merge + 1 + window;
  return {
    rateHz,
    fill,
    half,
    margin,
    shortestSaccade: atLeast(config.shortestSaccadeMs),
    longestSaccade,
    ringingGap: atMost(config.ringingGapMs),
    ringing: atMost(config.ringingMs),
    window,
    merge,
    shortestFixation,
    // A single sample is a dropout at any rate.
    shortestBlink: Math.max(2, atLeast(config.shortestBlinkMs)),
    longestBlink: atMost(config.longestBlinkMs),
    delay: fill + 1 + margin + next,
  };
}
