/** Decodes the payloads of CRC-checked frames; returns undefined for payloads that the protocol does not allow. */
import { given } from '../../src/given.ts';
import type { GazeGeometry } from '../../src/samples.ts';
import {
  type Descriptor,
  FLAGS,
  GEOMETRY_BYTES,
  MARKER_HEADER_BYTES,
  MODALITIES,
  PROTOCOL_VERSION,
  REQUESTS,
  type Request,
  SAMPLE_FORMATS,
} from './frame.ts';

const utf8 = new TextDecoder();

export function decodeDescriptor(payload: Uint8Array): Descriptor | undefined {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const modality = MODALITIES[payload[2]!];
  const sampleFormat = SAMPLE_FORMATS[payload[3]!];
  const sampleRateHz = view.getUint32(4, true) / 1000;
  const rail = view.getFloat32(8, true);
  const channelCount = payload[12]!;
  let at = 13;
  const text = (): string | undefined => {
    const end = at + 1 + (payload[at] ?? Number.POSITIVE_INFINITY);
    if (end > payload.length) return undefined;
    const value = utf8.decode(payload.subarray(at + 1, end));
    at = end;
    return value;
  };

  const deviceId = text();
  const channels: Descriptor['channels'][number][] = [];
  for (let c = 0; c < channelCount; c++) {
    const label = text();
    const unit = text();
    if (label === undefined || unit === undefined || at + 4 > payload.length) return undefined;
    channels.push({ label, unit, scale: view.getFloat32(at, true) });
    at += 4;
  }
  const flags = payload[1]!;
  const hasGeometry = (flags & FLAGS.geometry) !== 0;
  const geometry = hasGeometry && at + GEOMETRY_BYTES <= payload.length ? readGeometry(view, at) : undefined;
  if (hasGeometry && geometry === undefined) return undefined;
  if (hasGeometry) at += GEOMETRY_BYTES;
  if (payload[0] !== PROTOCOL_VERSION || !modality || !sampleFormat || deviceId === undefined) return undefined;
  if (at !== payload.length) return undefined;
  return {
    deviceId,
    modality,
    simulated: (flags & FLAGS.simulated) !== 0,
    sampleRateHz,
    sampleFormat,
    ...(rail > 0 && Number.isFinite(rail) ? { rail } : {}),
    channels,
    ...given({ geometry }),
  };
}

function readGeometry(view: DataView, at: number): GazeGeometry | undefined {
  const sizes = [0, 1, 2, 3, 4].map((i) => view.getFloat32(at + 4 * i, true));
  if (!sizes.every((size) => size > 0 && Number.isFinite(size))) return undefined;
  const [widthPx, heightPx, widthMm, heightMm, distanceMm] = sizes as [number, number, number, number, number];
  return { screenPx: [widthPx, heightPx], screenMm: [widthMm, heightMm], distanceMm };
}

export function decodeMarker(payload: Uint8Array): { counter: number; label: string } {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return { counter: view.getUint32(0, true), label: utf8.decode(payload.subarray(MARKER_HEADER_BYTES)) };
}

export function decodeRequest(payload: Uint8Array): Request | undefined {
  return REQUESTS[payload[0]!];
}
