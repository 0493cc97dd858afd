import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOpenGaze } from '../../../src/formats/gaze/open-gaze/message.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { BOTH_EYES, readEye, rowsOf } from '../../support/gaze-files.ts';
import { expectOnlyRefusals } from '../../support/noise.ts';

type Attributes = Record<string, string | number>;
const element = (tag: string, attributes: Attributes) =>
  `<${tag} ${Object.entries(attributes)
    .map(([name, value]) => `${name}="${value}"`)
    .join(' ')} />`;
const usual = (i: number): Attributes => ({
  CNT: i,
  TIME: (100 + i / 60).toFixed(5),
  LPOGX: 0.5,
  LPOGY: 0.25,
  LPOGV: 1,
  RPOGX: 0.51,
  RPOGY: 0.25,
  RPOGV: 1,
  LPMM: 3.5,
  LPMMV: 1,
  RPMM: 3.25,
  RPMMV: 1,
});
/** 40 records at 60 Hz after two acknowledgements. */
function log(record: (i: number) => string = (i) => element('REC', usual(i)), head: readonly string[] = ACKS): string {
  return `${[...head, ...Array.from({ length: 40 }, (_, i) => record(i))].join('\r\n')}\r\n`;
}
const ACKS = [
  element('ACK', { ID: 'SCREEN_SIZE', X: 0, Y: 0, WIDTH: 2000, HEIGHT: 1000 }),
  element('ACK', { ID: 'PRODUCT_ID', VALUE: 'GP3', RATE: 60 }),
];
const changed = (i: number, attributes: Attributes) => element('REC', { ...usual(i), ...attributes });

describe('parseOpenGaze', () => {
  it.each([
    ['<REC CNT="1" TIME="2.5" />', 'REC', { CNT: '1', TIME: '2.5' }],
    ['<ACK ID="CALIBRATE_START" STATE ="1" />\r', 'ACK', { ID: 'CALIBRATE_START', STATE: '1' }],
    ['<UPDATE ACTIVE_ID="1" MAX_ID="2" >', 'UPDATE', { ACTIVE_ID: '1', MAX_ID: '2' }],
    ['<CAL ID=" CALIB_RESULT_PT" PT="2"/>', 'CAL', { ID: ' CALIB_RESULT_PT', PT: '2' }],
    ['<REC KB=" " USER="" />', 'REC', { KB: ' ', USER: '' }],
    ['<REC TIME_TICK="4704405731611246592" />', 'REC', { TIME_TICK: '4704405731611246592' }],
  ])('reads %s', (line, tag, attributes) => {
    const message = parseOpenGaze(line);
    expect(message?.tag).toBe(tag);
    expect(Object.fromEntries(message!.attributes)).toEqual(attributes);
  });

  it('reads attributes in any order', () => {
    const attributes = Object.entries(usual(3)).map(([name, value]) => [name, String(value)] as const);
    fc.assert(
      fc.property(fc.shuffledSubarray(attributes, { minLength: attributes.length }), (order) => {
        expect(new Map(parseOpenGaze(element('REC', Object.fromEntries(order)))!.attributes)).toEqual(
          new Map(attributes),
        );
      }),
    );
  });

  it('refuses every part of a line', () => {
    const line = element('REC', usual(3));
    for (let cut = 0; cut < line.length - 1; cut++) expect(parseOpenGaze(line.slice(0, cut))).toBeUndefined();
    for (let cut = 1; cut < line.length; cut++) expect(parseOpenGaze(line.slice(cut))).toBeUndefined();
  });

  it.each(['', 'REC', '<REC', '<REC CNT="1"', '<REC CNT="1 />', '<REC CNT=1 />', '<REC <REC />', '{"a":1}'])(
    'returns undefined for: %s',
    (line) => void expect(parseOpenGaze(line)).toBeUndefined(),
  );
});

describe('readGazepoint', () => {
  it('reads gaze of both eyes in pixels of the screen that the tracker states, and pupils in millimetres', () => {
    const recording = readEye('a.txt', log());
    expect(recording).toMatchObject({ format: 'Gazepoint', totalSamples: 40, notices: [], info: { sampleRateHz: 60 } });
    expect(recording.info.channels.map(({ label }) => label)).toEqual(BOTH_EYES);
    expect(rowsOf(recording)[0]).toEqual([1000, 250, 1020, 250, 3.5, 3.25]);
  });

  it('reads a value whose flag is 0 as missing', () => {
    const recording = readEye(
      'a.txt',
      log((i) => (i === 1 ? changed(i, { LPOGV: 0, RPMMV: 0 }) : element('REC', usual(i)))),
    );
    expect(rowsOf(recording)[1]).toEqual([null, null, 1020, 250, 3.5, null]);
  });

  it.each([
    ['metres', { LPUPILD: 0.0035, LPUPILV: 1, RPUPILD: 0.00325, RPUPILV: 1 }, 'pupil_left_mm', [3.5, 3.25]],
    ['pixels of the camera', { LPD: 15.5, LPV: 1, RPD: 14.5, RPV: 1 }, 'pupil_left_px', [15.5, 14.5]],
  ])('reads pupils in %s', (_, pupils, label, values) => {
    const gaze = { LPOGX: 0.5, LPOGY: 0.25, LPOGV: 1, RPOGX: 0.51, RPOGY: 0.25, RPOGV: 1 };
    const recording = readEye(
      'a.txt',
      log((i) => element('REC', { TIME: i / 60, ...gaze, ...pupils })),
    );
    expect(recording.info.channels[4]!.label).toBe(label);
    expect(rowsOf(recording)[0]!.slice(4)).toEqual(values);
  });

  it('falls back to the mean of both eyes, then to the filtered gaze with a notice', () => {
    const mean = readEye(
      'a.txt',
      log((i) => element('REC', { TIME: i / 60, BPOGX: 0.5, BPOGY: -0.1, BPOGV: 1, FPOGX: 0, FPOGY: 0, FPOGV: 1 })),
    );
    expect(mean.info.channels.map(({ label }) => label)).toEqual(['x_px', 'y_px']);
    expect(rowsOf(mean)[0]).toEqual([1000, -100]);
    const filtered = readEye(
      'a.txt',
      log((i) => element('REC', { TIME: i / 60, FPOGX: 0.5, FPOGY: 0.5, FPOGV: 1 })),
    );
    expect(filtered.notices).toEqual([expect.stringContaining("the tracker's own filtered gaze (FPOG)")]);
  });

  it('warns about exchanged eyes by their positions', () => {
    const eyes = { LEYEX: 0.04, LPUPILV: 1, REYEX: -0.05, RPUPILV: 1 };
    expect(
      readEye(
        'a.txt',
        log((i) => changed(i, eyes)),
      ).notices,
    ).toEqual([expect.stringContaining('the left eye is right of the right eye: ')]);
  });

  it('asks for the screen size where the tracker does not state it', () => {
    expect(() => readEye('a.txt', log(undefined, []))).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(rowsOf(readEye('a.txt', log(undefined, []), { screenPx: [1000, 500] }))[0]![0]).toBe(500);
  });

  it('leaves out a record that repeats another', () => {
    const recording = readEye(
      'a.txt',
      log((i) => element('REC', usual(i === 20 ? 19 : i))),
    );
    expect(recording.notices).toEqual(['1 row that repeats an earlier one is left out']);
    expect([...recording.blocks()].map(({ firstSample, lostBefore }) => [firstSample, lostBefore])).toEqual([
      [0, 0],
      [21, 1],
    ]);
  });

  it('takes the rate of the times where the tracker reports another, with a notice', () => {
    const recording = readEye('a.txt', log(undefined, [ACKS[0]!, ACKS[1]!.replace('"60"', '"150"')]));
    expect(recording.info.sampleRateHz).toBe(60);
    expect(recording.notices).toEqual([
      '150 Hz is declared, but the time stamps show 60 Hz, which is used. --rate sets another',
    ]);
  });

  it.each<[string, string, RegExp, number?]>([
    [
      'a line cut in the middle',
      log((i) => (i === 20 ? element('REC', usual(i)).slice(0, 60) : element('REC', usual(i)))),
      /line 23 is cut or not closed: "<REC CNT="20"/,
      40,
    ],
    [
      'a line that is not closed',
      log((i) => element('REC', usual(i)).replace(i === 39 ? ' />' : '#', '')),
      /line 42 is cut or not closed/,
      39,
    ],
    [
      'time going backwards',
      log((i) => (i === 20 ? changed(i, { TIME: 99 }) : element('REC', usual(i)))),
      /line 23 has the time 99 s, out of order/,
      40,
    ],
    ['records without gaze', log((i) => element('REC', { CNT: i })), /has no record with gaze/],
    [
      'gaze that is never valid',
      log((i) => changed(i, { LPOGV: 0, RPOGV: 0 })),
      /none of its 40 samples has valid gaze/,
    ],
  ])('refuses %s; salvage reads the rest', (_, text, message, salvaged) => {
    expect(() => readEye('a.txt', text)).toThrow(message);
    if (salvaged === undefined) expect(() => readEye('a.txt', text, { salvage: true })).toThrow(message);
    else expect(readEye('a.txt', text, { salvage: true }).totalSamples).toBe(salvaged);
  });

  it('throws only AffectEdgeError for random bytes', () => {
    expectOnlyRefusals(
      Buffer.from(log()),
      (bytes, salvage) => readEye('a.txt', bytes.toString('latin1'), { salvage }),
      200,
    );
  });
});

describeWithData('eye-gazepoint-api', 'parseOpenGaze on the published examples', () => {
  it('reads every message as expected', async () => {
    const lines = (await readFile(testData('eye-gazepoint-api', 'open_gaze_records.txt'), 'utf8')).trim().split('\r\n');
    const expected = JSON.parse(
      await readFile(testData('eye-gazepoint-api', 'open_gaze_records.expected.json'), 'utf8'),
    );
    const read = lines
      .map((line) => parseOpenGaze(line)!)
      .map(({ tag, attributes }) => ({ tag, attrs: Object.fromEntries(attributes) }));
    expect(read).toEqual(
      expected.map(({ tag, attrs }: { tag: string; attrs: Record<string, string> }) => ({ tag, attrs })),
    );
  });
});
