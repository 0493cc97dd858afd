/** The states of a decision and the reasons against one, which preprocessing, API and dashboard share. */

export const DECISION_STATES = ['ok', 'warmup', 'abstain'] as const;
/**
 * `ok`: there is a decision; `warmup`: there is none yet, shortly after the start; `abstain`: the signal does not allow
 * one.
 */
export type DecisionState = (typeof DECISION_STATES)[number];
export const ABSTAIN_REASONS = [
  'gap',
  'bad_channels',
  'not_worn',
  'out_of_distribution',
  'stale',
  'rate_mismatch',
] as const;
/**
 * Why there is no decision on a window: `gap` samples (or the gaze) are missing; `bad_channels` too many electrodes are
 * bad, or the pupils were not seen; `not_worn` no eyes were seen; `stale` the device is disconnected or the window is out
 * of date; `rate_mismatch` the device sends at another rate than it declares; `out_of_distribution` is reserved.
 */
export type AbstainReason = (typeof ABSTAIN_REASONS)[number];

/** How good the signal of one window was. */
export interface QualitySummary {
  /** Share of the window (0 to 1) with a usable signal; for an eye tracker, with a valid gaze. */
  readonly coverage: number;
  /** Number of samples lost inside the window. */
  readonly lost: number;
  /** Labels of bad electrodes, including interpolated ones; for an eye tracker `pupil_x` and `pupil_y`. */
  readonly bad_channels: readonly string[];
  /** Overall quality, 0 (bad) to 1 (good): coverage times the share of good channels. */
  readonly score: number;
}
