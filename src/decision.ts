/** Whether a window's prediction may be used, and why not: words that preprocessing, API and page share. */

export const DECISION_STATES = ['ok', 'warmup', 'abstain'] as const;
export type DecisionState = (typeof DECISION_STATES)[number];
export const ABSTAIN_REASONS = ['gap', 'bad_channels', 'not_worn', 'out_of_distribution', 'stale'] as const;
export type AbstainReason = (typeof ABSTAIN_REASONS)[number];

export interface QualitySummary {
  readonly coverage: number;
  readonly lost: number;
  readonly bad_channels: readonly string[];
  /** 0..1: coverage times the share of good channels. */
  readonly score: number;
}
