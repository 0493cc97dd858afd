/** Decides from a window's quality whether its prediction may be used. */
import type { AbstainReason, DecisionState, QualitySummary } from '../decision.ts';
import type { EyeQuality, FeatureWindow, SignalQuality } from './feature-window.ts';

export interface DecisionRules {
  /** Largest share of bad channels that are not interpolated; 0, because models are trained without bad channels. */
  readonly mostBad: number;
  /** Largest share of interpolated channels. */
  readonly mostInterpolated: number;
  /** Eye movement: smallest share of the window with a valid gaze, with a pupil, and of the pupil trace. */
  readonly leastSeen: number;
}

export const DECISION_RULES: DecisionRules = { mostBad: 0, mostInterpolated: 0.25, leastSeen: 0.5 };

/** `reasons` is empty unless the state is `abstain`. */
export function decide(
  window: FeatureWindow,
  rules: DecisionRules = DECISION_RULES,
): { readonly state: DecisionState; readonly reasons: readonly AbstainReason[] } {
  const { quality, warmup, coverage } = window;
  const isEye = quality.modality === 'eye';
  // Report `not_worn` even during warm-up.
  if (warmup && !(isEye && !quality.worn)) return { state: 'warmup', reasons: [] };
  const reasons = isEye ? eyeReasons(coverage, quality, rules) : signalReasons(coverage, quality, rules);
  return { state: reasons.length > 0 ? 'abstain' : 'ok', reasons };
}

function signalReasons(coverage: number, { channels }: SignalQuality, rules: DecisionRules): AbstainReason[] {
  const reasons: AbstainReason[] = [];
  if (coverage < 1) reasons.push('gap');
  const bad = channels.filter((channel) => channel.bad !== null && !channel.interpolated).length;
  const interpolated = channels.filter((channel) => channel.interpolated).length;
  if (bad > rules.mostBad * channels.length || interpolated > rules.mostInterpolated * channels.length) {
    reasons.push('bad_channels');
  }
  return reasons;
}

/** One reason at most, because each implies the next: no eyes, no gaze, no pupil. One pupil is enough. */
function eyeReasons(coverage: number, eyes: EyeQuality, { leastSeen }: DecisionRules): AbstainReason[] {
  if (!eyes.worn) return ['not_worn'];
  if (coverage < leastSeen) return ['gap'];
  return Math.min(Math.max(...eyes.pupils), eyes.traced) < leastSeen ? ['bad_channels'] : [];
}

export function summariseQuality(
  { coverage, lost, quality }: FeatureWindow,
  { leastSeen }: DecisionRules = DECISION_RULES,
): QualitySummary {
  const sources =
    quality.modality === 'eye'
      ? ['pupil_x', 'pupil_y'].map((label, p) => ({ label, isBad: quality.pupils[p]! < leastSeen }))
      : quality.channels.map(({ label, bad }) => ({ label, isBad: bad !== null }));
  const bad = sources.filter(({ isBad }) => isBad);
  return {
    coverage,
    lost,
    bad_channels: bad.map(({ label }) => label),
    score: coverage * (1 - bad.length / sources.length),
  };
}
