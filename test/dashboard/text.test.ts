import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/api/events.ts';
import type { ClientState } from '../../src/client/index.ts';
import {
  badElectrodesText,
  connectionText,
  featureName,
  fusionText,
  reasonsText,
  titleText,
} from '../../src/dashboard/text.ts';
import { ABSTAIN_REASONS } from '../../src/decision.ts';
import { EYE_FEATURES } from '../../src/preprocess/eye/features.ts';

import { abstention, OK } from '../support/fake-eyes.ts';

const WARMUP: Verdict = { state: 'warmup', reasons: [], label: null, probs: null, probs_by_label: null };
const BOTH = ['eeg', 'eye'] as const;

describe('fusionText', () => {
  it.each([
    ['both', BOTH, OK, OK, 'EEG + eye'],
    [
      'the eye tracker, with EEG unplugged',
      ['eye'] as const,
      abstention('stale'),
      OK,
      'eye alone: the EEG device is disconnected',
    ],
    [
      'EEG, without eyes in view',
      ['eeg'] as const,
      OK,
      abstention('not_worn'),
      'EEG alone: eye abstains, no eyes in view',
    ],
    ['EEG, while the eye tracker warms up', ['eeg'] as const, OK, WARMUP, 'EEG alone: eye is warming up'],
    [
      'neither',
      [],
      abstention('stale'),
      abstention('stale'),
      'the EEG device is disconnected; the eye tracker is disconnected',
    ],
    [
      'EEG, with a verdict of the eye tracker for another time',
      ['eeg'] as const,
      OK,
      OK,
      'EEG alone: the latest verdict of eye is for another time',
    ],
  ])('%s', (_, fused, eeg, eye, text) => {
    expect(fusionText(fused, BOTH, new Map([['eeg', eeg] as const, ['eye', eye] as const]))).toBe(text);
  });

  it('without a verdict of EEG yet', () => {
    expect(fusionText(['eye'], BOTH, new Map([['eye', OK]]))).toBe('eye alone: nothing from the EEG device yet');
  });
});

describe('reasonsText', () => {
  it('has a text for every reason of the API', () => {
    for (const source of ['eeg', 'eye', 'eog', 'fusion'] as const) {
      for (const reason of ABSTAIN_REASONS) expect(reasonsText(abstention(reason), source)).toMatch(/^\w+( \w+)+$/);
    }
  });

  it('has different texts for eyes and electrodes', () => {
    expect(reasonsText(abstention('bad_channels'), 'eeg')).toBe('too many bad electrodes');
    expect(reasonsText(abstention('bad_channels'), 'eye')).toBe('pupils not seen');
  });

  it('is empty if there is a verdict', () => {
    expect(reasonsText(OK, 'eye')).toBe('');
  });
});

describe('featureName', () => {
  it('is readable and different for every feature', () => {
    const words = EYE_FEATURES.map(({ name }) => featureName(name, ['left', 'right']));
    expect(new Set(words).size).toBe(EYE_FEATURES.length);
    for (const name of words) expect(name).not.toMatch(/_|std|hz$|pupil [xy]/);
  });

  it.each([
    ['pupil_x_std', 'left pupil spread'],
    ['pupil_y_de_0.6-1hz', 'right pupil entropy 0.6–1 Hz'],
    ['dispersion_largest_30s', 'fixation dispersion largest, 30 s'],
    ['saccade_latency_mean_30s', 'saccade latency mean, 30 s'],
  ])('%s', (name, words) => {
    expect(featureName(name, ['left', 'right'])).toBe(words);
  });

  it('names two diameters of one eye', () => {
    expect(featureName('pupil_y_mean', ['horizontal', 'vertical'])).toBe('vertical pupil mean');
  });
});

describe('connectionText', () => {
  it.each([
    ['connected', { name: 'open' }, []],
    ['server connected, no signal from the EEG device', { name: 'open' }, ['eeg']],
    ['server connected, no signal from the EEG device and the eye tracker', { name: 'open' }, ['eeg', 'eye']],
    ['this page has lost the server, trying again in 1.5 s', { name: 'waiting', retryInMs: 1500 }, ['eeg']],
    ['a token is needed', { name: 'closed', code: 4401, reason: 'x' }, []],
    ['closed', { name: 'closed', code: 1000, reason: '' }, []],
  ] as const)('is "%s"', (text, client, silent) => {
    expect(connectionText(client as unknown as ClientState, silent)).toBe(text);
  });
});

describe('titleText', () => {
  it.each([
    ['warming up – affect-edge', WARMUP],
    ['no signal – affect-edge', abstention('stale')],
    ['no verdict – affect-edge', abstention('gap')],
  ])('is "%s"', (title, verdict) => {
    expect(titleText(verdict)).toBe(title);
  });

  it('has the label and its probability', () => {
    expect(titleText({ ...OK, label: 'positive', probs: [0.1, 0.03, 0.87] } as Verdict)).toBe(
      'positive 87 % – affect-edge',
    );
  });
});

describe('badElectrodesText', () => {
  it.each([
    ['', [], 8],
    ['1 of 8 electrodes is bad: O1', ['O1'], 8],
    ['2 of 8 electrodes are bad: O1, O2', ['O1', 'O2'], 8],
    ['', ['pupil'], 0],
  ])('is "%s"', (text, bad, electrodes) => {
    expect(badElectrodesText(bad, electrodes)).toBe(text);
  });
});
