import { describe, expect, it } from 'vitest';
import { parseEeg } from '../../../src/formats/eeg/recording.ts';

// Properties and columns as in emotiv.gitbook.io/emotivpro-v3, "CSV files".
const about = (rate: string, version: string) =>
  `title:foo, start timestamp:1623658701.491566, stop timestamp:1623658723.788441, headset type:INSIGHT, ` +
  `headset serial:7AEC4253, headset firmware:931, channels:28, sampling rate:${rate}, samples:2855 , version:${version},`;
const names =
  'Timestamp,EEG.Counter,EEG.Interpolated,EEG.AF3,EEG.T7,EEG.Pz,EEG.T8,EEG.AF4,EEG.RawCq,EEG.Battery,MarkerIndex,' +
  'MarkerType,MarkerValueInt,CQ.AF3,CQ.Overall,MOT.AccX,POW.AF3.Theta';
const row = (i: number, interpolated = 0) =>
  [
    (1623658701.491566 + i / 128).toFixed(6),
    i % 128,
    interpolated,
    ...[0, 1, 2, 3, 4].map((c) => (4200 + c + 10 * Math.sin(i)).toFixed(6)),
    '1024,4',
    ...(i === 64 ? [0, 1, 33] : ['', '', '']),
    '4,100',
    i % 4 === 0 ? 0.5 : '',
    i % 16 === 0 ? 1.25 : '',
  ].join();
const rows = Array.from({ length: 300 }, (_, i) => row(i));
const read = (lines: readonly string[]) => parseEeg({ path: 'a.csv', bytes: Buffer.from(`${lines.join('\n')}\n`) }, {});

describe("EmotivPRO's CSV", () => {
  it.each([
    ['3', about('128', '2.1'), names],
    ['2', about('eeg_128;mot_32;pow_8', '2.0'), names],
    ['without time stamps', about('128', '2.1'), names.replace('Timestamp', 'Other')],
  ])('is read by its EEG columns at the stated rate: version %s', (_, first, header) => {
    const parsed = read([first, header, ...rows]);
    expect(parsed).toMatchObject({ format: 'EmotivPRO CSV', sampleRateHz: 128, gaps: [] });
    expect(parsed.channels.map((c) => c.label)).toEqual(['AF3', 'T7', 'Pz', 'T8', 'AF4']);
    expect(parsed.data[4]![2]).toBe(Math.fround(Number((4204 + 10 * Math.sin(2)).toFixed(6))));
    expect(parsed.markers).toEqual([{ label: '33', sample: 64 }]);
    expect(parsed.notices.join()).toMatch(/left out: .*EEG.Counter.*and \d more|left out: .*CQ.AF3/);
  });

  it('has its losses found, and its interpolated samples counted', () => {
    const lossy = [...rows.slice(0, 100).map((_, i) => row(i, i < 3 ? 1 : 0)), ...rows.slice(150)];
    const { gaps, notices } = read([about('128', '2.1'), names, ...lossy]);
    expect(gaps).toEqual([{ row: 100, lost: 50 }]);
    expect(notices).toContain('EmotivPRO interpolated 3 samples that it did not receive');
  });

  it('is refused without raw EEG, and without a line of names', () => {
    const metrics = ['Timestamp,PM.Stress.Raw', '1,2', '2,3'];
    expect(() => read([about('128', '2.1'), ...metrics])).toThrow(/line 2 names no column EEG.AF3.*export .* raw EEG/);
    expect(() => read([about('128', '2.1'), ...rows])).toThrow(/line 2 names no column/);
  });
});
