/** THE one path from raw samples to what a model takes, for training and for live serving: one composition a modality. */
import { AffectEdgeError } from './errors.ts';
import type { FeatureWindow } from './features.ts';
import { createEegPreprocessor } from './preprocess-eeg.ts';
import { type EegPreprocessConfig, eegPreprocessConfigSchema } from './preprocess-eeg-config.ts';
import { createEogPreprocessor } from './preprocess-eog.ts';
import { type EogPreprocessConfig, eogPreprocessConfigSchema } from './preprocess-eog-config.ts';
import { createEyePreprocessor } from './preprocess-eye.ts';
import { type EyePreprocessConfig, eyePreprocessConfigSchema } from './preprocess-eye-config.ts';
import type { Block, StreamInfo } from './samples.ts';
import type { SampleAccount } from './stages/gaps.ts';
import type { GazeEvent } from './stages/gaze-event.ts';
import type { Stage } from './stages/stage.ts';

export interface Preprocessor extends Stage<Block, FeatureWindow> {
  /** Of EEG and EOG: electrodes, in feature order; of the eyes: the features themselves. */
  readonly channels: readonly string[];
  readonly account: SampleAccount;
  /** A window is given out when this many samples have come after its end (or the first ones behind a gap there). */
  readonly delaySamples: number;
  /** Fixations, saccades, blinks and track losses that the last `push` or `flush` told; of other signals none. */
  readonly events: readonly GazeEvent[];
  /** What the user should know of the signal, told once, by the last `push`. */
  readonly doubts: readonly string[];
  /** The end of the input: completes the windows that only waited for what follows; then as after `reset()`. */
  flush(): FeatureWindow[];
}

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
