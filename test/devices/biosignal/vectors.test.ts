import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { crc16 } from '../../../devices/biosignal/crc16.ts';
import { decodeDescriptor, decodeMarker, decodeRequest } from '../../../devices/biosignal/decode.ts';
import { FrameDecoder } from '../../../devices/biosignal/decoder.ts';
import { encodeData, encodeDescriptor, encodeMarker, encodeRequest } from '../../../devices/biosignal/encode.ts';
import { type Descriptor, FRAME, type Request } from '../../../devices/biosignal/frame.ts';
import { biosignal } from '../../../devices/biosignal/index.ts';
import vectors from '../../../devices/biosignal/vectors.json' with { type: 'json' };
import { sampleAt } from '../../../src/samples.ts';

const descriptors = vectors.descriptors as readonly { descriptor: Descriptor; hex: string }[];
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The decoded payload of the single frame in `hex`. */
function payloadOf(hex: string): { type: number; payload: Uint8Array } {
  const found: { type: number; payload: Uint8Array }[] = [];
  new FrameDecoder().push(Buffer.from(hex, 'hex'), {
    frame: (type, bytes, from, to) => found.push({ type, payload: bytes.slice(from, to) }),
    discarded: () => expect.fail('a vector holds nothing but its frame'),
  });
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe('test vectors for firmware authors', () => {
  it('descriptors, both ways', () => {
    for (const { descriptor, hex } of descriptors) {
      expect(hexOf(encodeDescriptor(descriptor))).toBe(hex);
      const { type, payload } = payloadOf(hex);
      expect(type).toBe(FRAME.descriptor);
      expect(decodeDescriptor(payload)).toEqual(descriptor);
    }
  });

  it('data, both ways', () => {
    for (const { device, counter, time_us, samples, hex } of vectors.data) {
      const { descriptor, hex: description } = descriptors.find((d) => d.descriptor.deviceId === device)!;
      const length = samples[0]!.length;
      const columns = Float32Array.from(samples.flat());
      expect(hexOf(encodeData(descriptor, counter, time_us, columns, length))).toBe(hex);

      const driver = biosignal.createDriver({ baud: biosignal.defaultBaud });
      const events = driver.push(Buffer.from(description + hex, 'hex'), 0);
      const block = events.flatMap((event) => (event.type === 'samples' ? [event.block] : []))[0]!;
      expect(block.deviceTimeUs).toBe(time_us);
      for (let i = 0; i < length; i++) expect(sampleAt(block, i)).toEqual(samples.map((row) => row[i]));
    }
  });

  it('markers, both ways', () => {
    for (const { label, counter, hex } of vectors.markers) {
      expect(hexOf(encodeMarker(counter, label))).toBe(hex);
      expect(decodeMarker(payloadOf(hex).payload)).toEqual({ label, counter });
    }
  });

  it('requests, both ways', () => {
    for (const { request, hex } of vectors.requests) {
      expect(hexOf(encodeRequest(request as Request))).toBe(hex);
      expect(decodeRequest(payloadOf(hex).payload)).toBe(request);
    }
  });
});

describe('PROTOCOL.md', () => {
  it('has the vectors of vectors.json', () => {
    const text = readFileSync(new URL('../../../devices/biosignal/PROTOCOL.md', import.meta.url), 'utf8');
    const quoted = [...text.matchAll(/^ {4}(a55a .*)$/gm)].map((line) => line[1]!.replaceAll(' ', ''));
    expect(quoted).toHaveLength(8);
    const all = [vectors.descriptors, vectors.data, vectors.markers, vectors.requests].flat().map(({ hex }) => hex);
    expect(all).toEqual(expect.arrayContaining(quoted));
  });
});

describe('crc16', () => {
  it('has the published check value of CRC-16/CCITT-FALSE', () => {
    expect(crc16(new TextEncoder().encode('123456789'))).toBe(0x29b1);
  });

  it('equals the bitwise definition at every length', () => {
    const bytes = Uint8Array.from({ length: 41 }, (_, i) => (i * 89 + 7) & 0xff);
    for (let length = 0; length <= bytes.length; length++) {
      let expected = 0xffff;
      for (const byte of bytes.subarray(0, length)) {
        expected ^= byte << 8;
        for (let bit = 0; bit < 8; bit++) expected = ((expected << 1) ^ (expected & 0x8000 ? 0x1021 : 0)) & 0xffff;
      }
      expect(crc16(bytes, 0, length)).toBe(expected);
    }
  });
});

describe('encoder limits', () => {
  it('clips to the format, as an amplifier does', () => {
    const { descriptor } = descriptors.find((d) => d.descriptor.sampleFormat === 'int16')!;
    const { payload } = payloadOf(hexOf(encodeData(descriptor, 0, 0, Float32Array.of(1e6, -1e6), 2)));
    expect(hexOf(payload.subarray(8))).toBe('ff7f0080');
  });

  it('refuses a frame that does not fit', () => {
    const { descriptor } = descriptors[0]!;
    expect(() => encodeData(descriptor, 0, 0, new Float32Array(2 * 2000), 2000)).toThrow(/10 to 4096 bytes, not 12008/);
    expect(() => encodeDescriptor({ ...descriptor, channels: [] })).toThrow(/1 to 255 channels/);
    for (const sampleRateHz of [0, 1e-4, Number.NaN, 5e6]) {
      expect(() => encodeDescriptor({ ...descriptor, sampleRateHz })).toThrow(/0\.001 to 4,294,967 Hz, not at/);
    }
  });
});
