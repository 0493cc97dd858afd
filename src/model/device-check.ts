import { AffectEdgeError } from '../errors.ts';
import { createPreprocessor } from '../preprocess/index.ts';
import type { StreamInfo } from '../samples.ts';
import type { Manifest } from './manifest.ts';

/**
 * Throws MODEL_MISMATCH, MONTAGE_MISSING_ELECTRODE, RATE_UNSUPPORTED or CONFIG_INVALID (gaze in pixels of a screen that
 * is not known) where the device can't feed the model.
 */
export function checkDevice(manifest: Manifest, info: StreamInfo): void {
  checkModality(manifest, info);
  // Preprocessing knows best which channels and rates it can work with.
  createPreprocessor(manifest, info);
}

/** Of a device as of a recording. Throws MODEL_MISMATCH. */
export function checkModality({ id, modality }: Pick<Manifest, 'id' | 'modality'>, info: StreamInfo): void {
  // An EEG amplifier's inputs may be wired as EOG: then its channels are named so.
  if (info.modality === modality || (modality === 'eog' && info.modality === 'eeg')) return;
  throw new AffectEdgeError(
    'MODEL_MISMATCH',
    `model ${id}: modality is "${modality}", ${info.deviceId} delivers "${info.modality}"; choose a model of "${info.modality}", or a signal of "${modality}"`,
  );
}
