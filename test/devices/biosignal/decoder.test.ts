import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameDecoder } from '../../../devices/biosignal/decoder.ts';
import { encodeData, encodeDescriptor, encodeMarker, encodeRequest } from '../../../devices/biosignal/encode.ts';
import type { Descriptor } from '../../../devices/biosignal/frame.ts';

const descriptor: Descriptor = {
  deviceId: 'd',
  modality: 'eeg',
  simulated: true,
  sampleRateHz: 250,
  sampleFormat: 'int24',
  channels: [{ label: 'FP1', unit: 'uV', scale: 1 }],
};

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const frames = fc.oneof(
  fc
    .tuple(fc.nat(), fc.nat(), fc.array(fc.integer({ min: -8e6, max: 8e6 }), { minLength: 1, maxLength: 20 }))
    .map(([counter, time, samples]) =>
      encodeData(descriptor, counter, time, Float32Array.from(samples), samples.length),
    ),
  fc
    .tuple(fc.nat(), fc.string({ minLength: 1, maxLength: 20 }))
    .map(([counter, label]) => encodeMarker(counter, label)),
  fc.constant(encodeDescriptor(descriptor)),
  fc.constant(encodeRequest('describe')),
);

/** Bytes that often look like the start of a frame. */
const noise = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0xa5, 0x5a, 0x02, 0x01, 0x00, 0x0f)), {
    maxLength: 60,
  })
  .map((bytes) => Uint8Array.from(bytes));

function decode(bytes: Uint8Array, cuts: readonly number[] = []): { frames: string[]; discarded: string } {
  const decoder = new FrameDecoder();
  const found: string[] = [];
  let discarded = '';
  const sink = {
    frame: (_type: number, buffer: Uint8Array, from: number, to: number) => {
      found.push(hexOf(buffer.subarray(from - 5, to + 2)));
    },
    discarded: (buffer: Uint8Array, from: number, to: number) => {
      discarded += hexOf(buffer.subarray(from, to));
    },
  };
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let at = 0;
  for (const end of [...ends, bytes.length]) {
    decoder.push(bytes.subarray(at, end), sink);
    at = end;
  }
  decoder.end(sink);
  expect(decoder.pendingBytes).toBe(0);
  return { frames: found, discarded };
}

const cuts = fc.array(fc.nat(), { maxLength: 30 });

describe('FrameDecoder', () => {
  it('finds every frame between any noise, returns the noise unchanged, and does not depend on the cut', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, frames), { maxLength: 12 }), cuts, (parts, at) => {
        const whole = decode(Buffer.concat(parts.flat()), at);
        expect(whole.frames).toEqual(parts.map(([, frame]) => hexOf(frame)));
        expect(whole.discarded).toBe(parts.map(([gap]) => hexOf(gap)).join(''));
      }),
      { numRuns: 400 },
    );
  });

  it('finds every undamaged frame between flipped, deleted and inserted bytes', () => {
    const damage = fc.record({
      kind: fc.constantFrom('flip', 'delete', 'insert', 'truncate'),
      at: fc.nat(),
      value: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(frames, fc.option(damage, { freq: 3 })), { minLength: 1, maxLength: 15 }),
        cuts,
        (parts, at) => {
          const wire = parts.map(([frame, hurt]) => (hurt ? spoil(frame, hurt) : frame));
          const { frames: found, discarded } = decode(Buffer.concat(wire), at);
          const intact = parts.flatMap(([frame, hurt]) => (hurt ? [] : [hexOf(frame)]));
          expect(isSubsequence(intact, found)).toBe(true);
          expect(found.join('').length + discarded.length).toBe(2 * wire.reduce((sum, part) => sum + part.length, 0));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('accepts any bytes and returns all of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), cuts, (bytes, at) => {
        const { frames: found, discarded } = decode(bytes, at);
        expect(found.join('').length + discarded.length).toBe(2 * bytes.length);
      }),
    );
  });

  it('discards one byte, not the claimed length: a false header only delays the intact frames after it', () => {
    const good = encodeMarker(1, 'x');
    const claims4096 = Uint8Array.of(0xa5, 0x5a, 0x02, 0x00, 0x10);
    const wire = Buffer.concat([claims4096, ...Array.from({ length: 500 }, () => good)]);
    let seen = 0;
    new FrameDecoder().push(wire, { frame: () => seen++, discarded: (_, from, to) => expect(to - from).toBe(5) });
    expect(seen).toBe(500);
  });

  it('finds intact frames within the claimed length of a false header when the link ends', () => {
    const good = encodeMarker(1, 'x');
    expect(decode(Buffer.concat([Uint8Array.of(0xa5, 0x5a, 0x02, 0x00, 0x10), good])).frames).toEqual([hexOf(good)]);
  });
});

function spoil(frame: Uint8Array, { kind, at, value }: { kind: string; at: number; value: number }): Uint8Array {
  const i = at % frame.length;
  if (kind === 'delete') return Buffer.concat([frame.subarray(0, i), frame.subarray(i + 1)]);
  if (kind === 'truncate') return frame.subarray(0, i);
  // The inserted byte differs from its neighbour; otherwise the frame would be intact, with an extra byte after it.
  if (kind === 'insert')
    return Buffer.concat([frame.subarray(0, i), Uint8Array.of(value ^ frame[i]!), frame.subarray(i)]);
  const spoiled = frame.slice();
  spoiled[i] = spoiled[i]! ^ value;
  return spoiled;
}

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let next = 0;
  for (const item of whole) if (item === part[next]) next++;
  return next === part.length;
}
