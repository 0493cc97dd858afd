import { describe, expect, it } from 'vitest';
import { eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import { eogPreprocessConfigSchema } from '../../src/preprocess/eog/config.ts';
import { eyePreprocessConfigSchema } from '../../src/preprocess/eye/config.ts';
import { type Preprocessing, withHop } from '../../src/preprocess/index.ts';

const EEG: Preprocessing = { modality: 'eeg', preprocess: eegPreprocessConfigSchema.parse({}) };
const EYE: Preprocessing = { modality: 'eye', preprocess: eyePreprocessConfigSchema.parse({}) };
const EOG: Preprocessing = { modality: 'eog', preprocess: eogPreprocessConfigSchema.parse({}) };

describe('withHop', () => {
  it.each([EEG, EYE, EOG])('changes only the hop: $modality', (preprocessing) => {
    expect(withHop(preprocessing, undefined)).toEqual(preprocessing);
    const { modality, preprocess } = withHop(preprocessing, 0.5);
    expect({ modality, preprocess }).toEqual({ modality, preprocess: { ...preprocessing.preprocess, hop_s: 0.5 } });
  });

  it.each([
    [EEG, 0],
    [EEG, 0.3333],
    [EEG, Number.NaN],
    [EYE, -1],
    [EYE, 31],
    [EOG, 0.3],
  ])('refuses a hop that does not fit the modality: %#', (preprocessing, hopS) => {
    expect(() => withHop(preprocessing, hopS)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(`the hop is ${hopS} s: `) }),
    );
  });
});
