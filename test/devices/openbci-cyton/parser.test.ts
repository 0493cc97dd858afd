import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePacket, PACKET_BYTES } from '../../../devices/openbci-cyton/packet.ts';
import { PacketParser } from '../../../devices/openbci-cyton/parser.ts';
import { parseBanner, ReplyReader } from '../../../devices/openbci-cyton/replies.ts';
import { UV_PER_COUNT } from '../../../src/formats/eeg/openbci/board.ts';
import { concat, packetOf, plainCounts } from '../../support/cyton.ts';
import { describeWithData, testData } from '../../support/data.ts';

interface Parsed {
  readonly counters: number[];
  readonly counts: number[][];
  readonly discarded: number;
}

/** Feeds the bytes in pieces that end at `cuts`. */
function parse(bytes: Uint8Array, cuts: readonly number[] = []): Parsed {
  const counters: number[] = [];
  const counts: number[][] = [];
  let discarded = 0;
  const parser = new PacketParser({
    packet(packet) {
      counters.push(packet.counter);
      counts.push([...packet.counts]);
    },
    discarded(noise) {
      discarded += noise.length;
    },
  });
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    parser.push(bytes.subarray(from, cut), 0);
    from = cut;
  }
  parser.end();
  return { counters, counts, discarded };
}

const stream = (packets: number): Uint8Array[] => Array.from({ length: packets }, (_, n) => packetOf(n));
const bytesArb = fc.uint8Array({ maxLength: 600 });
/** Bytes that look like neither header nor footer. */
const plainByte = fc.integer({ min: 0, max: 0x9f });

describe('PacketParser', () => {
  it('uses or discards every byte of any input, for any cut', () => {
    fc.assert(
      fc.property(bytesArb, fc.array(fc.nat(600)), (noise, at) => {
        const cuts = at.map((cut) => Math.min(cut, noise.length)).sort((a, b) => a - b);
        const whole = parse(noise);
        expect(parse(noise, cuts)).toEqual(whole);
        expect(whole.counters.length * PACKET_BYTES + whole.discarded).toBe(noise.length);
      }),
    );
  });

  it('does so, and finds the same packets for any cut, on a damaged stream of arbitrary samples', () => {
    const sample = fc.array(fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }), { minLength: 8, maxLength: 8 });
    const edit = fc.tuple(
      fc.nat(),
      fc.constantFrom('flip', 'insert', 'delete'),
      fc.uint8Array({ minLength: 1, maxLength: 9 }),
    );
    fc.assert(
      fc.property(
        fc.array(sample, { minLength: 1, maxLength: 12 }),
        fc.array(edit, { maxLength: 5 }),
        fc.array(fc.nat(400)),
        (samples, edits, at) => {
          const bytes = [...concat(samples.map((counts, n) => packetOf(n, counts)))];
          for (const [where, kind, with_] of edits) {
            const i = where % bytes.length;
            if (kind === 'flip') bytes[i]! ^= with_[0]! || 1;
            else if (kind === 'insert') bytes.splice(i, 0, ...with_);
            else bytes.splice(i, with_.length);
            if (bytes.length === 0) return;
          }
          const damaged = Uint8Array.from(bytes);
          const cuts = at.map((cut) => Math.min(cut, damaged.length)).sort((a, b) => a - b);
          const whole = parse(damaged);
          expect(parse(damaged, cuts)).toEqual(whole);
          expect(whole.counters.length * PACKET_BYTES + whole.discarded).toBe(damaged.length);
        },
      ),
    );
  });

  it('recovers exactly the intact packets around damage', () => {
    const damage = fc.record({
      // A single packet between damage is not distinguishable from noise before any other: the first two are intact.
      packet: fc.integer({ min: 2, max: 39 }),
      at: fc.integer({ min: 2, max: 31 }),
      kind: fc.constantFrom('insert', 'delete', 'header', 'footer', 'drop', 'between'),
      bytes: fc.array(plainByte, { minLength: 1, maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(damage, { selector: (d) => d.packet, maxLength: 12 }), (damages) => {
        const parts = stream(40).map((packet) => [...packet]);
        const intact = new Set(parts.keys());
        for (const { packet, at, kind, bytes } of damages) {
          const part = parts[packet]!;
          if (kind === 'insert') part.splice(at, 0, ...bytes);
          if (kind === 'delete') part.splice(at, Math.min(bytes.length, 32 - at) || 1);
          if (kind === 'header') part[0] = bytes[0]!;
          if (kind === 'footer') part[32] = bytes[0]!;
          if (kind === 'drop') part.length = 0;
          if (kind === 'between') part.push(...bytes);
          else intact.delete(packet);
        }
        const { counters, counts } = parse(concat(parts.map((part) => Uint8Array.from(part))));
        expect(counters).toEqual([...intact]);
        expect(counts).toEqual([...intact].map((n) => plainCounts(n)));
      }),
      { numRuns: 1000 },
    );
  });

  it('is not misled by samples that look like headers and footers', () => {
    // every channel reads 0xA0C0A0: a header in every second byte, a footer in the others
    const counts = new Array<number>(8).fill(0xa0c0a0 - 2 ** 24);
    const packets = Array.from({ length: 30 }, (_, n) => encodePacket(n, counts));
    const damaged = concat([
      packets[0]!.subarray(7),
      ...packets.slice(1, 9),
      packets[9]!.subarray(0, 19),
      ...packets.slice(10),
    ]);
    expect(parse(damaged).counters).toEqual(packets.flatMap((_, n) => (n === 0 || n === 9 ? [] : [n])));
  });

  it('accepts a packet with all clues at once, and others when the stream is quiet', () => {
    const seen: number[] = [];
    const parser = new PacketParser({ packet: ({ counter }) => seen.push(counter), discarded: () => {} });
    parser.push(concat(stream(8)), 0);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6]);
    parser.settle();
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('corrects a flipped counter from its neighbours', () => {
    const packets = stream(10);
    packets[5]![1]! ^= 0x40;
    expect(parse(concat(packets)).counters).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('does not accept a flipped counter between two damaged packets', () => {
    const packets = stream(12);
    packets[5]![1]! ^= 0x40;
    packets[4] = packets[4]!.subarray(0, 30);
    packets[6] = packets[6]!.subarray(3);
    expect(parse(concat(packets)).counters).toEqual([0, 1, 2, 3, 7, 8, 9, 10, 11]);
  });

  it('accepts a jump that its successors confirm', () => {
    const packets = stream(200);
    packets.splice(5, 100);
    expect(parse(concat(packets)).counters.slice(0, 8)).toEqual([0, 1, 2, 3, 4, 105, 106, 107]);
  });

  it('gives a packet the arrival time of its last byte', () => {
    const arrivals: number[] = [];
    const parser = new PacketParser({ packet: ({ arrivalUs }) => arrivals.push(arrivalUs), discarded: () => {} });
    const bytes = concat(stream(4));
    parser.push(bytes.subarray(0, 70), 100);
    parser.push(bytes.subarray(70), 200);
    parser.end();
    expect(arrivals).toEqual([100, 100, 200, 200]);
  });
});

interface Vectors {
  readonly scale: { readonly uV_per_count_gain24: number };
  readonly packets: readonly { hex: string; sampleNumber: number; counts: number[]; microvolts: number[] }[];
  readonly other_packet_types: readonly { name: string; hex: string }[];
  readonly bad_packets: readonly { name: string; hex: string }[];
  readonly firmware_banners: readonly { text: string; firmware: string | null; daisy: boolean }[];
}

describeWithData('protocol-openbci', 'published packets', () => {
  const vectors = (): Vectors => JSON.parse(readFileSync(testData('protocol-openbci', 'vectors.json'), 'utf8'));
  const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

  it('have the published counts and microvolts', () => {
    const { packets, scale } = vectors();
    expect(UV_PER_COUNT).toBe(scale.uV_per_count_gain24);
    for (const { hex, sampleNumber, counts, microvolts } of packets) {
      const parsed = parse(fromHex(hex));
      expect(parsed).toEqual({ counters: [sampleNumber], counts: [counts], discarded: 0 });
      microvolts.forEach((uv, c) => {
        expect(Math.abs(parsed.counts[0]![c]! * UV_PER_COUNT - uv)).toBeLessThan(1e-6);
      });
      expect(encodePacket(sampleNumber, counts).subarray(0, 26)).toEqual(fromHex(hex).subarray(0, 26));
    }
  });

  it('are accepted with every kind of auxiliary bytes', () => {
    for (const { name, hex } of vectors().other_packet_types) {
      const bytes = fromHex(hex);
      expect(parse(bytes).counters, name).toEqual(bytes.length === PACKET_BYTES ? [bytes[1]] : []);
    }
  });

  it('are refused where they are invalid, and the packets after them are accepted', () => {
    const { bad_packets, packets } = vectors();
    for (const { name, hex } of bad_packets) {
      const bad = fromHex(hex);
      expect(parse(bad), name).toEqual({ counters: [], counts: [], discarded: bad.length });
      expect(parse(concat([bad, fromHex(packets[0]!.hex)])).counters, name).toEqual([packets[0]!.sampleNumber]);
    }
  });

  it('follow banners that report firmware and Daisy', () => {
    for (const { text, firmware, daisy } of vectors().firmware_banners) {
      const [reply] = new ReplyReader().push(new TextEncoder().encode(text));
      const banner = parseBanner(reply!);
      expect(banner).toEqual({ firmware: firmware ?? undefined, daisy, simulated: true });
    }
  });
});
