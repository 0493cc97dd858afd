import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAffectEdgeError } from '../../../src/errors.ts';
import type { EegOptions } from '../../../src/formats/eeg/parsed.ts';
import { readXdf } from '../../../src/formats/eeg/xdf.ts';
import { readXdfChunks } from '../../../src/formats/xdf/chunks.ts';
import { declaredRows, readXdfRows, xdfStream } from '../../../src/formats/xdf/stream.ts';
import { child, parseXml } from '../../../src/formats/xdf/xml.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { expectOnlyRefusals } from '../../support/noise.ts';
import { xdf, xdfChunk } from '../../support/recording-writers.ts';

const read = (bytes: Buffer, options: EegOptions = {}) => readXdf({ path: 'a.xdf', bytes }, options);
const eeg = { id: 1, name: 'amp', format: 'float32', channels: 2, rateHz: 100 };
const texts = { id: 2, name: 'events', type: 'Markers', format: 'string', channels: 1 };
const rowsOf = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => [from + i, -(from + i)]);
const stampsOf = (from: number, to: number, startS = 50) =>
  Array.from({ length: to - from }, (_, i) => startS + (from + i) / 100);

describe('XDF', () => {
  it('reads every value of every numeric format', () => {
    const limits: Record<string, fc.Arbitrary<number | bigint>> = {
      int8: fc.integer({ min: -128, max: 127 }),
      int16: fc.integer({ min: -32768, max: 32767 }),
      int32: fc.integer(),
      int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      float32: fc.float({ noNaN: true }),
      double64: fc.double({ noNaN: true, min: -1e30, max: 1e30 }),
    };
    for (const [format, value] of Object.entries(limits)) {
      const row = fc.array(value, { minLength: 2, maxLength: 2 });
      fc.assert(
        fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
          const stream = { ...eeg, format };
          const { data } = read(
            xdf.file(
              xdf.header(stream),
              xdf.samples(stream, rows, stampsOf(0, rows.length)),
              xdf.footer(1, rows.length),
            ),
          );
          for (const c of [0, 1]) expect([...data[c]!]).toEqual(rows.map((r) => Math.fround(Number(r[c]))));
        }),
        { numRuns: 30 },
      );
    }
  });

  it('reads labels and units of the channels and keeps those of type EEG', () => {
    const channel = (label: string, unit: string, type: string) =>
      `<channel><label>${label}</label><unit>${unit}</unit><type>${type}</type></channel>`;
    const stream = {
      ...eeg,
      desc: `<simulated>true</simulated><channels>${channel('Cz', 'volts', 'EEG')}${channel('gyro', 'deg', 'IMU')}</channels>`,
    };
    const recording = read(xdf.file(xdf.header(stream), xdf.samples(stream, [[2, 9]], [1]), xdf.footer(1, 1)));
    expect(recording.channels).toEqual([{ label: 'Cz', unit: 'uV' }]);
    expect([...recording.data[0]!]).toEqual([2e6]);
    expect(recording.simulated).toBe(true);
    expect(recording.notices.join()).toMatch(/left out.*gyro/);
  });

  it('fills in omitted stamps and declares the samples lost between the others', () => {
    const recording = read(
      xdf.file(
        xdf.header(eeg),
        xdf.samples(eeg, rowsOf(0, 300), [50, ...Array.from({ length: 299 }, () => undefined)]),
        xdf.samples(eeg, rowsOf(301, 400), stampsOf(301, 400)),
        xdf.samples(eeg, rowsOf(500, 900), stampsOf(500, 900)),
        xdf.footer(1, 799),
      ),
    );
    expect(recording.gaps).toEqual([
      { row: 300, lost: 1 },
      { row: 399, lost: 100 },
    ]);
  });

  it('treats late delivery as jitter, not as loss', () => {
    // Every 500 rows the sender stalls for 0.3 s and then stamps the waiting rows in a burst.
    const stamps = stampsOf(0, 3000).map((t, i) => (i % 500 < 30 && i > 500 ? t + 0.3 - (i % 500) / 100 : t));
    const recording = read(xdf.file(xdf.header(eeg), xdf.samples(eeg, rowsOf(0, 3000), stamps), xdf.footer(1, 3000)));
    expect(recording.gaps).toEqual([]);
  });

  it('places markers by the clock offsets of both streams', () => {
    const recording = read(
      xdf.file(
        xdf.header(eeg),
        xdf.header(texts),
        xdf.offset(1, 50, 1000),
        xdf.offset(2, 7, 1043.5),
        xdf.samples(eeg, rowsOf(0, 200), stampsOf(0, 200)),
        xdf.samples(texts, [['start'], ['stop']], [7, 7.505]),
        xdf.footer(1, 200),
        xdf.footer(2, 2),
      ),
    );
    expect(recording.markers.map((m) => m.label)).toEqual(['start', 'stop']);
    expect(recording.markers[0]!.sample).toBeCloseTo(50, 6);
    expect(recording.markers[1]!.sample).toBeCloseTo(100.5, 6);
  });

  it('joins the stamps before and after a clock reset', () => {
    const offsets = (from: number, startS: number, offsetS: number) =>
      [0, 5, 10, 15].map((s) => xdf.offset(1, startS + from + s, offsetS));
    const recording = read(
      xdf.file(
        xdf.header(eeg),
        ...offsets(0, 50_000, -49_000),
        xdf.samples(eeg, rowsOf(0, 2000), stampsOf(0, 2000, 50_000)),
        xdf.samples(eeg, rowsOf(2000, 4000), stampsOf(0, 2000, 3)),
        ...offsets(0, 3, 1027),
        xdf.footer(1, 4000),
      ),
    );
    expect(recording.gaps).toEqual([{ row: 2000, lost: 1000 }]);
  });

  it('asks which of several streams to read, and reads the named one', () => {
    const other = { ...eeg, id: 3, name: 'amp 2' };
    const bytes = xdf.file(
      ...[eeg, other].flatMap((s) => [
        xdf.header(s),
        xdf.samples(s, rowsOf(0, 3), stampsOf(0, 3)),
        xdf.footer(s.id, 3),
      ]),
    );
    expect(() => read(bytes)).toThrow(
      /choose with --stream and a name or number: "amp" \(stream 1, EEG, 2 x float32, 3 samples\), "amp 2" \(stream 3/,
    );
    const second = read(bytes, { stream: 'amp 2' });
    expect(second.deviceId).toBe('amp 2');
    expect(second.notices.join()).toMatch(/left out: "amp" \(stream 1/);
    expect(read(bytes, { stream: '3' }).deviceId).toBe('amp 2');
    expect(() => read(bytes, { stream: 'none' })).toThrow(/no numeric stream is named "none"/);
  });
});

describe('several XDF streams of one name', () => {
  const again = { ...eeg, id: 7 };
  const both = (secondS: number) =>
    xdf.file(
      ...[eeg, again].map((s) => xdf.header(s)),
      xdf.samples(again, rowsOf(100, 200), stampsOf(0, 100, secondS)),
      xdf.samples(eeg, rowsOf(0, 100), stampsOf(0, 100, 50)),
      ...[eeg, again].map((s) => xdf.footer(s.id, 100)),
    );

  it('are parts of one stream where one follows the other', () => {
    const recording = read(both(56));
    expect([...recording.data[0]!]).toEqual(rowsOf(0, 200).map(([value]) => value));
    expect(recording.gaps).toHaveLength(1);
    expect(recording.notices.join()).toMatch(/stream "amp" was restarted: its 2 parts are read/);
  });

  it('must be chosen by number where they overlap', () => {
    const bytes = both(50.1);
    for (const options of [{}, { stream: 'amp' }]) {
      expect(() => read(bytes, options)).toThrow(/"amp" \(stream 1, .*"amp" \(stream 7, /);
    }
    expect(read(bytes, { stream: '7' }).data[0]![0]).toBe(rowsOf(100, 101)[0]![0]);
  });
});

describe('damaged XDF', () => {
  const chunks = [
    xdf.header(eeg),
    xdf.header(texts),
    xdf.samples(eeg, rowsOf(0, 4), stampsOf(0, 4)),
    xdf.boundary(),
    xdf.samples(texts, [['go']], [50.02]),
    xdf.samples(eeg, rowsOf(4, 8), stampsOf(4, 8)),
    xdf.boundary(),
    xdf.samples(eeg, rowsOf(8, 12), stampsOf(8, 12)),
    xdf.footer(1, 12),
    xdf.footer(2, 1),
  ];
  const whole = xdf.file(...chunks);

  it('is refused at every cut inside a chunk; salvage reads the whole chunks', () => {
    let end = xdf.file().length;
    const ends = new Set([4, end, ...chunks.map((chunk) => (end += chunk.length))]);
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      let refusal: unknown;
      try {
        const { data, notices } = read(cut);
        expect(ends.has(length) && data[0]!.length > 0).toBe(true);
        if (!cut.includes('<sample_count>12')) expect(notices.join()).toMatch(/no footer/);
        continue;
      } catch (error) {
        refusal = error;
      }
      expect(isAffectEdgeError(refusal, 'FILE_INVALID')).toBe(true);
      const rowsThere = [...chunks.keys()].filter((c) => {
        const chunkEnd = [...ends].sort((a, b) => a - b)[c + 2]!;
        return chunkEnd <= length && [2, 5, 7].includes(c);
      }).length;
      if (rowsThere === 0) expect(() => read(cut, { salvage: true })).toThrow(/a\.xdf/);
      else expect(read(cut, { salvage: true }).data[0]!.length).toBe(4 * rowsThere);
    }
  });

  it('is read again after the next boundary', () => {
    const broken = Buffer.from(whole);
    broken[broken.indexOf(xdf.samples(eeg, rowsOf(4, 8), stampsOf(4, 8)))] = 99;
    expect(() => read(broken)).toThrow(
      /byte \d+ does not begin a chunk .*--salvage skips \d+ bytes, to the next boundary/,
    );
    const salvaged = read(broken, { salvage: true });
    expect([...salvaged.data[0]!]).toEqual([0, 1, 2, 3, 8, 9, 10, 11]);
    expect(salvaged.gaps).toEqual([{ row: 4, lost: 4 }]);
    expect(salvaged.markers).toEqual([{ label: 'go', sample: expect.closeTo(2, 6) }]);
  });

  it('allocates no memory for counts that do not fit its bytes', () => {
    const body = Buffer.alloc(13);
    body.writeUInt32LE(1);
    body[4] = 8;
    body.writeBigUInt64LE(2n ** 62n, 5);
    const bytes = xdf.file(xdf.header(eeg), xdfChunk(3, body));
    expect(() => read(bytes)).toThrow(/do not fit their chunk/);
    const wide = xdf.file(xdf.header({ ...eeg, channels: 2 ** 31 }));
    expect(() => read(wide)).toThrow(/header of stream 1/);
  });

  it('throws only AffectEdgeError for any bytes', () => {
    expectOnlyRefusals(whole, (bytes, salvage) => read(bytes, { salvage }), 2000);
  });
});

describe('XML of stream headers', () => {
  it('reads elements and entities, skips comments, and refuses unclosed elements', () => {
    const root = parseXml('<?xml version="1.0"?><a x="1"><!-- <b> --><b>1 &lt; 2 &#65;</b><c/></a>');
    expect(child(root, 'b')?.text).toBe('1 < 2 A');
    expect(child(root, 'c')?.text).toBe('');
    for (const bad of ['', '<a>', '<a></b>', '</a>', '<a', 'text']) expect(parseXml(bad)).toBeUndefined();
  });
});

interface ExpectedStream {
  stream_id: number;
  name: string;
  type: string;
  channels: number;
  format: string;
  nominal_rate_hz: number;
  samples: number;
  clock_offsets: number;
  first_time?: number;
  last_time?: number;
  first_row?: (number | string)[];
  last_row?: (number | string)[];
}

describeWithData('xdf-examples', 'XDF conformance files', () => {
  const fail = (problem: string) => expect.fail(problem);
  const load = (name: string) => ({ path: name, bytes: readFileSync(testData('xdf-examples', name)) });

  const streamOf = (name: string, id: number) => {
    const chunks = readXdfChunks(load(name), fail).filter(
      ({ tag, body }) => tag !== 1 && tag !== 5 && body.readUInt32LE(0) === id,
    );
    const stream = xdfStream(id, parseXml(chunks.find(({ tag }) => tag === 2)!.body.toString('utf8', 4)))!;
    for (const chunk of chunks) {
      const { tag, body } = chunk;
      if (tag === 3) {
        stream.samples.push(chunk);
        stream.declaredRows += declaredRows(stream, chunk)!;
      } else if (tag === 4) {
        const [timeS, offsetS] = [body.readDoubleLE(4), body.readDoubleLE(12)];
        stream.offsets.push({ timeS, offsetS, rowsBefore: stream.declaredRows });
      }
    }
    return stream;
  };

  it.each(['minimal.xdf', 'clock_resets.xdf', 'empty_streams.xdf'])('have the published streams: %s', (name) => {
    const published = JSON.parse(load('expected.json').bytes.toString()) as Record<string, ExpectedStream[]>;
    for (const want of published[name]!) {
      const stream = streamOf(name, want.stream_id);
      expect(stream.offsets.length).toBe(want.clock_offsets);
      stream.offsets.length = 0; // The published times are without clock offsets.
      const { rows, timesS, data, labels } = readXdfRows(stream, () => fail('damage'));
      expect({ ...stream, rows }).toMatchObject({
        name: want.name,
        type: want.type,
        channelCount: want.channels,
        format: want.format,
        nominalRateHz: want.nominal_rate_hz,
        rows: want.samples,
      });
      if (rows === 0) continue;
      expect(timesS[0]).toBeCloseTo(want.first_time!, 6);
      expect(timesS.at(-1)).toBeCloseTo(want.last_time!, 6);
      for (const [row, values] of [
        [0, want.first_row!],
        [rows - 1, want.last_row!],
      ] as const) {
        if (stream.isNumeric)
          expect(data.map((channel) => channel[row])).toEqual(values.map((v) => expect.closeTo(Number(v), 6)));
        else expect(labels[row]).toBe(values[0]);
      }
    }
  });

  it('have monotonic time over a clock reset, from 810.03 to 1383.18 s', () => {
    const { timesS } = readXdfRows(streamOf('clock_resets.xdf', 2), () => fail('damage'));
    expect(timesS.every((time, i) => i === 0 || time >= timesS[i - 1]!)).toBe(true);
    // The published times have no jitter, which moves the ends by some hundredths of a second.
    expect(timesS[0]).toBeCloseTo(810.03, 0);
    expect(timesS.at(-1)).toBeCloseTo(1383.18, 0);

    const recording = readXdf(load('clock_resets.xdf'), {});
    const reset = recording.gaps.find((gap) => gap.lost > 1000)!;
    expect(recording.gaps.every((gap) => gap.lost > 0)).toBe(true);
    expect(recording.data[0]!.length).toBe(27815);
    // The sender was away for 273.5 s.
    expect(reset.lost / recording.sampleRateHz).toBeCloseTo(273.5, 0);
    expect(recording.notices.join()).toMatch(/100 Hz is declared, but the time stamps show 92.98 Hz: 93 Hz is used/);
    const samples = recording.markers.map((m) => m.sample);
    expect(samples).toEqual([...samples].sort((a, b) => a - b));
    expect(recording.markers.length).toBe(175);
  });

  it('may have empty streams', () => {
    expect(() => readXdf(load('empty_streams.xdf'), {})).toThrow(
      /has no EEG stream with samples; there are "Empty data/,
    );
    const counter = readXdf(load('empty_streams.xdf'), { stream: 'Data stream: test stream 0 counter' });
    expect([...counter.data[0]!]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('are read with their clock offsets', () => {
    const recording = readXdf(load('minimal.xdf'), {});
    expect(recording.data.map((channel) => channel[0])).toEqual([192, 255, 238]);
    // The marker stream has no offsets: its 5.1 s are 0.1 s after the EEG's 5.1 - 0.1 s.
    expect(recording.markers.map((m) => Math.round(m.sample))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describeWithData('eeg-eeglab-sample', 'XDF of an OpenBCI board', () => {
  it('has 58 steps that are not positive and count as jitter', () => {
    const bytes = readFileSync(testData('eeg-eeglab-sample', 'test.xdf'));
    const recording = readXdf({ path: 'test.xdf', bytes }, {});
    expect([recording.data.length, recording.data[0]!.length, recording.gaps]).toEqual([8, 9520, []]);
    expect(recording.data[0]![0]).toBeCloseTo(0.88011974, 7);
    expect(recording.notices.join()).toMatch(/9520 samples, its footer counts 9519/);
  });
});
