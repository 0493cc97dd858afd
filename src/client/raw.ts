import { RAW_HEADER, RAW_MAGIC, RAW_MODALITIES } from '../api/protocol.ts';

/** A stretch of device samples without a loss inside. */
export interface RawFrame {
  readonly stream: 'raw';
  readonly sub: number;
  readonly seq: number;
  readonly dropped: number;
  readonly info: {
    /** On the device's sample index, lost samples included. */
    readonly firstSample: number;
    /** Unix microseconds of the first sample. */
    readonly startUs: number;
    readonly emitUs: number;
    readonly clockErrUs: number;
    readonly sampleRateHz: number;
    readonly lostBefore: number;
    readonly channels: number;
    /** Per channel. */
    readonly samples: number;
    readonly simulated: boolean;
    readonly modality: (typeof RAW_MODALITIES)[number];
  };
  /** [channels, samples], channel-major. */
  readonly data: Float32Array;
}

/** Decodes a binary message; null where it is none of this version. The samples are a view, nothing is copied. */
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
