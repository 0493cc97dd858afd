import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GazepointDriver } from '../../../devices/gazepoint/driver.ts';
import { MessageReader } from '../../../devices/gazepoint/message-reader.ts';
import { OpenGazeTracker } from '../../../devices/gazepoint/tracker.ts';
import { isAffectEdgeError } from '../../../src/errors.ts';
import type { DeviceEvent } from '../../../src/samples.ts';
import { blocksOf, bytesOf, frameIn, frameOf, TRACKER, textOf } from '../../support/gazepoint.ts';

/** What a tracker sends for one frame, and the expected outcome. */
interface Part {
  readonly text: string;
  readonly arrivalUs: number;
  readonly discarded: number;
  readonly isKept: boolean;
}

const TROUBLES = ['lost', 'twice', 'late', 'cut', 'noise', 'other', 'update', 'nothing'] as const;
type Trouble = 'none' | (typeof TROUBLES)[number];
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 2, arbitrary: fc.constant('none' as const) },
  fc.constantFrom(...TROUBLES),
);

const NOISE = '\xff<\x00 "\r\n\n';
const OTHER = '<CAL ID=" CALIB_RESULT_PT" PT="2" CALX="0.85" CALY="0.15" />\r\n';
const NOTHING = '<REC CNT="0" TIME="0" USER="NO_DATA" />\r\n<REC TIME_TICK="12" />\r\n';

function partOf(trouble: Trouble, line: (n: number) => string, n: number): Omit<Part, 'arrivalUs'> {
  const whole = line(n);
  const kept = (text: string, discarded = 0) => ({ text, discarded, isKept: true });
  const gone = (text: string) => ({ text, discarded: text.length, isKept: false });
  switch (trouble) {
    case 'none':
      return kept(whole);
    case 'lost':
      return gone('');
    case 'twice':
      return kept(whole + whole, whole.length);
    case 'late':
      return kept(whole + line(n - 3), line(n - 3).length);
    case 'cut':
      return gone(whole.slice(0, 40 + (n % 60)));
    case 'noise':
      return kept(whole + NOISE, NOISE.length);
    case 'other':
      return kept(OTHER + whole);
    case 'update':
      return kept(`<UPDATE ACTIVE_ID="1" MAX_ID="2" X="0" Y="0" WIDTH="${1000 + (n % 3)}" HEIGHT="800" >\r\n${whole}`);
    case 'nothing':
      return gone(NOTHING);
  }
}

/** A connection's bytes from the first answer on, two frames a read; faults begin at frame `from`. */
function connectionOf(troubles: readonly Trouble[], from: number): Part[] {
  const tracker = new OpenGazeTracker(TRACKER);
  const answers = tracker.receive(bytesOf(textOf(new GazepointDriver().opened(0))));
  const line = (n: number): string => tracker.record(frameOf(n, 100 + n / 60));
  const frames = Array.from({ length: 90 + troubles.length }, (_, n) => ({
    ...partOf(troubles[n - from] ?? 'none', line, n),
    arrivalUs: 2e6 + Math.floor(n / 2) * 33_333,
  }));
  return [{ text: answers, arrivalUs: 1e6, discarded: 0, isKept: false }, ...frames];
}

/** Feeds the reads, cut at `cuts`, and returns all events. */
function run(parts: readonly Pick<Part, 'text' | 'arrivalUs'>[], cuts: readonly number[] = []) {
  const driver = new GazepointDriver();
  const events: DeviceEvent[] = [];
  driver.opened(0);
  for (const { text, arrivalUs } of parts) {
    const bytes = bytesOf(text);
    const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
    let from = 0;
    for (const end of ends) {
      events.push(...driver.push(bytes.subarray(from, end), arrivalUs));
      from = end;
    }
  }
  events.push(...driver.interrupted());
  return { events, counts: driver.counts };
}

/** Parts that arrive together, as one read. */
function readsOf(parts: readonly Part[]): Pick<Part, 'text' | 'arrivalUs'>[] {
  const reads = new Map<number, string>();
  for (const { text, arrivalUs } of parts) reads.set(arrivalUs, (reads.get(arrivalUs) ?? '') + text);
  return [...reads].map(([arrivalUs, text]) => ({ arrivalUs, text }));
}

const troubles = fc.array(trouble, { maxLength: 60 });
const from = fc.nat(100);

describe('laws of a Gazepoint driver', () => {
  it('any cut of the bytes gives the same events and counts', () => {
    fc.assert(
      fc.property(troubles, from, fc.array(fc.nat(2000), { maxLength: 8 }), (troubles, from, cuts) => {
        const parts = connectionOf(troubles, from);
        const whole = run(parts);
        expect(run(readsOf(parts), cuts)).toEqual(whole);
      }),
      { numRuns: 80 },
    );
  });

  it('every byte is used or discarded, and every sample received or lost, at its place', () => {
    fc.assert(
      fc.property(troubles, from, (troubles, from) => {
        const parts = connectionOf(troubles, from);
        const { events, counts } = run(readsOf(parts));
        const kept = parts.slice(1).flatMap(({ isKept }, n) => (isKept ? [n] : []));
        expect(counts).toEqual({
          bytesReceived: parts.reduce((sum, { text }) => sum + text.length, 0),
          bytesDiscarded: parts.reduce((sum, { discarded }) => sum + discarded, 0),
          samplesReceived: kept.length,
          samplesLost: kept.at(-1)! - kept[0]! + 1 - kept.length,
        });
        const blocks = blocksOf(events);
        expect(blocks.map(({ firstSample }) => firstSample)).toEqual(kept.map((n) => n - kept[0]!));
        expect(blocks.map((block) => frameIn(block))).toEqual(kept);
      }),
      { numRuns: 80 },
    );
  });

  it('bytes of noise are counted, and throw only AffectEdgeErrors', () => {
    const flip = fc.record({ at: fc.nat(), to: fc.nat(255) });
    fc.assert(
      fc.property(troubles, from, fc.array(flip, { minLength: 1, maxLength: 30 }), (troubles, from, flips) => {
        const bytes = bytesOf(
          connectionOf(troubles, from)
            .map(({ text }) => text)
            .join(''),
        );
        for (const { at, to } of flips) bytes[at % bytes.length] = to;
        const driver = new GazepointDriver();
        driver.opened(0);
        try {
          driver.push(bytes, 1e6);
        } catch (error) {
          if (!isAffectEdgeError(error)) throw error;
        }
        const blocks = blocksOf(driver.interrupted());
        const { bytesReceived, bytesDiscarded, samplesReceived, samplesLost } = driver.counts;
        expect(bytesReceived).toBe(bytes.length);
        expect(bytesDiscarded).toBeLessThanOrEqual(bytes.length);
        const last = blocks.at(-1);
        if (last) expect(samplesReceived + samplesLost).toBe(last.firstSample + last.length);
      }),
      { numRuns: 80 },
    );
  });

  it('the message reader returns every byte, and the same messages for every cut', () => {
    const piece = fc.oneof(
      fc.constantFrom('<REC CNT="1" />\r\n', '<ACK ID="A" STATE ="1" />\n', '<', '">', ' />', '\r\n', 'x'.repeat(8190)),
      fc.string({ unit: 'binary-ascii', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(), { maxLength: 8 }), (pieces, cuts) => {
        const bytes = bytesOf(pieces.join(''));
        const read = (ends: readonly number[]) => {
          const reader = new MessageReader();
          const messages: string[] = [];
          let [used, discarded, from] = [0, 0, 0];
          const sink = {
            message: ({ tag }: { tag: string }, count: number) => {
              messages.push(tag);
              used += count;
            },
            discarded: (text: string) => {
              discarded += text.length;
            },
          };
          for (const end of ends) {
            reader.push(bytes.subarray(from, end), sink);
            from = end;
          }
          reader.end(sink);
          return { messages, used, discarded };
        };
        const whole = read([bytes.length]);
        expect(whole.used + whole.discarded).toBe(bytes.length);
        expect(read([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b))).toEqual(
          whole,
        );
      }),
      { numRuns: 200 },
    );
  });
});
