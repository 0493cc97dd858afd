import { describe, expect, it } from 'vitest';
import { isEyeCsv } from '../../../src/formats/gaze/csv.ts';
import { readEye, rowsOf } from '../../support/gaze-files.ts';
import { expectOnlyRefusals } from '../../support/noise.ts';

const lines = (header: string, rows: readonly string[]) => `${header}\n${rows.join('\n')}\n`;
/** 50 rows, 4 ms apart, the first at 1 s. `row` returns the fields after the time, `time` the time in ms. */
function csv(
  header = 'time_ms,x_px,y_px,pupil_left_mm,pupil_right_mm',
  row = (i: number) => `${500 + i},400,3.5,3.25`,
  time = (i: number) => String(1000 + 4 * i),
): string {
  return lines(
    header,
    Array.from({ length: 50 }, (_, i) => `${time(i)},${row(i)}`),
  );
}

describe('readEyeCsv', () => {
  it('reads gaze and pupils and measures the rate from the times', () => {
    const recording = readEye('a.csv', csv());
    expect(recording).toMatchObject({
      format: 'CSV',
      totalSamples: 50,
      info: { modality: 'eye', sampleRateHz: 250, simulated: false, geometry: {} },
      notices: [],
    });
    expect(recording.info.channels).toEqual([
      { label: 'x_px', unit: 'px' },
      { label: 'y_px', unit: 'px' },
      { label: 'pupil_left_mm', unit: 'mm' },
      { label: 'pupil_right_mm', unit: 'mm' },
    ]);
    expect(rowsOf(recording)[1]).toEqual([501, 400, 3.5, 3.25]);
  });

  it('takes the geometry from the options', () => {
    const recording = readEye('a.csv', csv(), { screenPx: [1024, 768], screenMm: [380, 300], distanceMm: 670 });
    expect(recording.info.geometry).toEqual({ screenPx: [1024, 768], screenMm: [380, 300], distanceMm: 670 });
    expect(() => readEye('a.csv', csv(), { screenPx: [1024, 768], screenMm: [380, 300], distanceMm: -1 })).toThrow(
      'viewing distance in mm is -1',
    );
  });

  it('leaves out unknown columns, and reads semicolons, microseconds and both eyes in degrees', () => {
    const header = 'label;t_us;x_left_deg;y_left_deg;x_right_deg;y_right_deg';
    const rows = Array.from({ length: 9 }, (_, i) => `look;${i * 2000};1,5;2;1,25;2`);
    const recording = readEye('a.txt', lines(header, rows));
    expect(recording.info.sampleRateHz).toBe(500);
    expect(rowsOf(recording)[0]).toEqual([1.5, 2, 1.25, 2]);
    expect(recording.notices).toEqual(['left out: label']);
  });

  it('reads every notation of a missing value as NaN', () => {
    const missing = ['0,0,3', ',400,3', 'NaN,NaN,3', 'NA,.,3', '500,400,0', '500,400,-1', '0,400,3'];
    const recording = readEye(
      'a.csv',
      csv('time_ms,x_px,y_px,pupil_mm', (i) => missing[i] ?? '500,400,3'),
    );
    expect(rowsOf(recording).slice(0, 7)).toEqual([
      [null, null, 3],
      [null, 400, 3],
      [null, null, 3],
      [null, null, 3],
      [500, 400, null],
      [500, 400, null],
      [0, 400, 3],
    ]);
  });

  it('declares the samples that are missing between times', () => {
    const recording = readEye(
      'a.csv',
      csv(undefined, undefined, (i) => String(1000 + 4 * (i < 20 ? i : i + 5))),
    );
    expect(recording.totalSamples).toBe(55);
    expect([...recording.blocks()].map(({ firstSample, lostBefore }) => [firstSample, lostBefore])).toEqual([
      [0, 0],
      [25, 5],
    ]);
  });

  it('keeps a row with the time of the row before, with a notice', () => {
    const recording = readEye(
      'a.csv',
      csv(undefined, undefined, (i) => String(1000 + 4 * (i === 30 ? 29 : i))),
    );
    expect(recording).toMatchObject({ totalSamples: 50, notices: ['1 row with the time of the row before'] });
  });

  it('uses a given rate instead of the times, with a notice', () => {
    const recording = readEye('a.csv', csv(), { rateHz: 500 });
    expect(recording.info.sampleRateHz).toBe(500);
    expect(recording.notices).toEqual(["the rate is given: the file's times are not used, though they show 250 Hz"]);
    const untimed = readEye(
      'a.csv',
      csv(undefined, undefined, () => ''),
      { rateHz: 60 },
    );
    expect(untimed).toMatchObject({ totalSamples: 50, info: { sampleRateHz: 60 } });
    expect(readEye('a.csv', lines('x_px,y_px', ['1,2', '3,4']), { rateHz: 60 }).totalSamples).toBe(2);
  });

  it('trims rows at the end whose time falls back to 0, with or without a given rate', () => {
    const padded = csv(undefined, undefined, (i) => (i < 45 ? String(1000 + 4 * i) : '0'));
    const notice = '5 rows at the end, whose time falls back to 0, are left out';
    expect(readEye('a.csv', padded)).toMatchObject({ totalSamples: 45, notices: [notice] });
    expect(readEye('a.csv', padded, { rateHz: 250 }).totalSamples).toBe(45);
  });

  it('keeps a first row at time 0', () => {
    const recording = readEye(
      'a.csv',
      csv(undefined, undefined, (i) => String(4 * i)),
    );
    expect(recording).toMatchObject({ totalSamples: 50, notices: [] });
  });

  it('gives a pupil without a known unit the unit au, with a notice', () => {
    const recording = readEye(
      'a.csv',
      csv('time_ms,x_px,y_px,pupil_left,pupil_right_furlong', (i) => `${i},4,900,800`),
    );
    expect(recording.info.channels.slice(2)).toEqual([
      { label: 'pupil_left_au', unit: 'au' },
      { label: 'pupil_right_au', unit: 'au' },
    ]);
    expect(recording.notices).toEqual([
      expect.stringContaining('column pupil_left has no unit'),
      expect.stringContaining('column pupil_right_furlong has the unknown unit "furlong"'),
    ]);
  });

  it('adds a notice for each gaze column without a unit', () => {
    expect(
      readEye(
        'a.csv',
        csv('time_ms,x,y', (i) => `${i + 1},4`),
      ).notices,
    ).toHaveLength(2);
  });

  const bad: Record<string, readonly [text: string, message: RegExp, salvaged?: number]> = {
    'time going backwards': [
      csv(undefined, undefined, (i) => String(i === 30 ? 900 : 1000 + 4 * i)),
      /line 32 has the time 0.9 s, out of order with the rows around it\. --salvage takes the time of the row before/,
      50,
    ],
    'a time that falls to 0 and rises again': [
      csv(undefined, undefined, (i) => (i === 30 ? '0' : String(1000 + 4 * i))),
      /the time falls back to 0 before line 33 and rises again/,
      50,
    ],
    'a malformed time': [
      csv(undefined, undefined, (i) => (i === 3 ? 'soon' : String(4 * i))),
      /line 5 has "soon" as time_ms/,
      50,
    ],
    'a row that is cut': [`${csv()}1200,5`, /line 52 has 2 fields, the header 5/, 50],
    'gaze that is not a number': [
      csv(undefined, (i) => (i === 2 ? 'left,4,3,3' : '5,4,3,3')),
      /line 4 has "left" as x_px/,
      50,
    ],
    'a pupil of 300 mm': [
      csv(undefined, () => '5,4,300,3'),
      /pupil_left_mm has the median 300.00, which is not a pupil in mm/,
      50,
    ],
    'a header without gaze': [
      csv('time_ms,FP1,FP2,C3,C4'),
      /line 1 is "time_ms,FP1,.*", expected columns x_px and y_px/,
    ],
    'a header of one axis': [csv('time_ms,x_px,y_left_px,a,b'), /expected columns x_px and y_px/],
    'two columns of one name': [csv('time_ms,x_px,y_px,X_px,b'), /has two columns for x_px/],
    'no gaze at all': [csv(undefined, () => 'NaN,NaN,,'), /none of its 50 samples has valid gaze/],
    'no rows': ['time_ms,x_px,y_px\n', /has no samples of gaze/],
    'no time and no rate': [lines('x_px,y_px', ['1,2']), /has no time column .*: give its rate with --rate/],
    'times in another unit': [csv('time,x_px,y_px,a,b'), /0.25 rows a second by its column time: name the unit/],
    'an empty file': ['', /is empty/],
  };
  it.each(Object.entries(bad))('refuses %s; salvage reads the rest', (_, [text, message, salvaged]) => {
    expect(() => readEye('a.csv', text)).toThrow(message);
    if (salvaged === undefined) expect(() => readEye('a.csv', text, { salvage: true })).toThrow(message);
    else expect(readEye('a.csv', text, { salvage: true }).totalSamples).toBe(salvaged);
  });

  it('throws only AffectEdgeError for random bytes', () => {
    expectOnlyRefusals(
      Buffer.from(csv()),
      (bytes, salvage) => readEye('a.csv', bytes.toString('latin1'), { salvage }),
      300,
    );
  });
});

describe('isEyeCsv', () => {
  it.each([
    ['time_s,x_px,y_px', true],
    ['time_s;"x_left_deg";"y_left_deg"', true],
    ['t,x,y,pupil_left_mm', true],
    ['time_s,Fp1,Fp2,x,y,z', false],
    ['time_s,Fp1,Fp2', false],
    ['x_px,time_s', false],
    ['', false],
  ])('for the header "%s": %s', (header, isEye) => {
    expect(isEyeCsv(Buffer.from(`${header}\n1,2,3\n`))).toBe(isEye);
  });
});
