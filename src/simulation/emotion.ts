/** Emotion of the simulated person over time: one schedule for all modalities that are generated from the same seed. */
import { AffectEdgeError } from '../errors.ts';
import { Random } from '../random.ts';

export const EMOTIONS = ['negative', 'neutral', 'positive'] as const;
export type Emotion = (typeof EMOTIONS)[number];

const STATE_PREFIX = 'state:';

/** The marker at the start of a true state: `state:positive`. */
export function formatStateMarker(emotion: Emotion): string {
  return STATE_PREFIX + emotion;
}

/** The emotion of a state marker; null for any other marker. */
export function parseStateMarker(label: string): Emotion | null {
  return EMOTIONS.find((emotion) => label === STATE_PREFIX + emotion) ?? null;
}

export type EmotionSchedule =
  /**
   * Endless: every emotion once in each round of three, in seeded order, never twice in a row; minS..maxS whole seconds
   * each.
   */
  | { readonly kind: 'random'; readonly minS: number; readonly maxS: number }
  /** Trials of `trialS` whole seconds in order; the last one does not end. */
  | { readonly kind: 'trials'; readonly trialS: number; readonly emotions: readonly Emotion[] };

export const DEFAULT_SCHEDULE: EmotionSchedule = { kind: 'random', minS: 20, maxS: 40 };

export interface EmotionSegment {
  readonly index: number;
  readonly emotion: Emotion;
  /** Whole seconds, so that a segment starts on a sample at every sampling rate. */
  readonly startS: number;
}

/**
 * The segments of a schedule in order of time. The same seed and schedule give the same segments.
 *
 * @throws CONFIG_INVALID for durations that are not whole seconds from 1, and for no trials.
 */
export function* emotionSegments(seed: number, schedule: EmotionSchedule): Generator<EmotionSegment, void> {
  const duration = schedule.kind === 'trials' ? schedule.trialS : schedule.minS;
  const longest = schedule.kind === 'trials' ? schedule.trialS : schedule.maxS;
  if (!Number.isInteger(duration) || !Number.isInteger(longest) || duration < 1 || longest < duration) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `the states of a schedule must last whole seconds, at least 1: got ${duration}..${longest} s`,
    );
  }
  let startS = 0;
  if (schedule.kind === 'trials') {
    if (schedule.emotions.length === 0) {
      throw new AffectEdgeError('CONFIG_INVALID', 'a schedule of trials needs at least one emotion: got none');
    }
    for (const [index, emotion] of schedule.emotions.entries()) {
      yield { index, emotion, startS };
      startS += duration;
    }
    return;
  }
  const random = new Random(seed, 'schedule');
  let last: Emotion | null = null;
  for (let index = 0; ; ) {
    for (const emotion of shuffledRound(random, last)) {
      yield { index: index++, emotion, startS };
      startS += random.integer(duration, longest);
      last = emotion;
    }
  }
}

/** All emotions once, in random order; the first one is not `last`. */
function shuffledRound(random: Random, last: Emotion | null): Emotion[] {
  const round: Emotion[] = [];
  const left: Emotion[] = [...EMOTIONS];
  while (left.length > 0) {
    const choices = round.length === 0 ? left.filter((emotion) => emotion !== last) : left;
    const choice = choices[random.integer(0, choices.length - 1)]!;
    left.splice(left.indexOf(choice), 1);
    round.push(choice);
  }
  return round;
}

/**
 * How strongly a trial evokes its emotion, the same in all modalities. Log-normal with mean 1, so it is never negative;
 * `sd` is the standard deviation of the logarithm.
 */
export function trialIntensity(seed: number, index: number, sd: number): number {
  return Math.exp(sd * new Random(seed, 'intensity', index).normal() - sd ** 2 / 2);
}
