import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openEyeRecording } from '../../../src/formats/open-recording.ts';
import type { Block } from '../../../src/samples.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { BOTH_EYES, readEye, rowsOf } from '../../support/gaze-files.ts';
import { expectOnlyRefusals } from '../../support/noise.ts';

const HEADER =
  'Time RelTimestamp LEyePos3dx REyePos3dx LGazePos2dx LGazePos2dy LPupilDm LValidity RGazePos2dx RGazePos2dy RPupilDm RValidity';
type Row = Partial<Record<string, number>>;
/** 60 rows, 4 ms apart; `row` returns the values that differ from the usual ones. */
function tobii(row: (i: number) => Row = () => ({}), header = HEADER): string {
  const names = header.split(' ');
  const usual = (i: number): Row => ({
    Time: 5e9 + 4000 * i,
    RelTimestamp: 4 * i,
    LEyePos3dx: -30,
    REyePos3dx: 33,
    LGazePos2dx: 0.5,
    LGazePos2dy: 0.25,
    LPupilDm: 3.5,
    LValidity: 0,
    RGazePos2dx: 0.51,
    RGazePos2dy: 0.25,
    RPupilDm: 3.25,
    RValidity: 0,
  });
  const rows = Array.from({ length: 60 }, (_, i) => {
    const values: Row = { ...usual(i), ...row(i) };
    return names.map((name) => values[name] ?? 1).join('\t');
  });
  return `${[names.join('\t'), ...rows].join('\r\n')}\r\n`;
}
const screen = { screenPx: [2000, 1000] } as const;

describe('readTobii', () => {
  it('reads gaze of both eyes in pixels of the screen, and pupils in millimetres', () => {
    const recording = readEye('a.tsv', tobii(), screen);
    expect(recording).toMatchObject({
      format: 'Tobii',
      totalSamples: 60,
      notices: [],
      info: { sampleRateHz: 250, modality: 'eye' },
    });
    expect(recording.info.channels.map(({ label }) => label)).toEqual(BOTH_EYES);
    expect(rowsOf(recording)[0]).toEqual([1000, 250, 1020, 250, 3.5, 3.25]);
  });

  it('decides by the validity code, not by the values, whether an eye was seen', () => {
    const lost = (i: number): Row =>
      [
        { LValidity: 4, LGazePos2dx: -1, LGazePos2dy: -1, LPupilDm: -1 },
        { RValidity: 2 },
        { RValidity: 1 },
        { LPupilDm: -1 },
      ][i] ?? {};
    expect(rowsOf(readEye('a.tsv', tobii(lost), screen)).slice(0, 4)).toEqual([
      [null, null, 1020, 250, null, 3.25],
      [1000, 250, null, null, 3.5, null],
      [1000, 250, 1020, 250, 3.5, 3.25],
      [1000, 250, 1020, 250, null, 3.25],
    ]);
  });

  it('asks for the screen size', () => {
    expect(() => readEye('a.tsv', tobii())).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('--screen-px') }),
    );
  });

  it('uses the absolute clock where there is no relative one', () => {
    const recording = readEye('a.tsv', tobii(undefined, HEADER.replace('RelTimestamp ', '')), screen);
    expect(recording.info.sampleRateHz).toBe(250);
  });

  it('warns about exchanged eyes by their positions', () => {
    const crossed = readEye(
      'a.tsv',
      tobii(() => ({ LEyePos3dx: 33, REyePos3dx: -30 })),
      screen,
    );
    expect(crossed.notices).toEqual([
      expect.stringMatching(/^the left eye is right of the right eye: left and right may be exchanged/),
    ]);
  });

  it('refuses a header without the needed columns and names them', () => {
    const header = HEADER.replace(' LValidity', '').replace(' RPupilDm', '');
    expect(() => readEye('a.tsv', tobii(undefined, header), screen)).toThrow(
      'its header has no column LValidity, RPupilDm',
    );
  });

  it('refuses one time that goes back', () => {
    const text = tobii((i) => (i === 30 ? { RelTimestamp: 21 } : {}));
    expect(() => readEye('a.tsv', text, screen)).toThrow(/line 32 has the time 0.021 s, out of order/);
    expect(readEye('a.tsv', text, { ...screen, salvage: true }).totalSamples).toBe(60);
  });

  it('refuses a value that is not a number', () => {
    const text = tobii((i) => (i === 3 ? { LPupilDm: 77 } : {})).replace('\t77\t', '\twide\t');
    expect(() => readEye('a.tsv', text, screen)).toThrow('line 5 has "wide" as LPupilDm, expected a number');
    expect(rowsOf(readEye('a.tsv', text, { ...screen, salvage: true }))[3]![4]).toBeNull();
  });

  it('refuses a recording in which no eye was seen', () => {
    const blind = tobii(() => ({ LValidity: 4, RValidity: 4 }));
    expect(() => readEye('a.tsv', blind, screen)).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }));
  });

  it('throws only AffectEdgeError for random bytes', () => {
    expectOnlyRefusals(
      Buffer.from(tobii()),
      (bytes, salvage) => readEye('a.tsv', bytes.toString('latin1'), { ...screen, salvage }),
      200,
    );
  });
});

describeWithData('eye-tobii-tx300', 'readTobii on a TX300', () => {
  const open = (trial: number) =>
    openEyeRecording(testData('eye-tobii-tx300', `participant1_${trial}.tsv`), { screenPx: [1920, 1080] });

  it('gives the published mean pupils of the valid samples', async () => {
    const means = async (trial: number) => {
      const [block] = [...(await open(trial)).blocks(1e5)] as [Block];
      return [4, 5].map((c) => {
        const seen = block.data.subarray(c * block.length, (c + 1) * block.length).filter((mm) => !Number.isNaN(mm));
        return (seen.reduce((a, b) => a + b, 0) / seen.length).toFixed(3);
      });
    };
    const readme = await readFile(testData('eye-tobii-tx300', 'README.md'), 'utf8');
    const stated = [...readme.matchAll(/\b(\d\.\d{3})\/(\d\.\d{3})\b/g)].map(([, left, right]) => [left, right]);
    expect(stated).toHaveLength(5);
    expect(await Promise.all([1, 2, 3, 4, 5].map(means))).toEqual(stated);
  });

  it('adds no notices', async () => {
    const recordings = await Promise.all([1, 2, 3, 4, 5].map(open));
    expect(recordings.flatMap(({ notices }) => notices)).toEqual([]);
    for (const { info } of recordings) expect(info.sampleRateHz).toBeCloseTo(300, 0);
  });
});
