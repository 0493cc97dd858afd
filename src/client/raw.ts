import { RAW_HEADER, RAW_MAGIC, RAW_MODALITIES } from '../api/raw-header.ts';

/** Consecutive samples of a device, 20 to 50 ms. No sample is missing inside a frame. */
export interface RawFrame {
  /** Identifies the stream. */
  readonly stream: 'raw';
  /** Number of the subscription on the present connection. */
  readonly sub: number;
  /** Number of the frame: 1, 2, 3, ... for each source since the server started. */
  readonly seq: number;
  /** Frames of the same source that were left out since the previous one, because this client reads too slowly. */
  readonly dropped: number;
  /** Times and sizes. */
  readonly info: {
    /** Index of the frame's first sample since the stream's start. Lost samples count. */
    readonly firstSample: number;
    /** Time of the first sample, in microseconds since 1970-01-01 UTC. */
    readonly startUs: number;
    /** When the server made the frame, in microseconds since 1970-01-01 UTC. */
    readonly emitUs: number;
    /** The true time of the samples is within plus or minus this many microseconds of `startUs`. */
    readonly clockErrUs: number;
    /** Samples per second of each channel. */
    readonly sampleRateHz: number;
    /** Samples lost between the previous frame and this one. */
    readonly lostBefore: number;
    /** Number of channels. `device` events have their labels, in the same order. */
    readonly channels: number;
    /** Samples per channel in this frame. */
    readonly samples: number;
    /** True if the signal comes from a generator and not from a person. */
    readonly simulated: boolean;
    /** What the device measures: `eeg`, `eye` (eye tracker) or `eog`. */
    readonly modality: (typeof RAW_MODALITIES)[number];
  };
  /**
   * [channels, samples], channel-major: sample `i` of channel `c` is `data[c * info.samples + i]`. EEG and EOG in
   * microvolts; eye-tracker channels in the unit that their label ends in. NaN where a channel has no value.
   */
  readonly data: Float32Array;
}

/** Decodes a binary message; null if it is not a raw frame of this version. `data` is a view of `message`, not a copy. */
export function decodeRawFrame(message: ArrayBuffer): RawFrame | null {
  if (message.byteLength < RAW_HEADER.byteLength) return null;
  const view = new DataView(message);
  const u32 = (offset: number) => view.getUint32(offset, true);
  const channels = view.getUint16(RAW_HEADER.channels, true);
  const samples = view.getUint16(RAW_HEADER.samples, true);
  const flags = u32(RAW_HEADER.flags);
  const modality = RAW_MODALITIES[(flags >> 8) & 0xff];
  if (u32(RAW_HEADER.magic) !== RAW_MAGIC || modality === undefined) return null;
  if (message.byteLength !== RAW_HEADER.byteLength + 4 * channels * samples) return null;
  return {
    stream: 'raw',
    sub: u32(RAW_HEADER.sub),
    seq: u32(RAW_HEADER.seq),
    dropped: u32(RAW_HEADER.dropped),
    info: {
      firstSample: view.getFloat64(RAW_HEADER.firstSample, true),
      startUs: view.getFloat64(RAW_HEADER.startUs, true),
      emitUs: view.getFloat64(RAW_HEADER.emitUs, true),
      clockErrUs: view.getFloat32(RAW_HEADER.clockErrUs, true),
      sampleRateHz: view.getFloat32(RAW_HEADER.sampleRateHz, true),
      lostBefore: u32(RAW_HEADER.lostBefore),
      channels,
      samples,
      simulated: (flags & 1) === 1,
      modality,
    },
    data: new Float32Array(message, RAW_HEADER.byteLength, channels * samples),
  };
}
