/** Step 12 of the signal path, as far as the window itself tells: may a prediction stand on it? */

import type { AbstainReason, DecisionState, QualitySummary } from '../decision.ts';
import type { EyeQuality, FeatureWindow } from './feature-window.ts';

export interface DecisionRules {
  /** Share of the channels that may be bad as they are; a model that was never trained with them knows no other than 0. */
  readonly mostBad: number;
  /** Share of the channels that may stand on an interpolation. */
  readonly mostInterpolated: number;
  /** Share of an eye tracker's window with a valid gaze, and with either pupil, and of the pupil's trace. */
  readonly leastSeen: number;
}

export const DECISION_RULES: DecisionRules = { mostBad: 0, mostInterpolated: 0.25, leastSeen: 0.5 };

/** `reasons` is empty unless the state is `abstain`. */
export function decide(
  window: FeatureWindow,
  rules: DecisionRules = DECISION_RULES,
): { readonly state: DecisionState; readonly reasons: readonly AbstainReason[] } {
  // Nobody there is worth saying at once.
  const isAway = window.eyes?.worn === false;
  if (window.warmup && !isAway) return { state: 'warmup', reasons: [] };
  const reasons = window.eyes === null ? doubtsOfChannels(window, rules) : doubtsOfEyes(window, window.eyes, rules);
  return { state: reasons.length > 0 ? 'abstain' : 'ok', reasons };
}

function doubtsOfChannels({ coverage, channels }: FeatureWindow, rules: DecisionRules): AbstainReason[] {
  const reasons: AbstainReason[] = [];
  if (coverage < 1) reasons.push('gap');
  const bad = channels.filter((channel) => channel.bad !== null && !channel.interpolated).length;
  const interpolated = channels.filter((channel) => channel.interpolated).length;
  if (bad > rules.mostBad * channels.length || interpolated > rules.mostInterpolated * channels.length) {
    reasons.push('bad_channels');
  }
  return reasons;
}

/** The first doubt says it all: without eyes there is no gaze, and without gaze no pupil. One pupil is enough. */
function doubtsOfEyes({ coverage }: FeatureWindow, eyes: EyeQuality, { leastSeen }: DecisionRules): AbstainReason[] {
  if (!eyes.worn) return ['not_worn'];
  if (coverage < leastSeen) return ['gap'];
  return Math.min(Math.max(...eyes.pupils), eyes.traced) < leastSeen ? ['bad_channels'] : [];
}

export function summariseQuality(window: FeatureWindow, rules: DecisionRules = DECISION_RULES): QualitySummary {
  const { coverage, lost, channels, eyes } = window;
  const sources =
    eyes === null
      ? channels.map(({ label, bad }) => ({ label, isBad: bad !== null }))
      : ['pupil_x', 'pupil_y'].map((label, p) => ({ label, isBad: eyes.pupils[p]! < rules.leastSeen }));
  const bad = sources.filter(({ isBad }) => isBad);
  return {
    coverage,
    lost,
    bad_channels: bad.map(({ label }) => label),
    score: coverage * (1 - bad.length / sources.length),
  };
}
