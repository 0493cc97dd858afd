import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDescriptor } from '../../../devices/biosignal/decode.ts';
import { encodeDescriptor } from '../../../devices/biosignal/encode.ts';
import {
  CRC_BYTES,
  type Descriptor,
  GEOMETRY_BYTES,
  HEADER_BYTES,
  MODALITIES,
  SAMPLE_FORMATS,
} from '../../../devices/biosignal/frame.ts';
import { biosignal } from '../../../devices/biosignal/index.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const size = fc.float({ min: Math.fround(0.01), max: 1e6, noNaN: true });
const geometry = fc.record({ screenPx: fc.tuple(size, size), screenMm: fc.tuple(size, size), distanceMm: size });
const descriptors: fc.Arbitrary<Descriptor> = fc.record(
  {
    deviceId: text,
    modality: fc.constantFrom(...MODALITIES),
    simulated: fc.boolean(),
    sampleRateHz: fc.integer({ min: 1, max: 4e9 }).map((milliHz) => milliHz / 1000),
    sampleFormat: fc.constantFrom(...SAMPLE_FORMATS),
    rail: size,
    channels: fc.array(fc.record({ label: text, unit: text, scale: size }), { minLength: 1, maxLength: 12 }),
    geometry,
  },
  { requiredKeys: ['deviceId', 'modality', 'simulated', 'sampleRateHz', 'sampleFormat', 'channels'] },
);

const payloadOf = (descriptor: Descriptor): Uint8Array =>
  encodeDescriptor(descriptor).subarray(HEADER_BYTES, -CRC_BYTES);

/** The descriptor without its screen. */
function withoutScreen({ geometry: _, ...rest }: Descriptor): Descriptor {
  return rest;
}

describe('a descriptor', () => {
  it('is decoded as it was encoded, with and without a screen', () => {
    fc.assert(
      fc.property(descriptors, (descriptor) => {
        expect(decodeDescriptor(payloadOf(descriptor))).toEqual(descriptor);
      }),
    );
  });

  it('with a screen equals the one without it plus a flag and 20 bytes', () => {
    fc.assert(
      fc.property(descriptors, geometry, (descriptor, geometry) => {
        const plain = payloadOf(withoutScreen(descriptor));
        const whole = payloadOf({ ...descriptor, geometry });
        expect(whole.length).toBe(plain.length + GEOMETRY_BYTES);
        expect(whole[1]).toBe(plain[1]! | 2);
        whole[1] = plain[1]!;
        expect(whole.subarray(0, plain.length)).toEqual(plain);
      }),
    );
  });

  it('is refused with an incomplete screen, an extra byte, or a flag without a screen', () => {
    fc.assert(
      fc.property(descriptors, geometry, fc.integer({ min: 1, max: GEOMETRY_BYTES }), (descriptor, geometry, cut) => {
        const whole = payloadOf({ ...descriptor, geometry });
        expect(decodeDescriptor(whole.subarray(0, -cut))).toBeUndefined();
        expect(decodeDescriptor(Uint8Array.of(...whole, 0))).toBeUndefined();
        const unflagged = whole.slice();
        unflagged[1]! &= 1;
        expect(decodeDescriptor(unflagged)).toBeUndefined();
      }),
    );
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('is refused with a screen size of %s', (value) => {
    const descriptor: Descriptor = {
      deviceId: 'gaze',
      modality: 'eye',
      simulated: false,
      sampleRateHz: 120,
      sampleFormat: 'float32',
      channels: [{ label: 'x_px', unit: 'px', scale: 1 }],
      geometry: { screenPx: [1920, 1080], screenMm: [527, 296], distanceMm: 650 },
    };
    const payload = payloadOf(descriptor);
    for (let i = 0; i < 5; i++) {
      const wrong = payload.slice();
      new DataView(wrong.buffer).setFloat32(wrong.length - GEOMETRY_BYTES + 4 * i, value, true);
      expect(decodeDescriptor(wrong)).toBeUndefined();
    }
    const geometry = { screenPx: [1920, 1080], screenMm: [527, 296], distanceMm: value } as const;
    expect(() => encodeDescriptor({ ...descriptor, geometry })).toThrow(/viewing distance in mm is/);
  });

  it("gives the host the tracker's screen", () => {
    const geometry = { screenPx: [1280, 1024], screenMm: [338, 270], distanceMm: 600 } as const;
    const frame = (extra: Partial<Descriptor>) =>
      encodeDescriptor({
        deviceId: 'gaze',
        modality: 'eye',
        simulated: false,
        sampleRateHz: 60,
        sampleFormat: 'float32',
        channels: [{ label: 'x_px', unit: 'px', scale: 1 }],
        ...extra,
      });
    const driver = biosignal.createDriver({ baud: biosignal.defaultBaud });
    driver.opened(0);
    const infos = [frame({}), frame({ geometry })].flatMap((bytes, i) =>
      driver.push(bytes, i).flatMap((event) => (event.type === 'info' ? [event.info] : [])),
    );
    expect(infos.map((info) => info.geometry)).toEqual([undefined, geometry]);
    expect(infos[0]).not.toHaveProperty('geometry');
  });
});
