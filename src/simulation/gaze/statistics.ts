/** All parameters of the simulated gaze. A change of any of them needs a new SIMULATION_VERSION. */
import type { Emotion } from '../emotion.ts';
import type { PresetName } from '../presets.ts';

interface Statistic {
  /** Value of a person at rest. */
  readonly rest: number;
  /** Standard deviation of its logarithm: the unit of the presets' numbers and of the emotions' effects. */
  readonly spread: number;
  /** Effect of each emotion in spreads: a factor of exp(spread * effect). */
  readonly effects: Readonly<Record<Emotion, number>>;
}

/**
 * Statistics that describe a person's gaze, all positive. Resting values are round numbers within the ranges of the
 * literature (saccades: Carpenter 1988; blinks: Bentivoglio et al. 1997). Pupils dilate with arousal, pleasant or
 * unpleasant (Bradley, Miccoli, Escrig & Lang 2008). The spreads and all other effects were chosen so that each emotion
 * has its own pattern and no single statistic identifies it.
 */
export const GAZE_STATISTICS = {
  /** Diameter, mm. */
  pupilMm: { rest: 3.6, spread: 0.1, effects: { negative: 1, neutral: -0.5, positive: 0.4 } },
  /** Pupil fluctuation below and above 0.2 Hz, mm rms. */
  pupilSlowMm: { rest: 0.12, spread: 0.2, effects: { negative: 0.4, neutral: -0.4, positive: 0.2 } },
  pupilFastMm: { rest: 0.07, spread: 0.2, effects: { negative: 0.6, neutral: -0.2, positive: -0.2 } },
  /** Mean fixation duration, ms. */
  fixationMs: { rest: 280, spread: 0.15, effects: { negative: 0.5, neutral: 0.3, positive: -0.5 } },
  /** Mean dispersion of a fixation along x, degrees. */
  dispersionDeg: { rest: 0.45, spread: 0.2, effects: { negative: -0.6, neutral: 0.2, positive: 0.3 } },
  /** Mean saccade amplitude, degrees. */
  saccadeDeg: { rest: 4.5, spread: 0.2, effects: { negative: -0.5, neutral: -0.2, positive: 0.5 } },
  /** Duration of a saccade relative to the main sequence. */
  saccadeSlowing: { rest: 1, spread: 0.06, effects: { negative: -0.3, neutral: 0.4, positive: -0.2 } },
  blinksPerMin: { rest: 17, spread: 0.4, effects: { negative: -0.8, neutral: 0.3, positive: 0.3 } },
  /** Mean blink duration, ms. */
  blinkMs: { rest: 200, spread: 0.15, effects: { negative: -0.2, neutral: 0.4, positive: -0.2 } },
} as const satisfies Record<string, Statistic>;

export type GazeStatistic = keyof typeof GAZE_STATISTICS;
export const GAZE_STATISTIC_NAMES = Object.keys(GAZE_STATISTICS) as GazeStatistic[];

/** Frequency bands of the pupil fluctuation, Hz, and each band's share of the power below or above 0.2 Hz. */
export const PUPIL_BANDS: readonly {
  readonly hz: readonly [lo: number, hi: number];
  readonly part: 'pupilSlowMm' | 'pupilFastMm';
  readonly share: number;
}[] = [
  { hz: [0, 0.2], part: 'pupilSlowMm', share: 1 },
  { hz: [0.2, 0.4], part: 'pupilFastMm', share: 0.6 },
  { hz: [0.4, 0.6], part: 'pupilFastMm', share: 0.25 },
  { hz: [0.6, 1], part: 'pupilFastMm', share: 0.15 },
];

/** Standard deviation between people of the logarithm of the right pupil's diameter relative to the left one's. */
export const ANISOCORIA = 0.03;
/** Share of the power of the pupil fluctuation that is independent between the eyes. */
export const OWN_FLUCTUATION = 0.1;

/** Coefficients of variation of single events about their mean. */
export const FIXATION_CV = 0.55;
export const DISPERSION_CV = 0.4;
export const SACCADE_CV = 0.8;
export const SACCADE_DURATION_CV = 0.1;
export const BLINK_CV = 0.3;
/** Vertical dispersion relative to the horizontal one. */
export const VERTICAL_DISPERSION = 0.8;
/** Shorter fixations are dropped by a tracker's event detection. */
export const SHORTEST_FIXATION_MS = 60;

/** Duration in ms of a saccade of `deg` degrees: the main sequence (Carpenter 1988). */
export function saccadeMs(deg: number): number {
  return 21 + 2.2 * deg;
}

/** Numbers in multiples of each statistic's spread. */
export interface GazePreset {
  /** Factor of the emotions' effects. */
  readonly effect: number;
  /** Standard deviations between people, between the trials of a person, and of the slow wandering within a trial. */
  readonly subject: number;
  readonly trial: number;
  readonly wander: number;
  /** Time constant of the wandering. */
  readonly wanderS: number;
}

/** As for the EEG, `demo` is easy on purpose, and in `benchmark` people and trials differ as much as emotions do. */
export const GAZE_PRESETS: Readonly<Record<PresetName, GazePreset>> = {
  demo: { effect: 3, subject: 0.5, trial: 0.2, wander: 0.2, wanderS: 10 },
  benchmark: { effect: 1.25, subject: 0.9, trial: 0.6, wander: 0.4, wanderS: 10 },
};
