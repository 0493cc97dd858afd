import { AffectEdgeError } from '../errors.ts';
import { createPreprocessor } from '../preprocess.ts';
import type { StreamInfo } from '../samples.ts';
import type { Manifest } from './manifest.ts';

/**
 * Throws MODEL_MISMATCH, MONTAGE_MISSING_ELECTRODE, RATE_UNSUPPORTED or CONFIG_INVALID (gaze in pixels of a screen that
 * is not known) where the device can't feed the model.
 */
export function checkDevice(manifest: Manifest, info: StreamInfo): void {
  // An EEG amplifier's inputs may be wired as EOG: then its channels are named so.
  const fits = info.modality === manifest.modality || (manifest.modality === 'eog' && info.modality === 'eeg');
  if (!fits) {
    throw new AffectEdgeError(
      'MODEL_MISMATCH',
      `model ${manifest.id}: modality is "${manifest.modality}", device ${info.deviceId} delivers "${info.modality}"; choose a model or a device of the other's kind`,
    );
  }
  // Preprocessing knows best which channels and rates it can work with.
  createPreprocessor(manifest, info);
}
