/** Runs preprocessors and reads the quality of their windows. */
import type { ChannelQuality, EyeQuality, FeatureWindow } from '../../src/preprocess/feature-window.ts';
import { type Preprocessor, windowsOf } from '../../src/preprocess/preprocessor.ts';
import type { Block } from '../../src/samples.ts';

/** All windows of the blocks, including those that flush() completes. */
export function allWindows(preprocessor: Preprocessor, blocks: readonly Block[]): FeatureWindow[] {
  return windowsOf([...blocks.flatMap((block) => preprocessor.push(block)), ...preprocessor.flush()]);
}

export function channelsOf({ quality }: FeatureWindow): readonly ChannelQuality[] {
  if (quality.modality === 'eye') throw new Error('a window of eye movement has no channels');
  return quality.channels;
}

export function eyesOf({ quality }: FeatureWindow): EyeQuality {
  if (quality.modality !== 'eye') throw new Error(`a window of ${quality.modality} has no eyes`);
  return quality;
}
