/** Whether a device or a recording can feed a model. */
import { AffectEdgeError } from '../errors.ts';
import { createPreprocessor, withHop } from '../preprocess/index.ts';
import type { Preprocessor } from '../preprocess/preprocessor.ts';
import type { StreamInfo } from '../samples.ts';
import type { Manifest } from './manifest.ts';

/**
 * The preprocessor that computes a model's input from a stream. Throws MODEL_MISMATCH, MONTAGE_MISSING_ELECTRODE,
 * RATE_UNSUPPORTED or CONFIG_INVALID (gaze in pixels of an unknown screen) where the stream can't feed the model.
 * @param hopS overrides the manifest's hop
 */
export function modelPreprocessor(manifest: Manifest, info: StreamInfo, hopS?: number): Preprocessor {
  checkModality(manifest, info);
  return createPreprocessor(withHop(manifest, hopS), info);
}

/** Throws MODEL_MISMATCH for a device or recording of another modality. */
export function checkModality({ id, modality }: Pick<Manifest, 'id' | 'modality'>, info: StreamInfo): void {
  // An EEG amplifier's inputs may be wired as EOG; its channels are then named hEOG and vEOG.
  if (info.modality === modality || (modality === 'eog' && info.modality === 'eeg')) return;
  throw new AffectEdgeError(
    'MODEL_MISMATCH',
    `model ${id}: modality is "${modality}", ${info.deviceId} delivers "${info.modality}"; choose a model of "${info.modality}", or a signal of "${modality}"`,
  );
}
