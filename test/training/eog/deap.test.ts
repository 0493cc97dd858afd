import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eogPreprocessConfigSchema } from '../../../src/preprocess/eog/config.ts';
import { createEogPreprocessor } from '../../../src/preprocess/eog/preprocessor.ts';
import { windowsOf } from '../../../src/preprocess/preprocessor.ts';
import { deapTrials, readDeap } from '../../../training/eog/deap.ts';
import { pickleOf } from '../../support/deap.ts';
import { eogInfo } from '../../support/eog.ts';
import { blockOf, cutEvenly } from '../../support/signals.ts';

const TRIALS = 2;
const CHANNELS = 40;
/** Two windows in the settling, two behind it, and a rest. */
const SAMPLES = 128 * 19 + 50;
/** The value of every sample encodes its position. */
const at = (trial: number, channel: number, sample: number) => trial * 1e6 + channel * 3000 + sample;
const RATINGS = [
  [7.1, 5, 3, 3],
  [5, 5.01, 9, 9],
];

function file(
  changes: { data?: number[]; labels?: number[]; dataShape?: number[]; labelShape?: number[] } = {},
): Buffer {
  const values = Float64Array.from({ length: TRIALS * CHANNELS * SAMPLES }, (_, i) => {
    const sample = i % SAMPLES;
    const channel = Math.floor(i / SAMPLES) % CHANNELS;
    return at(Math.floor(i / (SAMPLES * CHANNELS)), channel, sample);
  });
  return pickleOf({
    labels: { shape: changes.labelShape ?? [TRIALS, 4], values: changes.labels ?? RATINGS.flat() },
    data: { shape: changes.dataShape ?? [TRIALS, CHANNELS, SAMPLES], values: changes.data ?? values },
  });
}

/** hEOG and vEOG as preprocessed for serving, given sample by sample. */
function liveWindows(trial: number) {
  const info = eogInfo(128);
  const block = blockOf(info, SAMPLES, (c, n) => at(trial, 32 + c, n));
  const preprocessor = createEogPreprocessor(eogPreprocessConfigSchema.parse({}), { ...info, railUv: 1e9 });
  return windowsOf(cutEvenly(block, 13).flatMap((piece) => preprocessor.push(piece)));
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deap-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe("DEAP's files", () => {
  it('give windows of the 32 electrodes and, by the live path, of the EOG, and what was rated above 5', () => {
    const { trials, leftOut } = deapTrials(file(), 's07.dat', 7);
    expect(trials).toHaveLength(TRIALS);
    expect(leftOut).toBe(TRIALS * 2);
    for (const [t, trial] of trials.entries()) {
      expect(trial).toMatchObject({ subject: 7, number: t });
      const live = liveWindows(t);
      expect(trial.windows).toHaveLength(2);
      for (const [w, { eeg, eog }] of trial.windows.entries()) {
        const startS = 11 + 4 * w;
        expect(eeg).toHaveLength(32 * 512);
        expect(eeg[0]).toBe(at(t, 0, startS * 128));
        expect(eeg[31 * 512 + 511]).toBe(at(t, 31, (startS + 4) * 128 - 1));
        expect(eog).toStrictEqual(live.find(({ index }) => index === startS)!.values);
      }
    }
    expect(trials.map(({ high }) => high)).toEqual([
      { valence: true, arousal: false },
      { valence: false, arousal: true },
    ]);
  });

  it('are read from their folder in the order of the subjects, others left alone', async () => {
    await writeFile(join(folder, 's12.dat'), file());
    await writeFile(join(folder, 's02.dat'), file());
    await writeFile(join(folder, 'notes.txt'), 'mine');
    const { trials, simulation, description } = await readDeap(folder);
    expect(trials.map(({ subject }) => subject)).toEqual([2, 2, 12, 12]);
    expect(simulation).toBeNull();
    expect(description).toContain('subjects 2, 12');
    expect((await readDeap(join(folder, 's12.dat'))).trials.map(({ subject }) => subject)).toEqual([12, 12]);
  });

  it.each([
    ['no dictionary', Buffer.from('\x80\x02].', 'latin1'), /x: holds no array "data"/],
    ['no labels', pickleOf({ data: { shape: [1], values: [1] } }), /x: holds no array "labels"/],
    [
      'too few channels',
      file({ data: [1, 2], dataShape: [1, 1, 2] }),
      /data has shape \(1, 1, 2\), expected .*40, 40, 8064/,
    ],
    [
      'nothing behind the baseline',
      file({ data: Array(CHANNELS * 384).fill(0) as number[], dataShape: [1, CHANNELS, 384] }),
      /\(1, 40, 384\), expected \(trials, 40, at least 385\)/,
    ],
    [
      'labels of other trials',
      file({ labels: [1, 1, 1, 1], labelShape: [1, 4] }),
      /labels has shape \(1, 4\), expected \(2, 4\)/,
    ],
    [
      'a rating off the scale',
      file({ labels: [1, 1, 1, 1, 1, 9.5, 1, 1] }),
      /trial 1 has arousal 9.5, expected 1 to 9/,
    ],
    ['a rating that is none', file({ labels: [Number.NaN, 1, 1, 1, 1, 1, 1, 1] }), /trial 0 has valence NaN/],
  ])('are refused: %s', (_, bytes, message) => {
    expect(() => deapTrials(bytes, 'x', 1)).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', message: expect.stringMatching(message) }),
    );
  });

  it('are refused where a sample is no number, or too large for one', () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
      const data = new Array<number>(TRIALS * CHANNELS * SAMPLES).fill(0);
      data[(1 * CHANNELS + 33) * SAMPLES + 400] = wrong;
      expect(() => deapTrials(file({ data }), 'x', 1)).toThrow(
        /trial 1, channel 33, sample 400 is .*, no signal in uV/,
      );
    }
  });

  it('are asked for where they are not', async () => {
    await expect(readDeap(join(folder, 'none'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(readDeap(join(folder, 'notes.txt'))).rejects.toThrow(/holds no s01.dat to s32.dat/);
    const large = join(folder, 's31.dat');
    await writeFile(large, '');
    await truncate(large, 257e6);
    await expect(readDeap(large)).rejects.toThrow(/257000000 bytes, and DEAP's have 103 million/);
    await rm(large);
  });
});
