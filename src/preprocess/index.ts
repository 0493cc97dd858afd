/** The only path from raw samples to a model's input, for training and for live serving. */
import { AffectEdgeError } from '../errors.ts';
import type { StreamInfo } from '../samples.ts';
import { type EegPreprocessConfig, eegPreprocessConfigSchema } from './eeg/config.ts';
import { createEegPreprocessor } from './eeg/preprocessor.ts';
import { type EogPreprocessConfig, eogPreprocessConfigSchema } from './eog/config.ts';
import { createEogPreprocessor } from './eog/preprocessor.ts';
import { type EyePreprocessConfig, eyePreprocessConfigSchema } from './eye/config.ts';
import { createEyePreprocessor } from './eye/preprocessor.ts';
import type { Preprocessor } from './preprocessor.ts';

/** A modality with its settings, as in a model's manifest. */
export type Preprocessing =
  | { readonly modality: 'eeg'; readonly preprocess: EegPreprocessConfig }
  | { readonly modality: 'eye'; readonly preprocess: EyePreprocessConfig }
  | { readonly modality: 'eog'; readonly preprocess: EogPreprocessConfig };

const SCHEMAS = {
  eeg: eegPreprocessConfigSchema,
  eye: eyePreprocessConfigSchema,
  eog: eogPreprocessConfigSchema,
} as const;

/** The same settings with another hop, if one is given. Throws CONFIG_INVALID for a hop that the modality can't have. */
export function withHop({ modality, preprocess }: Preprocessing, hopS: number | undefined): Preprocessing {
  if (hopS === undefined) return { modality, preprocess } as Preprocessing;
  const parsed = SCHEMAS[modality].safeParse({ ...preprocess, hop_s: hopS });
  // The schema of a modality returns settings of that modality.
  if (parsed.success) return { modality, preprocess: parsed.data } as Preprocessing;
  throw new AffectEdgeError('CONFIG_INVALID', `the hop is ${hopS} s: ${parsed.error.issues[0]!.message}`);
}

/** Throws the errors of the modality's preprocessor, for a stream that cannot be preprocessed with these settings. */
export function createPreprocessor({ modality, preprocess }: Preprocessing, info: StreamInfo): Preprocessor {
  switch (modality) {
    case 'eeg':
      return createEegPreprocessor(preprocess, info);
    case 'eye':
      return createEyePreprocessor(preprocess, info);
    case 'eog':
      return createEogPreprocessor(preprocess, info);
  }
}
