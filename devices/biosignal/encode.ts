/** Device side of the protocol: encodes values as frames, for the simulator and the test vectors. */
import { AffectEdgeError } from '../../src/errors.ts';
import { checkGeometry } from '../../src/gaze/geometry.ts';
import type { GazeGeometry } from '../../src/samples.ts';
import { crc16 } from './crc16.ts';
import {
  BYTES_PER_SAMPLE,
  CRC_BYTES,
  CRC_FROM,
  DATA_HEADER_BYTES,
  type Descriptor,
  FLAGS,
  FRAME,
  GEOMETRY_BYTES,
  HEADER_BYTES,
  MARKER_HEADER_BYTES,
  MODALITIES,
  PAYLOAD_BOUNDS,
  PROTOCOL_VERSION,
  REQUESTS,
  type Request,
  SAMPLE_FORMATS,
  type SampleFormat,
  SYNC_0,
  SYNC_1,
} from './frame.ts';

/** @throws CONFIG_INVALID where the descriptor does not fit its frame, or its geometry is invalid. */
export function encodeDescriptor(descriptor: Descriptor): Uint8Array {
  const { channels, geometry } = descriptor;
  if (channels.length < 1 || channels.length > 255) {
    throw new AffectEdgeError('CONFIG_INVALID', `a device has 1 to 255 channels, not ${channels.length}`);
  }
  const rateMilliHz = Math.round(descriptor.sampleRateHz * 1000);
  if (!(rateMilliHz >= 1 && rateMilliHz < 2 ** 32)) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `a device samples at 0.001 to 4,294,967 Hz, not at ${descriptor.sampleRateHz} Hz`,
    );
  }
  const head = new DataView(new ArrayBuffer(13));
  head.setUint8(0, PROTOCOL_VERSION);
  head.setUint8(1, (descriptor.simulated ? FLAGS.simulated : 0) | (geometry ? FLAGS.geometry : 0));
  head.setUint8(2, MODALITIES.indexOf(descriptor.modality));
  head.setUint8(3, SAMPLE_FORMATS.indexOf(descriptor.sampleFormat));
  head.setUint32(4, rateMilliHz, true);
  head.setFloat32(8, descriptor.rail ?? 0, true);
  head.setUint8(12, channels.length);
  const parts = [new Uint8Array(head.buffer), shortText(descriptor.deviceId)];
  for (const { label, unit, scale } of channels) {
    const scaleBytes = new DataView(new ArrayBuffer(4));
    scaleBytes.setFloat32(0, scale, true);
    parts.push(shortText(label), shortText(unit), new Uint8Array(scaleBytes.buffer));
  }
  if (geometry) parts.push(geometryBytes(geometry));
  return frame(FRAME.descriptor, concat(parts));
}

function geometryBytes(geometry: GazeGeometry): Uint8Array {
  const { screenPx, screenMm, distanceMm } = checkGeometry(geometry);
  const view = new DataView(new ArrayBuffer(GEOMETRY_BYTES));
  for (const [i, size] of [...screenPx, ...screenMm, distanceMm].entries()) view.setFloat32(4 * i, size, true);
  return new Uint8Array(view.buffer);
}

/**
 * One DATA frame from columns [from, to) of `data` (channel-major, [channels, length], in the channels' units).
 * Integers are rounded and clipped to their format; `counter` and `timeUs` belong to column `from` and wrap at 2^32.
 */
export function encodeData(
  descriptor: Descriptor,
  counter: number,
  timeUs: number,
  data: Float32Array,
  length: number,
  from = 0,
  to = length,
): Uint8Array {
  const { channels, sampleFormat } = descriptor;
  const bytesPerSample = BYTES_PER_SAMPLE[sampleFormat];
  const payload = DATA_HEADER_BYTES + channels.length * bytesPerSample * (to - from);
  const out = emptyFrame(FRAME.data, payload);
  const view = new DataView(out.buffer, HEADER_BYTES, payload);
  view.setUint32(0, wrap32(counter), true);
  view.setUint32(4, wrap32(timeUs), true);
  const put = PUT[sampleFormat];
  let at = DATA_HEADER_BYTES;
  for (let i = from; i < to; i++) {
    for (let c = 0; c < channels.length; c++) {
      put(view, at, data[c * length + i]! / Math.fround(channels[c]!.scale));
      at += bytesPerSample;
    }
  }
  return seal(out);
}

export function encodeMarker(counter: number, label: string): Uint8Array {
  const text = new TextEncoder().encode(label);
  const out = emptyFrame(FRAME.marker, MARKER_HEADER_BYTES + text.length);
  new DataView(out.buffer).setUint32(HEADER_BYTES, wrap32(counter), true);
  out.set(text, HEADER_BYTES + MARKER_HEADER_BYTES);
  return seal(out);
}

export function encodeRequest(request: Request): Uint8Array {
  return frame(FRAME.request, Uint8Array.of(REQUESTS.indexOf(request)));
}

/** Puts a payload into a frame. */
function frame(type: number, payload: Uint8Array): Uint8Array {
  const out = emptyFrame(type, payload.length);
  out.set(payload, HEADER_BYTES);
  return seal(out);
}

function emptyFrame(type: number, payloadBytes: number): Uint8Array<ArrayBuffer> {
  const [min, max] = PAYLOAD_BOUNDS.get(type)!;
  if (payloadBytes < min || payloadBytes > max) {
    throw new AffectEdgeError(
      'CONFIG_INVALID',
      `the payload of a frame of type 0x${type.toString(16)} has ${min} to ${max} bytes, not ${payloadBytes}`,
    );
  }
  const out = new Uint8Array(HEADER_BYTES + payloadBytes + CRC_BYTES);
  out[0] = SYNC_0;
  out[1] = SYNC_1;
  out[2] = type;
  out[3] = payloadBytes & 0xff;
  out[4] = payloadBytes >> 8;
  return out;
}

function seal(out: Uint8Array): Uint8Array {
  const crc = crc16(out, CRC_FROM, out.length - CRC_BYTES);
  out[out.length - 2] = crc & 0xff;
  out[out.length - 1] = crc >> 8;
  return out;
}

const PUT: Readonly<Record<SampleFormat, (view: DataView, at: number, value: number) => void>> = {
  int16: (view, at, value) => view.setInt16(at, clip(value, 0x7fff), true),
  int24: (view, at, value) => {
    const raw = clip(value, 0x7fffff);
    view.setUint16(at, raw & 0xffff, true);
    view.setInt8(at + 2, raw >> 16);
  },
  float32: (view, at, value) => view.setFloat32(at, value, true),
};

function clip(value: number, top: number): number {
  return Math.max(-top - 1, Math.min(top, Math.round(value)));
}

function wrap32(value: number): number {
  return Math.floor(value) % 2 ** 32;
}

/** Length (1 byte), then UTF-8. */
function shortText(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > 255) throw new AffectEdgeError('CONFIG_INVALID', `"${text}" is longer than 255 bytes`);
  return concat([Uint8Array.of(bytes.length), bytes]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
