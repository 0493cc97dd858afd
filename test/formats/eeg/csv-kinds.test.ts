/** What lines, columns and cells of a table are: names, samples, markers, gaze, or in doubt. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../../src/formats/eeg/csv.ts';
import type { EegOptions } from '../../../src/formats/eeg/parsed.ts';
import { describeWithData, testData } from '../../support/data.ts';

const read = (text: string | Buffer, options: EegOptions = {}) =>
  readCsv({ path: 'a.csv', bytes: Buffer.from(text) }, options);
/** Rows at 100 Hz. */
const steps = Array.from({ length: 200 }, (_, i) => i);
const table = (header: string, row: (i: number) => string) => [header, ...steps.map(row), ''].join('\n');
const plain = table('time,Fp1,Cz', (i) => `${i / 100},${20 * Math.sin(i)},${i % 7}`);

describe('the lines of a CSV above its rows', () => {
  const expected = read(plain);

  it.each([
    ['comments', `# made by a program\n% of 2024\n// with two channels\n${plain}`],
    ['blank lines', `\n  \n${plain}`],
    ["Excel's separator", `sep=,\n${plain}`],
    ['names in a comment', `# ${plain}`],
    ['a comment and names in a comment', `# made, by, a, program\n# ${plain}`],
    ['comments between the rows', plain.replace('\n0.5,', '\n# a pause, of no length\n0.5,')],
  ])('may be %s', (_, text) => {
    expect(read(text)).toMatchObject({ data: expected.data, sampleRateHz: 100, gaps: [], markers: [] });
  });

  it('are refused where there are no names, by number', () => {
    const rows = plain.slice(plain.indexOf('\n') + 1);
    expect(() => read(`# no names here\n${rows}`)).toThrow(
      /line 2 is "0,0,0", expected column names.*add a header line/,
    );
    const dated = table('', (i) => `2024-01-01 10:00:0${(i / 100).toFixed(2)},1,2`).trimStart();
    for (const options of [{}, { montage: ['Fp1', 'Cz'] }, { rateHz: 100 }])
      expect(() => read(dated, options)).toThrow(/line 1 is "2024.*expected column names/);
  });
});

describe('the numbers of a CSV', () => {
  const tenths = (separator: string, point: string) =>
    table(['time', 'Fp1', 'Cz'].join(separator), (i) =>
      [(i / 100).toFixed(2), (i / 10).toFixed(1), (-i / 8).toFixed(3)].join(separator).replaceAll('.', point),
    );

  it.each([';', '\t', ', '])('may have decimal commas between separators "%s"', (separator) => {
    const points = read(tenths(separator, '.'));
    expect(read(tenths(separator, ','))).toMatchObject({ data: points.data, sampleRateHz: 100, gaps: [] });
  });

  it('are refused where the decimal comma also separates', () => {
    expect(() => read(tenths(',', ','))).toThrow(/line 2 has 6 fields, the header 3.*decimal commas/);
  });

  it.each([
    ['V', 1e-6],
    ['mV', 1e-3],
    ['nV', 1e3],
  ])('that look like %s get a warning that names --unit', (unit, perUv) => {
    const text = table('time,Fp1', (i) => `${i / 100},${20 * Math.sin(i) * perUv}`);
    expect(read(text).notices.join()).toMatch(/amplitudes of .* are not those of EEG: .*--unit/);
    const right = read(text, { unit });
    expect(right.notices).toEqual([]);
    expect(right.data[0]![1]).toBeCloseTo(20 * Math.sin(1), 4);
    expect(read(text.replace('Fp1', `Fp1 (${unit})`)).notices).toEqual([]);
  });

  it('that look like counts get a warning, and are scaled by a number of microvolts per count', () => {
    const text = table('time,Fp1', (i) => `${i / 100},${8e5 + Math.round(900 * Math.sin(i))}`);
    const around = Math.fround(8e5);
    expect(read(text, { unit: '1' }).notices.join()).toMatch(`around ${around} uV are not those of EEG`);
    expect(read(text, { unit: '0.0223517' })).toMatchObject({ notices: [] });
    expect(read(table('time,Fp1', (i) => `${i / 100},0`)).notices).toEqual([]);
  });
});

describe('rows without values', () => {
  const header = 'TimeStamp,RAW_TP9,RAW_AF7,Battery,Elements';
  const sample = (i: number) => `${i / 100},${800 + (i % 9)},${800 - (i % 5)},90,`;
  const clean = read(table(header, sample));
  const withRow = (i: number, extra: string) => table(header, (j) => (j === i ? `${sample(j)}\n${extra}` : sample(j)));

  it('are markers by their text', () => {
    for (const text of ['/muse/elements/blink', '/muse/elements/jaw_clench', '/Marker/1', '"stopped, by hand"']) {
      const { data, gaps, markers } = read(withRow(99, `0.991,,,,${text}`));
      expect([data, gaps]).toEqual([clean.data, []]);
      expect(markers).toEqual([{ label: text.replaceAll('"', ''), sample: 100 }]);
    }
    const first = table(header, (i) => (i === 0 ? `0,,,,start\n${sample(0)}` : sample(i)));
    expect(read(first).markers).toEqual([{ label: 'start', sample: 0 }]);
    const unnamed = first.replace('RAW_TP9,RAW_AF7,Battery', 'a,b,c');
    expect(read(unnamed, { montage: ['Cz', 'Pz', 'Oz'] }).markers).toEqual([{ label: 'start', sample: 0 }]);
    expect(read(withRow(199, '1.991,,,,end')).markers).toEqual([{ label: 'end', sample: 200 }]);
  });

  it('are no samples and are counted in a notice; a sample that they replace is lost by the time stamps', () => {
    const extra = read(withRow(99, '0.991,,,,'));
    expect([extra.data, extra.gaps, extra.markers]).toEqual([clean.data, [], []]);
    expect(extra.notices).toContain('1 rows have no values (the first is line 102): left out');
    const lost = read(table(header, (i) => (i >= 50 && i < 60 ? `${i / 100},,,90,` : sample(i))));
    expect([lost.data[0]!.length, lost.gaps]).toEqual([190, [{ row: 50, lost: 10 }]]);
  });

  it('are missing samples where the rate is given, so that no later sample moves', () => {
    const { data, notices } = read(
      table(header, (i) => (i === 50 ? '0.5,,,90,' : sample(i))),
      { rateHz: 100 },
    );
    expect([data[0]!.length, data[0]![50], data[0]![51]]).toEqual([200, Number.NaN, clean.data[0]![51]]);
    expect(notices).toContain('1 rows have no values (the first is line 52): taken as missing samples');
  });

  it('that are a footer are refused by line', () => {
    expect(() => read(`${table(header, sample)}Recording stopped\n`)).toThrow(/line 202 has 1 fields, the header 5/);
  });

  it('and columns of markers mark the samples at which they change', () => {
    const mark = (i: number) => (i >= 20 && i < 30 ? 'look' : i === 40 ? '7' : '0');
    const { markers } = read(table('time,Fp1,Marker', (i) => `${i / 100},${i % 9},${mark(i)}`));
    expect(markers).toEqual([
      { label: 'look', sample: 20 },
      { label: '7', sample: 40 },
    ]);
  });
});

describe('gaze', () => {
  it.each([
    'timestamp [ns],gaze x [px],gaze y [px],azimuth [deg],elevation [deg]',
    'CNT,TIME,FPOGX,FPOGY,FPOGV,BPOGX,BPOGY',
    'time,BPOGX,LPD',
    'time,gaze_x,gaze_y,confidence',
    'timestamp,norm_pos_x,norm_pos_y,confidence',
    'time,left_x,left_y,pupil',
    'Recording timestamp,Gaze point X,Gaze point Y,Pupil diameter left',
    'time,x_left_px,y_left_px',
  ])('is never EEG: %s', (header) => {
    const text = table(header, (i) =>
      [
        i / 100,
        ...header
          .split(',')
          .slice(1)
          .map((_, c) => 400 + c),
      ].join(),
    );
    for (const options of [{}, { montage: ['C3', 'C4', 'O1', 'O2', 'Cz', 'Pz'] }, { rateHz: 100 }]) {
      expect(() => read(text, options)).toThrow(/is gaze and not EEG, by its columns .*eye-events/);
    }
  });

  it('beside electrodes is left out with a notice', () => {
    const { channels, notices } = read(table('time,Fp1,gaze_x', (i) => `${i / 100},${i % 9},3`));
    expect([channels.map((c) => c.label), notices]).toEqual([['Fp1'], ['left out: gaze_x']]);
  });
});

describe("muse-lsl's CSV", () => {
  // muselsl record: seconds of Unix time with 3 decimals; Right AUX is no electrode.
  it('is read at 256 Hz without Right AUX', () => {
    const rows = Array.from(
      { length: 1000 },
      (_, i) => `${(1606398355.528 + i / 256).toFixed(3)},-21.973,${i % 5},1,2,0.000`,
    );
    const { channels, sampleRateHz, gaps, startUnixUs, notices } = read(
      ['timestamps,TP9,AF7,AF8,TP10,Right AUX', ...rows].join('\n'),
    );
    expect(channels.map((c) => c.label)).toEqual(['TP9', 'AF7', 'AF8', 'TP10']);
    expect([sampleRateHz, gaps, startUnixUs]).toEqual([256, [], 1606398355528000]);
    expect(notices).toContain('left out: Right AUX');
  });
});

describeWithData('odd-recordings', 'odd CSV', () => {
  const open = (...parts: string[]) => read(readFileSync(testData('odd-recordings', ...parts)));

  it('of Mind Monitor has 5 markers and the same samples with event rows', () => {
    const [events, clean] = ['events.csv', 'clean.csv'].map((name) => open('mind-monitor-event-rows', name));
    expect(events).toMatchObject({ data: clean!.data, gaps: [], sampleRateHz: 256 });
    expect(events!.data[0]).toHaveLength(4096);
    expect(events!.markers).toEqual(
      [805, 1573, 2341, 3109, 3877].map((sample) => ({ label: '/muse/elements/blink', sample })),
    );
  });

  it('of gaze is refused as EEG', () => {
    expect(() => open('gaze-taken-as-eeg', 'neon.csv')).toThrow(/gaze x, gaze y, azimuth, elevation: eye-events/);
  });
});
