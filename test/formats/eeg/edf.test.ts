import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEdfHeader } from '../../../src/formats/eeg/edf/header.ts';
import { decodeSignal, readEdf } from '../../../src/formats/eeg/edf/reader.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { expectOnlyRefusals } from '../../support/noise.ts';
import { type EdfSpec, writeEdf } from '../../support/recording-writers.ts';

const read = (bytes: Buffer, salvage = false) => readEdf({ path: 'a.edf', bytes }, { salvage });
const readSpec = (spec: EdfSpec, salvage = false) => read(writeEdf(spec), salvage);
const ramp = (records: number, samples: number, from = 0) =>
  Array.from({ length: records }, (_, r) => Array.from({ length: samples }, (_, i) => from + r * samples + i));
const identity = { physical: [-1000, 1000], digital: [-1000, 1000] } as const;

describe('EDF and BDF', () => {
  it('reads every digital value with any scaling, in 16 and 24 bit', () => {
    const spec = fc
      .record({ bdf: fc.boolean(), signals: fc.integer({ min: 1, max: 4 }), records: fc.integer({ min: 1, max: 3 }) })
      .chain(({ bdf, signals, records }) => {
        const fullScale = bdf ? 2 ** 23 : 2 ** 15;
        const value = fc.integer({ min: -fullScale, max: fullScale - 1 });
        const record = fc.array(value, { minLength: 5, maxLength: 5 });
        return fc.record({
          bdf: fc.constant(bdf),
          max: fc.integer({ min: 1, max: 99999 }),
          data: fc.array(fc.array(record, { minLength: records, maxLength: records }), {
            minLength: signals,
            maxLength: signals,
          }),
        });
      });
    fc.assert(
      fc.property(spec, ({ bdf, max, data }) => {
        const fullScale = bdf ? 2 ** 23 : 2 ** 15;
        const recording = readSpec({
          bdf,
          signals: data.map((records, s) => ({ label: `C${s}`, physical: [-max, max], records })),
        });
        expect(recording.format).toBe(bdf ? 'BDF' : 'EDF');
        expect(recording.sampleRateHz).toBe(5);
        data.forEach((records, s) => {
          const physical = records.flat().map((d) => ((d + fullScale) / (2 * fullScale - 1)) * 2 * max - max);
          recording.data[s]!.forEach((uv, i) => {
            expect(Math.abs(uv - physical[i]!)).toBeLessThanOrEqual(max * 1e-7);
          });
        });
      }),
    );
  });

  it('converts nV, mV and V to uV and numbers equal labels', () => {
    const records = [[1, 2, 3]];
    const recording = readSpec({
      signals: ['uV', 'nV', 'mV', 'V'].map((unit) => ({ label: 'Fp1', unit, records, ...identity })),
    });
    expect(recording.data.map((channel) => channel[2])).toEqual([3, Math.fround(0.003), 3000, 3e6]);
    expect(recording.channels.map((c) => c.label)).toEqual(['Fp1', 'Fp1 #2', 'Fp1 #3', 'Fp1 #4']);
    expect(recording.channels.every((c) => c.unit === 'uV')).toBe(true);
  });

  it.each([
    ['equal digital limits', { digital: [0, 0] }, 'its digital range is 0 to 0'],
    ['exchanged digital limits', { digital: [100, -100] }, 'its digital range is 100 to -100'],
    ['equal physical limits', { physical: [0, 0] }, 'its physical range is 0 to 0'],
    ['digital limits beyond 16 bit', { digital: [-40000, 40000] }, 'its digital range is -40000 to 40000'],
    ['physical limits that are no numbers', { physical: ['-?', 'x'] }, 'its physical range is -? to x'],
  ] as const)('leaves out a signal with %s and names it', (_, limits, problem) => {
    const records = ramp(2, 4);
    const odd = { label: 'Odd', records, ...(limits as object) };
    const recording = readSpec({
      signals: [{ label: 'C3', records, ...identity }, odd, { label: 'C4', records, ...identity }],
    });
    expect(recording.channels.map(({ label }) => label)).toEqual(['C3', 'C4']);
    expect(recording.data.map((channel) => [...channel])).toEqual([records.flat(), records.flat()]);
    expect(recording.notices).toEqual([`left out, as not EEG at 4 Hz: Odd (${problem})`]);
    expect(() => readSpec({ signals: [odd] })).toThrow(`has no EEG signal in a unit of voltage: Odd (${problem})`);
  });

  it('names the units where none is a voltage', () => {
    const signals = [{ label: 'C3', unit: 'parsec', records: ramp(1, 4) }];
    expect(() => readSpec({ signals })).toThrow('has no EEG signal in a unit of voltage: C3 (4 Hz, parsec)');
  });

  it.each(['\u00b5V', '\u00c2\u00b5V', '\u00ce\u00bcV', '\u0083\u00caV', '\u00e6V', '\u00ecV', 'mcV', 'microvolt'])(
    'understands the unit %j',
    (unit) => {
      const recording = readSpec({ signals: [{ label: 'C3', unit, records: [[1, 2]], ...identity }] });
      expect([...recording.data[0]!]).toEqual([1, 2]);
    },
  );

  it('takes the most common rate, or the higher of two equally common ones, and names the signals that it leaves out', () => {
    const signal = (label: string, samples: number, unit = 'uV') => ({ label, unit, records: ramp(2, samples) });
    const most = readSpec({
      signals: [signal('C3', 100), signal('C4', 100), signal('Fast', 500), signal('Temp', 1, 'C')],
    });
    expect([most.sampleRateHz, most.data.length]).toEqual([100, 2]);
    expect(most.notices.join()).toMatch(/Fast \(500 Hz, uV\), Temp \(1 Hz, C\)/);
    expect(readSpec({ signals: [signal('C3', 100), signal('C4', 500)] }).sampleRateHz).toBe(500);
  });

  it('keeps only EEG where labels have the signal types of EDF+', () => {
    const records = ramp(1, 4);
    const recording = readSpec({ signals: ['EEG Cz', 'EOG left', 'ECG'].map((label) => ({ label, records })) });
    expect(recording.channels.map((c) => c.label)).toEqual(['EEG Cz']);
  });

  it('declares the gaps of a discontinuous file and puts annotations at their samples', () => {
    const recording = readSpec({
      plus: 'D',
      recordS: 2,
      signals: [{ label: 'Cz', records: ramp(3, 20), ...identity }],
      annotations: [
        '+0.5\x14\x14\0+1\x150.5\x14eyes closed\x14\0',
        '+2.5\x14\x14\0',
        '+7.5\x14\x14\0+8.25\x14stimulus\x14Größe\x14\0',
      ],
    });
    expect(recording.gaps).toEqual([{ row: 40, lost: 30 }]);
    expect(recording.markers).toEqual([
      { label: 'eyes closed', sample: 5 },
      { label: 'stimulus', sample: 77.5 },
      { label: 'Größe', sample: 77.5 },
    ]);
    expect(recording.startUnixUs).toBe(Date.UTC(2024, 2, 2, 10, 20, 30, 500) * 1000);
  });

  it('makes markers of the status codes of a BDF file that differ from the resting value', () => {
    const codes = [0, 0, 7, 7, 0, 3, 0, 0, 0, 0].map((code) => code + 0x100000);
    const recording = readSpec({
      bdf: true,
      signals: [
        { label: 'Cz', records: ramp(2, 5), ...identity },
        { label: 'Status', unit: 'Boolean', records: [codes.slice(0, 5), codes.slice(5)] },
      ],
    });
    expect(recording.markers).toEqual([
      { label: '7', sample: 2 },
      { label: '3', sample: 5 },
    ]);
    expect(recording.data.length).toBe(1);
  });
});

describe('EDF files that contradict themselves', () => {
  const spec: EdfSpec = {
    plus: 'C',
    signals: [{ label: 'Cz', records: ramp(3, 8), ...identity }],
    annotations: ['+0\x14\x14\0', '+1\x14\x14\0', '+2\x14\x14\0'],
  };
  const whole = writeEdf(spec);
  const headerBytes = 256 * 3;
  const recordBytes = (whole.length - headerBytes) / 3;

  it('are refused at every cut, and salvaged to their whole records', () => {
    expect(read(whole).data[0]!.length).toBe(24);
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      expect(() => read(cut)).toThrow(/a\.edf: /);
      const records = Math.floor((length - headerBytes) / recordBytes);
      if (records < 1) expect(() => read(cut, true)).toThrow(/a\.edf: /);
      else {
        const salvaged = read(cut, true);
        expect([...salvaged.data[0]!]).toEqual(Array.from({ length: records * 8 }, (_, i) => i));
        expect(salvaged.notices.join()).toMatch(`reads the ${records} whole records`);
      }
    }
  });

  it('names the field, its value, the expected value and what salvage does', () => {
    expect(() => readSpec({ ...spec, declaredRecords: 5 })).toThrow(
      /"number of data records" is 5, so \d+ bytes are expected .* --salvage reads the 3 whole records/,
    );
    const longer = Buffer.concat([whole, Buffer.alloc(3)]);
    expect(() => read(longer)).toThrow(/--salvage .*skips 3 bytes/);
    expect(read(longer, true).data[0]!.length).toBe(24);
    const signals = Buffer.from(whole);
    signals.write('x', 252);
    expect(() => read(signals, true)).toThrow(/"number of signals" is "x.*", expected a whole number/);
  });

  it('accepts an unknown number of records with a notice', () => {
    const recording = readSpec({ ...spec, declaredRecords: -1 });
    expect(recording.data[0]!.length).toBe(24);
    expect(recording.notices.join()).toMatch(/-1.*has 3/);
  });

  it('refuses a gap in EDF+C; salvage declares it', () => {
    const jump = { ...spec, annotations: ['+0\x14\x14\0', '+1\x14\x14\0', '+9\x14\x14\0'] };
    expect(() => readSpec(jump)).toThrow(/record 3 begins at 9 s, expected 2 s/);
    expect(readSpec(jump, true).gaps).toEqual([{ row: 16, lost: 56 }]);
  });

  it('refuses overlapping records, malformed lists and annotations after the end; salvage skips them', () => {
    for (const [third, message] of [
      ['+1\x14\x14\0', /record 3 begins at 1 s/],
      ['2\x14\x14\0', /record 3 has the malformed annotation/],
      ['+2\x14\x14\0+99\x14late\x14\0', /"late" is at 99 s/],
    ] as const) {
      const bad = { ...spec, annotations: ['+0\x14\x14\0', '+1\x14\x14\0', third] };
      expect(() => readSpec(bad)).toThrow(message);
      const salvaged = readSpec(bad, true);
      expect([salvaged.data[0]!.length, salvaged.gaps, salvaged.markers]).toEqual([24, [], []]);
    }
  });

  it('throw only AffectEdgeError for any bytes', () => {
    expectOnlyRefusals(whole, read, 1000);
  });
});

interface Expected {
  records: number;
  record_s: number;
  channels: {
    label: string;
    unit: string;
    rate_hz: number;
    samples: number;
    mean: number;
    std: number;
    first: number[];
    last: number;
  }[];
}

describeWithData('edf-odd', 'odd EDF and BDF files', () => {
  it.each(['duplicate_channel_labels.edf', 'test_uneven_samp.edf', 'test_edf_stim_channel.edf', 'test.edf'])(
    'has the published values: %s',
    (name) => {
      const published = JSON.parse(readFileSync(testData('edf-odd', 'expected.json'), 'utf8')) as Record<
        string,
        Expected
      >;
      const { channels, records } = published[name]!;
      const folder = name === 'test.edf' ? 'eeg-eeglab-sample' : 'edf-odd';
      const file = { path: name, bytes: readFileSync(testData(folder, name)) };
      const header = parseEdfHeader(file, (problem) => expect.fail(problem));
      const signals = header.signals.filter((s) => s.label !== 'EDF Annotations');
      expect(signals.map((s) => [s.label, s.unit, s.rateHz])).toEqual(
        channels.map((c) => [c.label, c.unit, c.rate_hz]),
      );
      channels.forEach((channel, c) => {
        const values = decodeSignal(file.bytes, header, { ...signals[c]!, unit: 'uV' }, records);
        const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
        const std = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
        // float32 holds 0.016 uV at an offset of 0.2 V
        const digits = Math.abs(channel.mean) > 1e4 ? 1 : 3;
        expect(values.length).toBe(channel.samples);
        expect(mean).toBeCloseTo(channel.mean, digits);
        expect(std).toBeCloseTo(channel.std, digits);
        channel.first.forEach((value, i) => {
          expect(values[i]).toBeCloseTo(value, digits);
        });
        expect(values.at(-1)).toBeCloseTo(channel.last, digits);
      });
    },
  );

  const open = (name: string) => readEdf({ path: name, bytes: readFileSync(testData('edf-odd', name)) }, {});
  it('are read as EEG recordings', () => {
    expect(open('duplicate_channel_labels.edf').channels.map((c) => c.label)).toEqual([
      'EEG F1-Ref',
      'EEG F2-Ref',
      'EEG F1-Ref #2',
    ]);
    expect(open('test_edf_stim_channel.edf')).toMatchObject({ sampleRateHz: 128, gaps: [], markers: [] });
    const uneven = open('test_uneven_samp.edf');
    expect([uneven.sampleRateHz, uneven.data[0]!.length]).toEqual([100, 11000]);
    const mean = uneven.data[0]!.reduce((a, b) => a + b, 0) / 11000;
    expect(Math.sqrt(uneven.data[0]!.reduce((a, b) => a + (b - mean) ** 2, 0) / 11000) / 1e6).toBeCloseTo(3.533446, 4);
    const bdf = open('test_bdf_stim_channel.bdf');
    expect([bdf.sampleRateHz, bdf.data.length, bdf.data[0]!.length, bdf.markers.length]).toEqual([500, 3, 5000, 9]);
  });
});

describeWithData('eeg-eeglab-sample', 'BioSemi sample', () => {
  it('is read in 24 bit without the status channel', () => {
    const bytes = readFileSync(testData('eeg-eeglab-sample', 'test.bdf'));
    const recording = readEdf({ path: 'test.bdf', bytes }, {});
    expect([recording.sampleRateHz, recording.data.length, recording.data[0]!.length]).toEqual([256, 16, 15360]);
    expect(recording.data[0]![0]).toBe(Math.fround(-526.60940639));
  });
});
