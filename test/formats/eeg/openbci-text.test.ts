import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AffectEdgeError, isAffectEdgeError } from '../../../src/errors.ts';
import { readOpenBciText } from '../../../src/formats/eeg/openbci/text.ts';
import type { EegOptions } from '../../../src/formats/eeg/parsed.ts';
import { describeWithData, testData } from '../../support/data.ts';

const uvPerCount = 0.022351744455307063;
const read = (text: string, options: EegOptions = {}) =>
  readOpenBciText({ path: 'a.txt', bytes: Buffer.from(text) }, options);
const head = '%OpenBCI Raw EEG Data\n%Number of channels = 8\n%Sample Rate = 250.0 Hz\n';
const v6Head =
  '%OpenBCI Raw EXG Data\n%Sample Rate = 250 Hz\nSample Index, ' +
  `${Array.from({ length: 8 }, (_, c) => `EXG Channel ${c}`).join(', ')}, Accel Channel 0, Timestamp, Marker Channel, ` +
  'Timestamp (Formatted)\n';

interface Row {
  readonly index: number;
  readonly counts: readonly number[];
  readonly ms: number;
}
const uv = (count: number) => (count * uvPerCount).toFixed(2);
const v4 = (rows: readonly Row[]) =>
  head +
  rows
    .map(({ index, counts, ms }) => `${index}, ${counts.map(uv).join(', ')}, 0.0, 0.0, 0.0, 12:00:53.329, ${ms}\n`)
    .join('');
const v6 = (rows: readonly Row[]) =>
  v6Head +
  rows
    .map(({ index, counts, ms }) => `${index}, ${counts.map(uv).join(', ')}, 0.04, ${ms / 1000}, 0, 12:00\r\n`)
    .join('');
const old = (rows: readonly Row[]) =>
  head + rows.map(({ index, counts }) => `${index}, ${counts.map(uv).join(', ')}, 0.00, 0.00, 0.00\n`).join('');

const startMs = 1557936053000;
/** The rows with these sample indices of a recording at 250 Hz. */
const rowsAt = (indices: readonly number[]): Row[] =>
  indices.map((i) => ({
    index: i & 255,
    counts: Array.from({ length: 8 }, (_, c) => i * 10 + c),
    ms: startMs + 4 * i,
  }));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('OpenBCI text', () => {
  it('reads the exact counts from every layout', () => {
    const count = fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 });
    const row = fc.array(count, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (counts) => {
        const rows = counts.map((c, i): Row => ({ index: i & 255, counts: c, ms: startMs + 4 * i }));
        for (const text of [v4(rows), v6(rows), old(rows)]) {
          const recording = read(text);
          expect(recording.data.map((channel) => [...channel])).toEqual(
            range(0, 8).map((c) => counts.map((r) => Math.fround(r[c]! * uvPerCount))),
          );
          expect([recording.sampleRateHz, recording.railUv, recording.gaps]).toEqual([250, 187500, []]);
        }
      }),
    );
  });

  it('counts losses exactly by the 8-bit index and the time stamps', () => {
    const losses = fc.tuple(fc.nat(2000), fc.nat(2000)).filter(([a, b]) => a > 0 && b > 0);
    fc.assert(
      fc.property(losses, ([first, second]) => {
        const indices = [
          ...range(0, 300),
          ...range(300 + first, 700 + first),
          ...range(700 + first + second, 900 + first + second),
        ];
        for (const text of [v4(rowsAt(indices)), v6(rowsAt(indices))]) {
          expect(read(text).gaps).toEqual([
            { row: 300, lost: first },
            { row: 700, lost: second },
          ]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('counts losses modulo 256 without time stamps, with a notice', () => {
    const recording = read(old(rowsAt([...range(0, 10), ...range(310, 320)])));
    expect(recording.gaps).toEqual([{ row: 10, lost: 300 - 256 }]);
    expect(recording.notices.join()).toMatch(/multiples of 256 are missed/);
  });

  it('does not count rows that come late in a burst as lost', () => {
    const rows = rowsAt(range(0, 3000)).map((row, i) => (i >= 1000 && i < 1500 ? { ...row, ms: startMs + 6000 } : row));
    expect(read(v4(rows)).gaps).toEqual([]);
  });

  it('steps the index by two where a Daisy makes one row of two packets', () => {
    const rows = [...range(0, 200), ...range(203, 400)].map(
      (i) =>
        `${(2 * i) & 255}, ${range(0, 16)
          .map(() => uv(i))
          .join(', ')}, 0, 0, 0\n`,
    );
    const recording = read(`%OpenBCI Raw EEG Data\n%Number of channels = 16\n${rows.join('')}`);
    expect(recording.sampleRateHz).toBe(125);
    expect(recording.gaps).toEqual([{ row: 200, lost: 3 }]);
    expect(recording.channels.map((c) => c.label).join(' ')).toBe('FP1 FP2 C3 C4 P7 P8 O1 O2 F7 F8 F3 F4 T7 T8 P3 P4');
  });

  it('reads four channels as a Ganglion, which needs a montage and whose index does not count rows', () => {
    const rows = range(0, 100).map((i) => `${(i >> 1) % 101}, 1.5, 2.5, 3.5, 4.5, 0, 0, 0\n`);
    const text = `%OpenBCI Raw EEG Data\n%Number of channels = 4\n%Sample Rate = 200.0 Hz\n${rows.join('')}`;
    expect(() => read(text)).toThrow(/4 channels without labels: name them with --montage/);
    const recording = read(text, { montage: ['C3', 'C4', 'O1', 'O2'] });
    expect(recording).toMatchObject({ sampleRateHz: 200, gaps: [], deviceId: 'openbci-ganglion' });
    expect(recording.railUv).toBeUndefined();
  });

  it('does not round values that are not counts', () => {
    const rows = range(0, 50).map(
      (i) =>
        `${i}, ${range(0, 8)
          .map((c) => (i * 7.77 + c * 1.111).toFixed(3))
          .join(', ')}, 0, 0, 0\n`,
    );
    const recording = read(head + rows.join(''));
    expect(recording.data[1]![3]).toBe(Math.fround(24.421));
    expect(recording.notices.join()).toMatch(/not counts of a Cyton/);
  });

  it('makes markers from the marker column', () => {
    const text = v6(rowsAt(range(0, 5)))
      .replace(', 0.008, 0,', '')
      .replace(`${(startMs + 8) / 1000}, 0,`, `${(startMs + 8) / 1000}, 3,`);
    expect(read(text).markers).toEqual([{ label: '3', sample: 2 }]);
  });
});

describe('columns of OpenBCI text', () => {
  const rows = rowsAt(range(1, 300));
  /** Version 5 without names: 22 values, time stamp, time of day. */
  const v5 = (of: readonly Row[]) =>
    head +
    of
      .map(({ index, counts, ms }) =>
        [index, ...counts.map(uv), '0.04', '0.42', '0.24', ...Array(10).fill('0.0'), ms, '12:00:53.329\n'].join(', '),
      )
      .join('');
  /** Decimal commas in all fields; the separators keep their blank. */
  const withCommas = (text: string) => text.replace(/(?<=^|, )(-?\d+)\.(\d+)(?=,|$)/gm, '$1,$2');

  it.each([
    ['4', v4(rows)],
    ['6', v6(rows)],
    ['5', v5(rows)],
    ['3', old(rows)],
  ])('may have decimal commas: version %s', (_, text) => {
    expect(withCommas(text)).not.toBe(text);
    const { data, gaps } = read(withCommas(text));
    expect(data).toEqual(read(text).data);
    expect([data[0]!.length, gaps]).toEqual([299, []]);
  });

  it('are refused where decimal commas and separators are alike', () => {
    for (const text of [v4(rows), v6(rows), v5(rows), old(rows)]) {
      const alike = withCommas(text).replace(/, /g, ',');
      expect(() => read(alike)).toThrow(/line \d has \d+ columns, expected .*Decimal commas are read where a blank/);
    }
  });

  it('are refused in a number that no version has', () => {
    for (const more of [1, 2, 5]) {
      const text = v5(rows).replaceAll(', 0.04,', `, ${Array(more).fill('7.0').join(', ')}, 0.04,`);
      expect(() => read(text)).toThrow(`line 4 has ${24 + more} columns, expected an index and 8 EXG (12, 13, 14, 24`);
    }
  });

  it('of version 5 have their time stamp in the last column but one', () => {
    const lost = [...range(0, 1000), ...range(1512, 2000)];
    expect(read(v5(rowsAt(lost)))).toMatchObject({ gaps: [{ row: 1000, lost: 512 }], sampleRateHz: 250 });
  });

  it('of rows of zeros without a time are fillers and no samples, anywhere', () => {
    for (const text of [v4(rows), v5(rows), v6(rows)]) {
      const lines = text.split('\n');
      const filler = lines
        .at(-2)!
        .split(',')
        .map(() => '0.0');
      const first = lines.findIndex((line) => line.startsWith('1,'));
      const filled = lines.toSpliced(first + 200, 0, filler.join()).toSpliced(first, 0, filler.join(', '));
      const { data, gaps, notices } = read(filled.join('\n'));
      expect([data, gaps]).toEqual([read(text).data, []]);
      expect(notices.join()).toMatch(/2 rows of zeros without a time are fillers: left out/);
    }
    const silent = old(range(0, 9).map((index) => ({ index, counts: Array(8).fill(0), ms: 0 })));
    expect(read(silent).data[0]).toHaveLength(9);
  });
});

describe('cut and damaged OpenBCI text', () => {
  const rows = rowsAt(range(0, 6));

  const attempt = (text: string, salvage: boolean): number[][] | AffectEdgeError => {
    try {
      return read(text, { salvage }).data.map((channel) => [...channel]);
    } catch (error) {
      if (isAffectEdgeError(error, 'FILE_INVALID')) return error;
      throw error;
    }
  };

  it.each([
    ['v4', v4(rows)],
    ['v6', v6(rows)],
    ['old', old(rows)],
  ])('is refused or read correctly at every cut: %s', (_, text) => {
    const whole = read(text).data.map((channel) => [...channel]);
    for (let length = 0; length < text.length; length++) {
      for (const salvage of [false, true]) {
        const cut = attempt(text.slice(0, length), salvage);
        if (Array.isArray(cut)) expect(cut).toEqual(whole.map((c) => c.slice(0, cut[0]!.length)));
        else expect(cut.message).toMatch(salvage ? /no rows|columns, expected/ : /^a\.txt: /);
      }
    }
  });

  it('is refused with the line number; salvage skips the line and counts it as lost', () => {
    const lines = v4(rows).split('\n');
    lines[5] = lines[5]!.slice(0, 30);
    expect(() => read(lines.join('\n'))).toThrow(/a\.txt: line 6 has \d fields, expected 14\. --salvage skips the row/);
    expect(read(lines.join('\n'), { salvage: true }).gaps).toEqual([{ row: 2, lost: 1 }]);
    const text = v4(rows).replace('3, 0.67', '3, x.67');
    expect(() => read(text)).toThrow(/line 7 has " x\.67" in column 2, expected microvolts/);
  });

  it('throws only AffectEdgeError for any text', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.string({ unit: 'binary', maxLength: 20 }), fc.boolean(), (at, noise, salvage) => {
        const text = v6(rows);
        try {
          read(text.slice(0, at) + noise + text.slice(at + noise.length), { salvage });
        } catch (error) {
          if (!isAffectEdgeError(error)) throw error;
        }
      }),
      { numRuns: 200 },
    );
  });
});

describeWithData('eeg-openbci-cyton', 'OpenBCI GUI recordings', () => {
  const open = (name: string) =>
    readOpenBciText({ path: name, bytes: readFileSync(testData('eeg-openbci-cyton', name)) }, {});

  it('have identical counts in versions 4 and 6 of the same recording', () => {
    const four = open('OpenBCI-sampleData-1-blinks-jawClench-alpha.v4.txt');
    const six = open('OpenBCI_GUI-v6-blinks-jawClench-alpha.txt');
    for (const recording of [four, six]) {
      expect([recording.sampleRateHz, recording.gaps, recording.startUnixUs]).toEqual([250, [], 1557936053329000]);
    }
    const means = [62052.0551, 49483.1251, -16894.9829, -24637.8139, -2401.9196, -12709.9654, -337.36, -3600.226];
    four.data.forEach((channel, c) => {
      expect(channel.length).toBe(22490);
      expect(channel).toEqual(six.data[c]);
      expect(channel.every((value) => Math.fround(Math.round(value / uvPerCount) * uvPerCount) === value)).toBe(true);
      expect(channel.reduce((sum, value) => sum + value, 0) / 22490).toBeCloseTo(means[c]!, 2);
    });
  });

  it('have 6 gaps and railed channels in the focus recording', () => {
    const recording = open('OpenBCI_2016-02-13_Jordan_focus.txt');
    expect(recording.gaps.length).toBe(6);
    expect(recording.gaps.reduce((sum, gap) => sum + gap.lost, 0)).toBe(365);
    const railed = recording.data.map((d) => d.filter((uv) => Math.abs(uv) >= recording.railUv!).length / d.length);
    expect(railed.map((share) => share.toFixed(3)).join(' ')).toBe('0.060 0.061 0.122 0.000 0.112 0.100 0.000 0.105');
    expect(recording.data[0]!.length).toBe(30647);
    expect(recording.notices.join()).toMatch(/line 30652 ends after 10 of 12 fields/);
  });
});

describeWithData('odd-recordings', 'odd OpenBCI text', () => {
  const open = (folder: string, name: string) =>
    readOpenBciText({ path: name, bytes: readFileSync(testData('odd-recordings', folder, name)) }, {});
  const lost = (gaps: readonly { lost: number }[]) => gaps.reduce((sum, gap) => sum + gap.lost, 0);

  it('with decimal commas equals the same with decimal points', () => {
    const { notices: _, ...comma } = open('openbci-decimal-comma', 'comma.txt');
    expect(comma).toMatchObject({ gaps: [], sampleRateHz: 250 });
    expect(open('openbci-decimal-comma', 'point.txt')).toMatchObject(comma);
  });

  it('of version 5 begins with a filler row', () => {
    const { data, gaps } = open('openbci-v5-columns', 'zero-row.txt');
    expect([data[0]!.length, gaps]).toEqual([3000, []]);
  });

  it('of version 5 shows by its stamps that two turns of the index are lost', () => {
    const { data, gaps } = open('openbci-v5-columns', '512-rows-missing.txt');
    expect([data[0]!.length, gaps, lost(gaps)]).toEqual([2488, [{ row: 1000, lost: 512 }], 512]);
  });
});
