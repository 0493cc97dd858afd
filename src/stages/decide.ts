/** Step 12 of the signal path, as far as the window itself tells: may a prediction stand on it? */
import type { QualitySummary } from '../events.ts';
import type { AbstainReason, DecisionState, FeatureWindow } from '../features.ts';

export interface DecisionRules {
  /** Share of the channels that may be bad as they are; a model that was never trained with them knows no other than 0. */
  readonly mostBad: number;
  /** Share of the channels that may stand on an interpolation. */
  readonly mostInterpolated: number;
}

export const DECISION_RULES: DecisionRules = { mostBad: 0, mostInterpolated: 0.25 };

/** `reasons` is empty unless the state is `abstain`. */
export function decide(
  window: FeatureWindow,
  rules: DecisionRules = DECISION_RULES,
): { readonly state: DecisionState; readonly reasons: readonly AbstainReason[] } {
  if (window.warmup) return { state: 'warmup', reasons: [] };
  const reasons: AbstainReason[] = [];
  if (window.coverage < 1) reasons.push('gap');
  const { channels } = window;
  const bad = channels.filter((channel) => channel.bad !== null && !channel.interpolated).length;
  const interpolated = channels.filter((channel) => channel.interpolated).length;
  if (bad > rules.mostBad * channels.length || interpolated > rules.mostInterpolated * channels.length) {
    reasons.push('bad_channels');
  }
  return { state: reasons.length > 0 ? 'abstain' : 'ok', reasons };
}

export function summariseQuality(window: FeatureWindow): QualitySummary {
  const bad = window.channels.filter((channel) => channel.bad !== null);
  return {
    coverage: window.coverage,
    lost: window.lost,
    bad_channels: bad.map((channel) => channel.label),
    score: window.coverage * (1 - bad.length / window.channels.length),
  };
}
