import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEyeRecording } from '../../src/formats/eye-recording.ts';
import { readEye } from './eye-support.ts';

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

  it('refuses what is no eye recording', () => {
    expect(() => readEye('a.edf', '0       X')).toThrow(expect.objectContaining({ code: 'FILE_UNSUPPORTED' }));
    expect(() => readEye('a.asc', '')).toThrow('a.asc: is empty');
    expect(() => readEye('a.csv', both(0), { rateHz: -5 })).toThrow(
      expect.objectContaining({ code: 'RATE_UNSUPPORTED' }),
    );
  });

  it('notices by gaze alone that the eyes are exchanged only where it is beyond doubt', () => {
    // 100 px are 3.2 degrees, 40 px are 1.3.
    expect(readEye('a.csv', both(100), SCREEN).notices).toEqual([
      expect.stringMatching(
        /^the left eye's gaze lies more than 2 degrees right of the right eye's: left and right may be exchanged/,
      ),
    ]);
    for (const apart of [40, 0, -100]) expect(readEye('a.csv', both(apart), SCREEN).notices).toEqual([]);
    expect(readEye('a.csv', both(100)).notices).toEqual([]);
  });
});
