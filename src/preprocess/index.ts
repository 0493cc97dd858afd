/** THE one path from raw samples to what a model takes, for training and for live serving: one composition a modality. */
import { AffectEdgeError } from '../errors.ts';
import type { StreamInfo } from '../samples.ts';
import { type EegPreprocessConfig, eegPreprocessConfigSchema } from './eeg/config.ts';
import { createEegPreprocessor } from './eeg/preprocessor.ts';
import { type EogPreprocessConfig, eogPreprocessConfigSchema } from './eog/config.ts';
import { createEogPreprocessor } from './eog/preprocessor.ts';
import { type EyePreprocessConfig, eyePreprocessConfigSchema } from './eye/config.ts';
import { createEyePreprocessor } from './eye/preprocessor.ts';
import type { Preprocessor } from './preprocessor.ts';

/** A modality with the settings that belong to it, as a model's manifest holds them. */
export type Preprocessing =
  | { readonly modality: 'eeg'; readonly preprocess: EegPreprocessConfig }
  | { readonly modality: 'eye'; readonly preprocess: EyePreprocessConfig }
  | { readonly modality: 'eog'; readonly preprocess: EogPreprocessConfig };

const SCHEMAS = {
  eeg: eegPreprocessConfigSchema,
  eye: eyePreprocessConfigSchema,
  eog: eogPreprocessConfigSchema,
} as const;

/** The same with another hop, where one is given. Throws CONFIG_INVALID for a hop that the modality can't have. */
export function withHop({ modality, preprocess }: Preprocessing, hopS: number | undefined): Preprocessing {
  if (hopS === undefined) return { modality, preprocess } as Preprocessing;
  const parsed = SCHEMAS[modality].safeParse({ ...preprocess, hop_s: hopS });
  // What a schema gives is of its own modality.
  if (parsed.success) return { modality, preprocess: parsed.data } as Preprocessing;
  throw new AffectEdgeError('CONFIG_INVALID', `the hop is ${hopS} s: ${parsed.error.issues[0]!.message}`);
}

/** Throws as the modality's own preprocessor does: where the stream can't be preprocessed so. */
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
