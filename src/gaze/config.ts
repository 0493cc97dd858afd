/** The parameters of gaze event detection: one set for every tracker, rate and recording. */

export type GazeAlgorithm = 'ivt' | 'idt';
export const GAZE_ALGORITHMS: readonly GazeAlgorithm[] = ['ivt', 'idt'];

export interface GazeEventConfig {
  readonly algorithm: GazeAlgorithm;
  /** Gaze missing for up to this long is put on the line between its neighbours. */
  readonly longestFillMs: number;
  /** Span of the Savitzky-Golay window, at least 3 samples: short against a saccade, long against noise. */
  readonly velocityWindowMs: number;
  /** I-VT: a saccade's peak lies above both, the second in multiples of the velocity's running median. */
  readonly saccadeDegS: number;
  readonly saccadeNoise: number;
  /** I-VT: and it reaches from and to where the velocity falls below both of these. */
  readonly edgeDegS: number;
  readonly edgeNoise: number;
  /** I-VT: or, at its end, below this share of its peak: what follows while the eye is still fast is ringing. */
  readonly fallPeak: number;
  readonly shortestSaccadeMs: number;
  /** I-VT: what is fast for longer is neither a saccade nor a fixation: a very fast pursuit, or the tracker's mistake. */
  readonly longestSaccadeMs: number;
  /**
   * I-VT: the eye rings after a saccade. A burst that starts this soon after one, is this much slower than it and ends
   * this soon is part of neither the saccade nor the fixation.
   */
  readonly ringingGapMs: number;
  readonly ringingMs: number;
  readonly ringingPeak: number;
  /** I-DT: largest extent (x plus y) and shortest duration of a fixation. */
  readonly dispersionDeg: number;
  readonly dispersionMs: number;
  /** Fixations nearer than these in time and place are one. */
  readonly mergeMs: number;
  readonly mergeDeg: number;
  readonly shortestFixationMs: number;
  /** Pupil loss on both eyes: shorter is a dropout, longer a track loss. */
  readonly shortestBlinkMs: number;
  readonly longestBlinkMs: number;
  /** Beside a loss the lid covers part of the pupil and gaze runs away: no saccade there, and no return as short. */
  readonly blinkMarginMs: number;
}

/**
 * 30 deg/s, 75 ms, 0.5 deg, 60 ms are Tobii's I-VT filter (Olsen 2012); 1 deg and 100 ms are I-DT's (Salvucci &
 * Goldberg 2000). The median of a fixation's speed is about 1.2 standard deviations of its noise per axis, so 6.5 medians
 * are 7.7 of them: 30 deg/s rules on a good tracker, the noise on a poor one. While the eye follows a target the median
 * is the target's speed, so that a pursuit is not cut up; small catch-up saccades within a fast one are missed. The
 * peak decides that it is a saccade, a lower edge where it starts and ends (Nystrom & Holmqvist 2010). Ringing lasts
 * about 15 to 35 ms; what it is told by, and the fall, were chosen on published gaze that people labelled (Lund 2013).
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

/** The durations of a configuration in samples of a stream. */
export interface GazeTiming {
  readonly rateHz: number;
  /** Longest fill. */
  readonly fill: number;
  /** Half of the velocity window, without its centre. */
  readonly half: number;
  /** What is looked ahead (and back) for a loss. */
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
   * The stated delay: an event is told at the latest when this many samples have come after its end. Gaze that is
   * missing may have to be filled, a loss may follow, a saccade must end to be one, and the next fixation may turn out
   * to be the same one. About 325 ms by default; where no gaze is missing, 50 ms and the saccade's own duration.
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
  // How long the end of a movement, and then the next fixation, may take to be seen.
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
