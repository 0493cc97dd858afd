import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/api/events.ts';
import { doubtsOf, featureWords, standingOf } from '../../src/dashboard/words.ts';
import { ABSTAIN_REASONS } from '../../src/decision.ts';
import { EYE_FEATURES } from '../../src/preprocess/eye/features.ts';

import { abstention, OK } from '../support/fake-eyes.ts';

const WARMUP: Verdict = { state: 'warmup', reasons: [], label: null, probs: null };
const BOTH = ['eeg', 'eye'] as const;

describe('what a fusion stands on', () => {
  it.each([
    ['both', BOTH, OK, OK, 'EEG + eye'],
    ['the eye, with EEG unplugged', ['eye'] as const, abstention('stale'), OK, 'eye alone: the EEG device is away'],
    [
      'EEG, with nobody in view',
      ['eeg'] as const,
      OK,
      abstention('not_worn'),
      'EEG alone: eye abstains, no eyes in view',
    ],
    ['EEG, while the eyes warm up', ['eeg'] as const, OK, WARMUP, 'EEG alone: eye is warming up'],
    ['neither', [], abstention('stale'), abstention('stale'), 'the EEG device is away; the eye tracker is away'],
    [
      'EEG, with a verdict of the eye that is of another time',
      ['eeg'] as const,
      OK,
      OK,
      'EEG alone: the verdict of eye is of another time',
    ],
  ])('%s', (_, fused, eeg, eye, words) => {
    expect(standingOf(fused, BOTH, new Map([['eeg', eeg] as const, ['eye', eye] as const]))).toBe(words);
  });

  it('one that has said nothing yet', () => {
    expect(standingOf(['eye'], BOTH, new Map([['eye', OK]]))).toBe('eye alone: nothing from the EEG device yet');
  });
});

describe('why there is no verdict', () => {
  it('has words for every reason that the API knows', () => {
    for (const source of ['eeg', 'eye', 'eog', 'fusion'] as const) {
      for (const reason of ABSTAIN_REASONS) expect(doubtsOf(abstention(reason), source)).toMatch(/^\w+( \w+)+$/);
    }
  });

  it('tells an eye from an electrode', () => {
    expect(doubtsOf(abstention('bad_channels'), 'eeg')).toBe('too many bad electrodes');
    expect(doubtsOf(abstention('bad_channels'), 'eye')).toBe('pupils not seen');
  });

  it('says nothing of a verdict that stands', () => {
    expect(doubtsOf(OK, 'eye')).toBe('');
  });
});

describe('names of features', () => {
  it('are words, and all different', () => {
    const words = EYE_FEATURES.map(({ name }) => featureWords(name, ['left', 'right']));
    expect(new Set(words).size).toBe(EYE_FEATURES.length);
    for (const name of words) expect(name).not.toMatch(/_|std|hz$|pupil [xy]/);
  });

  it.each([
    ['pupil_x_std', 'left pupil spread'],
    ['pupil_y_de_0.6-1hz', 'right pupil entropy 0.6–1 Hz'],
    ['dispersion_largest_30s', 'fixation dispersion largest, 30 s'],
    ['saccade_latency_mean_30s', 'saccade latency mean, 30 s'],
  ])('%s', (name, words) => {
    expect(featureWords(name, ['left', 'right'])).toBe(words);
  });

  it('of two diameters of one eye', () => {
    expect(featureWords('pupil_y_mean', ['horizontal', 'vertical'])).toBe('vertical pupil mean');
  });
});
