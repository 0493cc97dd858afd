import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EyeRecordingOptions } from '../../../src/formats/gaze/recording.ts';
import { openEyeRecording } from '../../../src/formats/open-recording.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { readEye } from '../../support/gaze-files.ts';

const SCREEN = { screenPx: [1024, 768], screenMm: [380, 300], distanceMm: 670 } as const;
/** Gaze of both eyes on the screen's centre, the left one `apart` pixels right of the right one. */
const both = (apart: number) =>
  `t_ms,x_left_px,y_left_px,x_right_px,y_right_px\n${Array.from({ length: 40 }, (_, i) => `${i * 4},${512 + apart},384,512,384`).join('\n')}`;

describe('openEyeRecording', () => {
  it('reads a file, in blocks of any length', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'affect-edge-eye-'));
    try {
      await writeFile(join(folder, 'a.csv'), both(0));
      const recording = await openEyeRecording(join(folder, 'a.csv'), SCREEN);
      expect([...recording.blocks(7)].map(({ firstSample, length }) => [firstSample, length]).at(-1)).toEqual([35, 5]);
      expect(recording.info.geometry).toEqual(SCREEN);
    } finally {
      await rm(folder, { recursive: true });
    }
    await expect(openEyeRecording(join(folder, 'a.csv'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('refuses files that are not eye recordings', () => {
    expect(() => readEye('a.edf', '0       X')).toThrow(expect.objectContaining({ code: 'FILE_UNSUPPORTED' }));
    expect(() => readEye('a.asc', '')).toThrow('a.asc: is empty');
    expect(() => readEye('a.csv', both(0), { rateHz: -5 })).toThrow(
      expect.objectContaining({ code: 'RATE_UNSUPPORTED' }),
    );
  });

  it('warns about exchanged eyes by gaze only above 2 degrees', () => {
    // 100 px are 3.2 degrees, 40 px are 1.3.
    expect(readEye('a.csv', both(100), SCREEN).notices).toEqual([
      expect.stringMatching(
        /^the left eye's gaze lies more than 2 degrees right of the right eye's: left and right may be exchanged/,
      ),
    ]);
    for (const apart of [40, 0, -100]) expect(readEye('a.csv', both(apart), SCREEN).notices).toEqual([]);
    expect(readEye('a.csv', both(100)).notices).toEqual([]);
  });

  it('warns where most of the gaze is outside the screen', () => {
    const gaze = (inside: number) =>
      `t_ms,x_px,y_px\n${Array.from({ length: 40 }, (_, i) => (i < inside ? `${i * 4},99,5` : `${i * 4},500,${i}`)).join('\n')}\n160,,`;
    const small = { ...SCREEN, screenPx: [300, 240] } as const;
    expect(readEye('a.csv', gaze(19), small).notices).toEqual([
      '53 % of the gaze is outside the screen of 300x240 pixels: is --screen-px right?',
    ]);
    expect(readEye('a.csv', gaze(20), small).notices).toEqual([]);
    expect(readEye('a.csv', gaze(19), { screenPx: small.screenPx }).notices).toHaveLength(1);
    expect(readEye('a.csv', gaze(19)).notices).toEqual([]);
    expect(readEye('a.csv', gaze(19).replace('x_px,y_px', 'x_deg,y_deg'), small).notices).toEqual([]);
  });

  it('does not question --screen-px where gaze is a fraction of the screen', () => {
    const record = (i: number) => `<REC TIME="${i / 60}" BPOGX="1.5" BPOGY="0.5" BPOGV="1" />`;
    const log = Array.from({ length: 40 }, (_, i) => record(i)).join('\n');
    expect(readEye('a.txt', log, SCREEN).notices).toEqual([
      '100 % of the gaze is outside the screen of 1024x768 pixels: was the tracker calibrated on this screen?',
    ]);
  });

  it.each([
    [
      'centimetres as --screen-mm',
      { screenMm: [38, 30] },
      [
        /^a pixel is 0\.037 mm large .*is --screen-mm in cm\?$/,
        /is 3\.2 degrees wide .*is --screen-mm in cm, or --distance-mm too large\?$/,
      ],
    ],
    [
      'centimetres as --distance-mm',
      { distanceMm: 67 },
      [/^a screen 380 mm wide at 67 mm is 141\.2 degrees wide .*is --distance-mm in cm\?$/],
    ],
    ['centimetres as both', { screenMm: [38, 30], distanceMm: 67 }, [/^a pixel is 0\.037 mm large/]],
    [
      'micrometres',
      { screenMm: [380_000, 300_000], distanceMm: 670_000 },
      [/^a pixel is 3\.7e\+2 mm large .*is --screen-mm in another unit than mm\?$/],
    ],
    ['a telephone', { screenPx: [2556, 1179], screenMm: [141, 65], distanceMm: 350 }, []],
    ['a wall', { screenPx: [1920, 1080], screenMm: [2400, 1350], distanceMm: 3000 }, []],
  ] as const)('warns about implausible screen sizes: %s', (_, sizes, notices) => {
    const found = readEye('a.csv', both(0), { ...SCREEN, ...sizes }).notices;
    expect(found).toEqual(notices.map((notice) => expect.stringMatching(notice)));
    expect(readEye('a.csv', both(0).replaceAll('_px', '_deg'), { ...SCREEN, ...sizes }).notices.join()).not.toMatch(
      /mm|pixel/,
    );
  });

  it('reports how much time is missing in gaps that are too long to be filled', () => {
    const rows = (...gapsMs: number[]) => {
      let time = 0;
      return `t_ms,x_px,y_px\n${[...gapsMs, 0]
        .flatMap((gapMs) => {
          const part = Array.from({ length: 250 }, (_unused, i) => `${time + i * 4},500,300`);
          time += 1000 + gapMs;
          return part;
        })
        .join('\n')}`;
    };
    expect(readEye('a.csv', rows(76)).notices).toEqual([
      '0.1 s of 2.1 s are missing, in 1 gap of more than 75 ms, after 1.0 s',
    ]);
    expect(readEye('a.csv', rows(72, 40)).notices).toEqual([]);
    expect(readEye('a.csv', rows(6000, 72, 400)).notices).toEqual([
      '6.4 s of 10.5 s are missing, in 2 gaps of more than 75 ms, the longest of 6.0 s after 1.0 s',
    ]);
    expect(readEye('a.csv', rows(6000), { rateHz: 250 }).notices.join()).not.toContain('missing');
  });
});

describeWithData('eye-lund2013', 'notices about real recordings', () => {
  const TX300 = { screenPx: [1920, 1080], screenMm: [509.174, 286.411], distanceMm: 650 } as const;
  const EYELINK = { screenMm: [530, 298], distanceMm: 900 } as const;
  const noticesOf = async (file: string, options: EyeRecordingOptions) =>
    (await openEyeRecording(file, options)).notices;

  it('does not warn about the right screen', async () => {
    const lund = testData('eye-lund2013', 'participants_T');
    const files: [string, EyeRecordingOptions][] = [
      ...(await readdir(lund)).map((name): [string, EyeRecordingOptions] => [
        join(lund, name),
        { ...SCREEN, rateHz: 500 },
      ]),
      ...[1, 2, 3, 4, 5].map((trial): [string, EyeRecordingOptions] => [
        testData('eye-tobii-tx300', `participant1_${trial}.tsv`),
        TX300,
      ]),
      ...(await readdir(testData('eye-eyelink-asc')))
        .filter((name) => name.endsWith('.asc'))
        .map((name): [string, EyeRecordingOptions] => [testData('eye-eyelink-asc', name), EYELINK]),
      [testData('eye-gazepoint-api', 'open_gaze_records.txt'), { ...TX300, screenPx: [1920, 1080] }],
    ];
    for (const [file, options] of files)
      expect((await noticesOf(file, options)).join(), file).not.toMatch(/screen|pixel/);
  });

  it('warns about a wrong screen and about missing time between excerpts', async () => {
    const trial = testData('eye-lund2013', 'participants_T', 'img_TL20_img_konijntjes.csv');
    expect(await noticesOf(trial, { ...SCREEN, screenPx: [100, 100], rateHz: 500 })).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\d+ % of the gaze is outside the screen of 100x100 pixels/)]),
    );
    expect(await noticesOf(testData('eye-eyelink-asc', 'eyelink_monocular_2khz_example.asc'), EYELINK)).toContainEqual(
      expect.stringMatching(/^184\.6 s of 184\.7 s are missing, in 2 gaps of more than 75 ms, the longest of \d/),
    );
  });
});
