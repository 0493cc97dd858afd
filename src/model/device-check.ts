import { AffectEdgeError } from '../errors.ts';
import type { StreamInfo } from '../samples.ts';
import type { Manifest } from './manifest.ts';

/** Share of a device's rate that the resampler passes unchanged, up to 200 Hz. */
const PASS_SHARE = 0.4;

/** Throws MODEL_MISMATCH, MONTAGE_MISSING_ELECTRODE or RATE_UNSUPPORTED where the device can't feed the model. */
export function checkDevice(manifest: Manifest, info: StreamInfo): void {
  if (info.modality !== manifest.modality) {
    throw new AffectEdgeError(
      'MODEL_MISMATCH',
      `model ${manifest.id}: modality is "${manifest.modality}", device ${info.deviceId} delivers "${info.modality}"; choose a model or a device of the other's kind`,
    );
  }
  const present = new Set(info.channels.map((channel) => channel.label.toUpperCase()));
  const missing = manifest.montage.filter((label) => !present.has(label.toUpperCase()));
  if (missing.length > 0) {
    throw new AffectEdgeError(
      'MONTAGE_MISSING_ELECTRODE',
      `model ${manifest.id}: its montage needs ${missing.join(' ')}, which device ${info.deviceId} does not have (it has ${[...present].join(' ')}); name the device's electrodes with --montage or choose a model for them`,
    );
  }
  const topHz = Math.max(...manifest.preprocess.bands.map(([, , high]) => high));
  const lowestHz = topHz / PASS_SHARE;
  if (info.sampleRateHz < lowestHz) {
    throw new AffectEdgeError(
      'RATE_UNSUPPORTED',
      `model ${manifest.id}: its bands reach ${topHz} Hz and need at least ${lowestHz} Hz sampling, device ${info.deviceId} delivers ${info.sampleRateHz} Hz; set the device to a higher rate`,
    );
  }
}
