import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAffectEdgeError } from '../../../src/errors.ts';
import { readCsv } from '../../../src/formats/eeg/csv.ts';
import type { EegOptions } from '../../../src/formats/eeg/parsed.ts';
import { describeWithData, testData } from '../../support/data.ts';

const read = (text: string, options: EegOptions = {}) => readCsv({ path: 'a.csv', bytes: Buffer.from(text) }, options);
const labels = (text: string, options?: EegOptions) => read(text, options).channels.map((c) => c.label);

describe('CSV', () => {
  it('reads every value, with any separator and line end', () => {
    const row = fc.array(fc.double({ noNaN: true, min: -1e5, max: 1e5 }), { minLength: 2, maxLength: 2 });
    const format = fc.constantFrom([',', '\n', '.'], [';', '\r\n', ','], ['\t', '\n', '.']);
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), format, (rows, [separator, end, point]) => {
        const lines = [
          ['Fp1', 'Cz'].join(separator),
          ...rows.map((r) => r.map((v) => String(v).replace('.', point!)).join(separator)),
        ];
        const { data, sampleRateHz } = read(lines.join(end!), { rateHz: 256 });
        expect(sampleRateHz).toBe(256);
        for (const c of [0, 1])
          expect(data[c]!.map((v) => v + 0)).toEqual(Float32Array.from(rows, (r) => r[c]! + 0).map((v) => v + 0));
      }),
    );
  });

  it.each([
    ['time', (i: number) => i / 250],
    ['t', (i: number) => 17 + i / 250],
    ['Timestamp', (i: number) => 1700000000 + i / 250],
    ['timestamp', (i: number) => 1700000000000 + 4 * i],
    ['Time (ms)', (i: number) => 4 * i],
    ['ms', (i: number) => 4 * i],
    ['time_us', (i: number) => 4000 * i],
    ['seconds', (i: number) => (i / 250).toFixed(3)],
    ['TimeStamp', (i: number) => new Date(1700000000000 + 4 * i).toISOString().replace('T', ' ').replace('Z', '')],
  ])('finds the rate and the gaps in the column %s', (name, time) => {
    const rows = Array.from({ length: 500 }, (_, i) => `${time(i < 300 ? i : i + 25)},${i},${-i}`);
    const recording = read([`${name},C3,C4`, ...rows].join('\n'));
    expect(recording.sampleRateHz).toBe(250);
    expect(recording.gaps).toEqual([{ row: 300, lost: 25 }]);
    expect(recording.channels.map((c) => c.label)).toEqual(['C3', 'C4']);
  });

  it('treats rounding of times to milliseconds as jitter', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => `${(i / 256).toFixed(3)},1`);
    expect(read(['time,Cz', ...rows].join('\n'))).toMatchObject({ sampleRateHz: 256, gaps: [] });
  });

  it('takes the columns named after electrodes, otherwise asks for a montage', () => {
    expect(labels('time,EEG.AF3,battery,fp2\n0,1,99,2\n0.01,1,99,2\n')).toEqual(['AF3', 'fp2']);
    expect(labels('RAW_TP9,Alpha_TP9,RAW_AF7\n1,2,3\n', { rateHz: 256 })).toEqual(['TP9', 'AF7']);
    const other = 'a,b,note\n1,2,x\n';
    expect(() => read(other, { rateHz: 100 })).toThrow(
      'a.csv: no column is named after an electrode: a, b. If they are EEG, name them with --montage in this order',
    );
    const named = read(other, { rateHz: 100, montage: ['Fp1', 'Fp2'] });
    expect(named.channels.map((c) => c.label)).toEqual(['a', 'b']);
    expect(named.notices).toContain('left out: note');
    expect(labels('time,hEOG,vEOG,sample\n0,1,2,3\n0.01,1,2,4\n')).toEqual(['hEOG', 'vEOG']);
    expect(labels(',a,Unnamed: 0\n7,1,7\n', { rateHz: 100, montage: ['Cz'] })).toEqual(['a']);
  });

  it('takes units from the column, then from the option, then uV', () => {
    const text = 'Fp1 (mV),Cz\n2,3\n';
    const first = (options: EegOptions) => read(text, { rateHz: 100, ...options }).data.map((d) => d[0]);
    expect(first({})).toEqual([2000, 3]);
    expect(first({ unit: 'V' })).toEqual([2000, 3e6]);
    expect(first({ unit: '0.5' })).toEqual([2000, 1.5]);
    for (const unit of ['apples', '0', '-1', ''])
      expect(() => first({ unit })).toThrow(`unit is "${unit}", expected uV, nV, mV, V or a number`);
  });

  it('keeps cells without a value as NaN', () => {
    expect([...read('Cz,C3\n1,1\n,NaN\nnan,2\n', { rateHz: 100 }).data[0]!]).toEqual([1, Number.NaN, Number.NaN]);
  });
});

describe('CSV with errors', () => {
  it('names the line of a ragged or wrong row; salvage skips it', () => {
    const ragged = 'time,Cz,C4\n0,1,2\n0.01,1\n0.02,1,2\n';
    expect(() => read(ragged)).toThrow('a.csv: line 3 has 2 fields, the header 3. --salvage skips the row.');
    expect(read(ragged, { salvage: true }).data[0]!.length).toBe(2);
    expect(() => read('time,Cz\n0,1\n0.01,abc\n')).toThrow(/line 3 has "abc" as Cz, expected a number/);
    expect(read('time,Cz\n0,1\n0.01,abc\n', { salvage: true }).data[0]![1]).toBeNaN();
    expect(() => read('time,Cz\n0,1\nsoon,2\n')).toThrow(/line 3 has "soon" as time, expected a time/);
  });

  it('summarises the notices of many bad rows', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => `${i / 100},${i % 2 ? 'x' : i}`);
    const { notices } = read(['time,Cz', ...rows].join('\n'), { salvage: true });
    expect(notices.length).toBe(21);
    expect(notices.at(-1)).toBe('salvage found 480 more such problems');
  });

  it('refuses values without a size and two columns for one channel', () => {
    for (const value of ['Infinity', '-inf', '1e39', '1.234,5'])
      expect(() => read(`time;Cz\n0;1\n0.01;${value}\n`)).toThrow(`line 3 has "${value}" as Cz, expected a number`);
    expect(() => read('time,T3,Cz,T7\n0,1,2,3\n')).toThrow(
      'a.csv: has two columns for T7: name each channel differently',
    );
  });

  it('names what is missing', () => {
    expect(() => read('Cz,C4\n1,2\n')).toThrow(/no time column .*--rate/);
    expect(() => read('time,Cz\n')).toThrow(/no rows/);
    expect(() => read('1,2\n3,4\n')).toThrow(/line 1 is "1,2", expected column names/);
    for (const options of [{}, { rateHz: 250 }]) {
      expect(() => read('-2.805\n3\n', options)).toThrow(/add a header line; with --rate no time column is needed/);
    }
    expect(() => read('time,Cz\n5,1\n5,2\n5,2\n')).toThrow(/does not rise/);
  });

  it('throws only AffectEdgeError for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.array(fc.constantFrom(',', '\n', ';', '"', '1', 'Cz', 'time')),
        (a, b) => {
          for (const options of [{}, { salvage: true }, { rateHz: 100 }]) {
            try {
              read(a + b.join(''), options);
            } catch (error) {
              if (!isAffectEdgeError(error)) throw error;
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describeWithData('eeg-eeglab-sample', 'Mind Monitor export', () => {
  const text = () => readFileSync(testData('eeg-eeglab-sample', 'testmusemonitor.csv'), 'utf8');
  it('is refused as a summary with one row per second', () => {
    expect(() => read(text())).toThrow(/0\.98 rows a second by its column TimeStamp.*recording interval "Constant"/);
  });

  it('is read by its RAW columns where the rate is given', () => {
    const recording = read(text(), { rateHz: 256 });
    expect(recording.channels.map((c) => c.label)).toEqual(['TP9', 'AF7', 'AF8', 'TP10']);
    expect(recording.data[0]![0]).toBeCloseTo(780.4762, 4);
    expect(recording.notices.join()).toMatch(/column TimeStamp is not used/);
    expect(recording.notices.join()).toMatch(/26 rows end before the last columns/);
  });
});
