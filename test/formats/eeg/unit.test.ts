/** The unit of EEG: stated by the file, given by the user, or doubted. */
import { describe, expect, it } from 'vitest';
import type { EegOptions } from '../../../src/formats/eeg/parsed.ts';
import { parseEeg } from '../../../src/formats/eeg/recording.ts';
import { writeEdf, xdf } from '../../support/recording-writers.ts';

const values = Array.from({ length: 400 }, (_, i) => Math.round(900 * Math.sin(i)));
const stream = (desc: string) => ({ id: 1, name: 'amp', format: 'float32', channels: 1, rateHz: 100, desc });
const xdfOf = (desc: string, scale: number) =>
  xdf.file(
    xdf.header(stream(desc)),
    xdf.samples(
      stream(desc),
      values.map((value) => [value * scale]),
      values.map((_, i) => i / 100),
    ),
  );
const described = (unit: string) => `<channels><channel><label>Fp1</label><unit>${unit}</unit></channel></channels>`;
const edf = (unit: string) => writeEdf({ signals: [{ label: 'Fp1', unit, records: [values] }] });
const csv = (name: string, scale: number) =>
  Buffer.from([`time,${name}`, ...values.map((value, i) => `${i / 100},${value * scale}`)].join('\n'));
const openBci = Buffer.from(
  ['%OpenBCI Raw EEG Data', '%Number of channels = 8', ...[0, 1].map((i) => `${i},${Array(8).fill('1.5')},0,0,0`)].join(
    '\n',
  ),
);

describe('a unit', () => {
  it.each([
    ['CSV', 'a.csv', csv('Fp1', 1)],
    ['EDF', 'a.edf', edf('')],
    ['XDF without channels', 'a.xdf', xdfOf('', 1)],
    ['XDF with counts', 'a.xdf', xdfOf(described('counts'), 1)],
  ])('is given by the user where the file states none: %s', (_, path, bytes) => {
    const read = (options: EegOptions) => parseEeg({ path, bytes }, options);
    for (const [unit, perUnit] of Object.entries({ uV: 1, mV: 1e3, V: 1e6, nV: 1e-3, '0.0223517': 0.0223517 })) {
      const { data } = read({ unit });
      expect(data[0]![2]! / (values[2]! * perUnit)).toBeCloseTo(1, 5);
    }
    expect(read({ unit: '0.5' }).notices.join()).not.toMatch(/not those of EEG|in uV|as uV/);
    expect(read({ unit: 'mV' }).notices.join()).toMatch(/amplitudes of .* are not those of EEG.*--unit/);
    expect(() => read({ unit: 'apples' })).toThrow(/unit is "apples"/);
  });

  it.each([
    ['CSV', 'a.csv', csv('Fp1 (mV)', 1e-3)],
    ['EDF', 'a.edf', edf('uV')],
    ['XDF', 'a.xdf', xdfOf(described('V'), 1e-6)],
    ['OpenBCI text', 'a.txt', openBci],
  ])('is the stated one, and another is reported as not used: %s', (_, path, bytes) => {
    const plain = parseEeg({ path, bytes }, {});
    const given = parseEeg({ path, bytes }, { unit: 'V' });
    expect(given.data).toEqual(plain.data);
    expect(given.notices).toEqual([...plain.notices, '--unit V is not used: the file states the unit of each channel']);
  });
});
