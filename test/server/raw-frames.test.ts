import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RAW_HEADER, RAW_MODALITIES } from '../../src/api/raw-header.ts';
import { decodeRawFrame, type RawFrame } from '../../src/client/raw.ts';
import { addressFrame, RawFramer } from '../../src/server/raw-frames.ts';
import { FAKE_STREAM, rawEvent } from '../support/fake-service.ts';

function decode(frame: Uint8Array): RawFrame {
  return decodeRawFrame(addressFrame(frame, 7, 42, 5).buffer as ArrayBuffer)!;
}

describe('raw frames', () => {
  it('keep every sample and every loss at its index, in frames of 20 to 50 ms', () => {
    const blocks = fc.array(
      fc.record({
        length: fc.integer({ min: 1, max: 300 }),
        lost: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9 })),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(blocks, fc.constantFrom(10, 125, 250, 1000), (lengths, sampleRateHz) => {
        const info = { ...FAKE_STREAM, sampleRateHz };
        const framer = new RawFramer();
        const frames: RawFrame[] = [];
        const sent: number[] = [];
        let at = 0;
        for (const { length, lost } of lengths) {
          at += lost;
          for (let i = 0; i < length; i++) sent.push(at + i);
          frames.push(...framer.push(rawEvent(at, length, lost, info)).map(decode));
          at += length;
        }
        const received: number[] = [];
        let next = 0;
        for (const { info: header, data } of frames) {
          expect(header.firstSample).toBe(next + header.lostBefore);
          next = header.firstSample + header.samples;
          expect(header.startUs).toBeCloseTo(1e15 + (header.firstSample * 1e6) / sampleRateHz, -1);
          expect(header.samples).toBeLessThanOrEqual(Math.max(1, 0.05 * sampleRateHz));
          for (let i = 0; i < header.samples; i++) {
            received.push(data[i]!);
            expect(data[header.samples + i]).toBe(Math.fround(1000 + data[i]!));
          }
        }
        expect(received).toEqual(sent.slice(0, received.length));
        expect(sent.length - received.length).toBeLessThan(Math.max(1, 0.02 * sampleRateHz));
      }),
    );
  });

  it('carry the header as documented', () => {
    const [frame] = new RawFramer().push(rawEvent(100, 40, 3));
    expect(decode(frame!)).toMatchObject({
      stream: 'raw',
      sub: 7,
      seq: 42,
      dropped: 5,
      info: {
        firstSample: 100,
        startUs: 1e15 + 100_000,
        emitUs: 1e15 + 140_000,
        clockErrUs: 50,
        sampleRateHz: 1000,
        lostBefore: 3,
        channels: 2,
        samples: 40,
        simulated: true,
      },
    });
  });

  it('are not decoded if they are damaged', () => {
    const [frame] = new RawFramer().push(rawEvent(0, 40));
    const bytes = addressFrame(frame!, 1, 1, 0).buffer as ArrayBuffer;
    expect(decodeRawFrame(bytes.slice(0, 59))).toBeNull();
    expect(decodeRawFrame(bytes.slice(0, -1))).toBeNull();
    const wrong = bytes.slice(0);
    new Uint8Array(wrong)[3] = 0x32;
    expect(decodeRawFrame(wrong)).toBeNull();
  });

  it('of an unknown modality are not decoded', () => {
    const [frame] = new RawFramer().push(rawEvent(0, 40));
    const bytes = addressFrame(frame!, 1, 1, 0);
    for (const [code, modality] of [...RAW_MODALITIES, undefined].entries()) {
      new DataView(bytes.buffer).setUint8(RAW_HEADER.flags + 1, code);
      expect(decodeRawFrame(bytes.buffer as ArrayBuffer)?.info.modality).toBe(modality);
    }
  });
});
