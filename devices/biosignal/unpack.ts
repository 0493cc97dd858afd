import { BYTES_PER_SAMPLE, type SampleFormat } from './frame.ts';

/**
 * `samples` columns of little-endian values at bytes[from], sample-interleaved, into columns [column, column + samples)
 * of `out` (channel-major, [scales.length, length]), each times its channel's scale.
 */
export function unpack(
  format: SampleFormat,
  bytes: Uint8Array,
  from: number,
  samples: number,
  scales: Float64Array,
  out: Float32Array,
  length: number,
  column: number,
): void {
  const channels = scales.length;
  const stride = channels * BYTES_PER_SAMPLE[format];
  const unpackColumn = UNPACK_COLUMN[format];
  for (let i = 0; i < samples; i++) {
    unpackColumn(bytes, from + i * stride, channels, scales, out, length, column + i);
  }
}

type UnpackColumn = (
  bytes: Uint8Array,
  at: number,
  channels: number,
  scales: Float64Array,
  out: Float32Array,
  length: number,
  column: number,
) => void;

const int24: UnpackColumn = (bytes, at, channels, scales, out, length, column) => {
  for (let c = 0, to = column; c < channels; c++, at += 3, to += length) {
    out[to] = (((bytes[at]! << 8) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 24)) >> 8) * scales[c]!;
  }
};

const int16: UnpackColumn = (bytes, at, channels, scales, out, length, column) => {
  for (let c = 0, to = column; c < channels; c++, at += 2, to += length) {
    out[to] = (((bytes[at]! << 16) | (bytes[at + 1]! << 24)) >> 16) * scales[c]!;
  }
};

const float32: UnpackColumn = (bytes, at, channels, scales, out, length, column) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let c = 0, to = column; c < channels; c++, at += 4, to += length) {
    out[to] = view.getFloat32(at, true) * scales[c]!;
  }
};

const UNPACK_COLUMN: Readonly<Record<SampleFormat, UnpackColumn>> = { int16, int24, float32 };
