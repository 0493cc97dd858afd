import { describe, expect, it } from 'vitest';
import { openEyeRecording } from '../../../src/formats/open-recording.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { readEye, rowsOf } from '../../support/gaze-files.ts';
import { expectOnlyRefusals } from '../../support/noise.ts';

interface Asc {
  readonly samples?: string;
  readonly rateHz?: string;
  readonly coords?: string;
  readonly rows?: readonly string[];
}

const both = (i: number) => `${5000 + i}\t  964.3\t  541.5\t  288.0\t  960.5\t  538.8\t  305.0\t.....`;
const left = (i: number) => `${5000 + i}\t  964.3\t  541.5\t  288.0\t...`;
const rowsBy = (row: (i: number) => string) => Array.from({ length: 40 }, (_, i) => row(i));

function asc({
  samples = 'GAZE\tLEFT\tRIGHT',
  rateHz = '1000.00',
  coords = '0 0 1919 1079',
  rows = rowsBy(both),
}: Asc = {}): string {
  return [
    '** CONVERTED FROM a.edf using edfapi',
    'MSG\t4000 !CAL Cal coeff:(X=a+bx+cy+dxx+eyy)',
    '   132.75 -13.023  242.52 -0.051945  1.6939',
    `MSG\t4999 GAZE_COORDS ${coords}`,
    'START\t5000 \tLEFT\tRIGHT\tSAMPLES\tEVENTS',
    'PUPIL\tAREA',
    `SAMPLES\t${samples}\tRATE\t${rateHz}\tTRACKING\tCR\tFILTER\t2`,
    ...rows.slice(0, 20),
    'EFIX L   5000\t5010\t10\t  961.2\t  540.5\t    284',
    'MSG\t5020 picture on',
    ...rows.slice(20),
    'END\t5040 \tSAMPLES\tEVENTS\tRES\t  47.75\t  45.92',
  ].join('\n');
}

describe('readEyeLink', () => {
  it('reads both eyes, their pupils in the tracker’s own unit, and messages as markers', () => {
    const recording = readEye('a.asc', asc());
    expect(recording).toMatchObject({
      format: 'EyeLink',
      totalSamples: 40,
      info: { sampleRateHz: 1000 },
      markers: [{ label: 'picture on', sample: 20 }],
      notices: [expect.stringContaining("EyeLink's pupil has no unit")],
    });
    expect(recording.info.channels.map(({ label }) => label)).toEqual([
      'x_left_px',
      'y_left_px',
      'x_right_px',
      'y_right_px',
      'pupil_left_au',
      'pupil_right_au',
    ]);
    expect(rowsOf(recording)[0]).toEqual([964.3, 541.5, 960.5, 538.8, 288, 305]);
  });

  it('reads one eye, and NaN where it is not seen', () => {
    const rows = rowsBy((i) => (i === 1 ? '5001\t   .\t   .\t    0.0\t...' : left(i)));
    const recording = readEye('a.asc', asc({ samples: 'GAZE\tLEFT', rows }));
    expect(recording.info.channels.map(({ label }) => label)).toEqual(['x_left_px', 'y_left_px', 'pupil_left_au']);
    expect(rowsOf(recording).slice(0, 2)).toEqual([
      [964.3, 541.5, 288],
      [null, null, null],
    ]);
  });

  const blockOf = (fromMs: number, samples: string, rateHz: number, row: (ms: number, i: number) => string) => [
    `START\t${fromMs} \tSAMPLES\tEVENTS`,
    `SAMPLES\t${samples}\tRATE\t${rateHz}\tTRACKING\tCR`,
    ...Array.from({ length: 20 }, (_, i) => row(Math.floor(fromMs + (i * 1000) / rateHz), i)),
    `END\t${fromMs + 20_000 / rateHz} \tSAMPLES\tEVENTS`,
  ];
  const HEAD = ['** CONVERTED FROM a.edf', 'MSG\t99 GAZE_COORDS 0 0 1919 1079'];

  it('interpolates blocks at a lower rate to the highest one', () => {
    const row = (ms: number, i: number) => `${ms}\t ${100 + i}.0\t 500.0\t ${i === 10 ? '0.0' : '300.0'}\t...`;
    const text = [...HEAD, ...blockOf(1000, 'GAZE\tRIGHT', 250, row), ...blockOf(2000, 'GAZE\tRIGHT', 1000, row)];
    const recording = readEye('a.asc', text.join('\n'));
    expect(recording).toMatchObject({ totalSamples: 1020, info: { sampleRateHz: 1000 } });
    expect(recording.notices[0]).toBe(
      'its blocks are recorded at 250, 1000 Hz: the slower ones are interpolated to 1000 Hz',
    );
    const x = rowsOf(recording).map(([value]) => value);
    expect(x.slice(0, 6)).toEqual([100, 100.25, 100.5, 100.75, 101, 101.25]);
    // The eye is missing in the sample at 40 ms, and from it to the samples beside it.
    expect(x.slice(36, 45)).toEqual([109, null, null, null, null, null, null, null, 111]);
    expect(x.slice(76, 84)).toEqual([119, 119, 119, 119, 100, 101, 102, 103]);
  });

  it('has an eye missing in the blocks that do not track it', () => {
    const one = (ms: number) => `${ms}\t 100.0\t 200.0\t 300.0\t...`;
    const two = (ms: number) => `${ms}\t 100.0\t 200.0\t 300.0\t 400.0\t 500.0\t 600.0\t.....`;
    const text = [
      ...HEAD,
      ...blockOf(1000, 'GAZE\tRIGHT', 1000, one),
      ...blockOf(1020, 'GAZE\tLEFT\tRIGHT', 1000, two),
      ...blockOf(1040, 'GAZE\tLEFT', 1000, one),
    ];
    const rows = rowsOf(readEye('a.asc', text.join('\n')));
    expect(rows).toHaveLength(60);
    expect([rows[0], rows[20], rows[40]]).toEqual([
      [null, null, 100, 200, null, 300],
      [100, 200, 400, 500, 300, 600],
      [100, 200, null, null, 300, null],
    ]);
  });

  it('takes the second of two samples with one whole millisecond as half a millisecond later, at 2000 Hz', () => {
    const row = (ms: number, i: number) => `${ms}\t ${100 + i}.0\t 500.0\t 300.0\t...`;
    const recording = readEye('a.asc', [...HEAD, ...blockOf(1000, 'GAZE\tLEFT', 2000, row)].join('\n'));
    expect(recording).toMatchObject({ totalSamples: 20, info: { sampleRateHz: 2000 } });
    expect(rowsOf(recording).map(([x]) => x)).toEqual(Array.from({ length: 20 }, (_, i) => 100 + i));
  });

  it('refuses rates that are no multiples of each other, and raw samples', () => {
    const row = (ms: number) => `${ms}\t 100.0\t 500.0\t 300.0\t...`;
    const odd = [...HEAD, ...blockOf(1000, 'GAZE\tLEFT', 400, row), ...blockOf(2000, 'GAZE\tLEFT', 1000, row)];
    expect(() => readEye('a.asc', odd.join('\n'))).toThrow(
      'has blocks at 400, 1000 Hz, which are no multiples of each other',
    );
    const raw = [...HEAD, ...blockOf(1000, 'HREF\tLEFT', 1000, row)];
    expect(() => readEye('a.asc', raw.join('\n'))).toThrow('its samples are HREF, expected GAZE (screen coordinates)');
  });

  it('takes the screen size in pixels from the file and the rest of the geometry from the options', () => {
    const rest = { screenMm: [530, 298], distanceMm: 900 } as const;
    expect(readEye('a.asc', asc(), rest).info.geometry).toEqual({ screenPx: [1920, 1080], ...rest });
    expect(readEye('a.asc', asc({ coords: '0.00 0.00 1920.00 1080.00' }), rest).info.geometry?.screenPx).toEqual([
      1920, 1080,
    ]);
    expect(readEye('a.asc', asc()).info.geometry).toEqual({ screenPx: [1920, 1080] });
    expect(() => readEye('a.asc', asc(), { screenPx: [1024, 768] })).toThrow(
      'was recorded on a screen of 1920x1080 pixels, and --screen-px says 1024x768',
    );
  });

  it('declares a gap between two recordings in one file', () => {
    const rows = rowsBy((i) => both(i < 20 ? i : i + 500));
    expect(
      [...readEye('a.asc', asc({ rows })).blocks()].map(({ firstSample, lostBefore }) => [firstSample, lostBefore]),
    ).toEqual([
      [0, 0],
      [520, 500],
    ]);
  });

  it.each<[string, Asc, RegExp, number?]>([
    ['a rate far from the declared one', { rateHz: '250.00' }, /declares 250 Hz, and its rows come at 1000 Hz/, 40],
    ['time going backwards', { rows: rowsBy((i) => both(i === 30 ? 3 : i)) }, /goes back in time, to 5.003 s/, 40],
    ['a duplicate time', { rows: rowsBy((i) => both(i === 30 ? 29 : i)) }, /repeats the time 5.029 s/, 40],
    [
      'a sample that is cut',
      { rows: rowsBy((i) => (i === 39 ? '5039\t 964.3\t 541' : both(i))) },
      /line 49 is not a sample of 2 eyes: "5039 964.3 541"/,
      39,
    ],
    ['a camera’s coordinates', { samples: 'HREF\tLEFT\tRIGHT' }, /its samples are HREF, expected GAZE/],
    ['samples without an eye', { samples: 'GAZE' }, /names no eye/],
    [
      'eyes that were never seen',
      { rows: rowsBy((i) => `${5000 + i} . . 0.0 . . 0.0 ...`) },
      /none of its 40 samples has valid gaze/,
    ],
  ])('refuses %s; salvage reads the rest', (_, file, message, salvaged) => {
    expect(() => readEye('a.asc', asc(file))).toThrow(message);
    if (salvaged === undefined) expect(() => readEye('a.asc', asc(file), { salvage: true })).toThrow(message);
    else expect(readEye('a.asc', asc(file), { salvage: true }).totalSamples).toBe(salvaged);
  });

  it('refuses a file without samples', () => {
    expect(() => readEye('a.asc', '** CONVERTED FROM a.edf\nMSG 1 hello\n')).toThrow('no SAMPLES line');
    expect(() => readEye('a.asc', asc({ rows: [] }))).toThrow('has no samples of gaze');
  });

  it('throws only AffectEdgeError for random bytes', () => {
    expectOnlyRefusals(
      Buffer.from(asc()),
      (bytes, salvage) => readEye('a.asc', bytes.toString('latin1'), { salvage }),
      300,
    );
  });
});

describeWithData('eye-eyelink-asc', 'readEyeLink on excerpts', () => {
  it.each([
    ['eyelink_binocular_example.asc', 1000, 6, 368],
    ['eyelink_monocular_no_dummy_example.asc', 500, 3, 297],
    ['eyelink_monocular_example.asc', 1000, 3, 16],
    ['eyelink_monocular_2khz_example.asc', 2000, 3, 16],
  ])('%s: %s Hz, %s channels, %s samples', async (name, rateHz, channels, samples) => {
    const recording = await openEyeRecording(testData('eye-eyelink-asc', name));
    expect(recording.info.sampleRateHz).toBe(rateHz);
    expect(recording.info.channels).toHaveLength(channels);
    expect([...recording.blocks()].reduce((sum, { length }) => sum + length, 0)).toBe(samples);
  });
});
