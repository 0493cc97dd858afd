import type { Modality } from '../samples.ts';

/**
 * Raw samples travel as binary messages, little-endian: this header, then float32 samples, channel-major
 * (`channel * samples + i`), NaN where a channel has no value. The numbers are byte offsets.
 */
export const RAW_HEADER = {
  /** u32, RAW_MAGIC. It also stands for the version of the format. */
  magic: 0,
  /** u32 */
  sub: 4,
  /** u32 */
  seq: 8,
  /** u32, frames */
  dropped: 12,
  /** f64, index of the first sample since the stream's start; lost samples count */
  firstSample: 16,
  /** f64, Unix microseconds of the first sample */
  startUs: 24,
  /** f64, Unix microseconds */
  emitUs: 32,
  /** f32 */
  sampleRateHz: 40,
  /** f32, microseconds */
  clockErrUs: 44,
  /** u32, samples lost between the previous frame and this one */
  lostBefore: 48,
  /** u16 */
  channels: 52,
  /** u16, per channel */
  samples: 54,
  /** u32, bit 0: simulated; bits 8 to 15: index of the modality in RAW_MODALITIES */
  flags: 56,
  byteLength: 60,
} as const;
/** 'AER1' in ASCII. */
export const RAW_MAGIC = 0x31524541;
export const RAW_MODALITIES: readonly Modality[] = ['eeg', 'eye', 'eog'];
