import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAffectEdgeError } from '../../src/errors.ts';
import { parseEeg } from '../../src/formats/eeg/recording.ts';
import { openEegRecording } from '../../src/formats/open-recording.ts';
import type { Block } from '../../src/samples.ts';
import { describeWithData, testData } from '../support/data.ts';
import { writeEdf, xdf } from '../support/recording-writers.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recording-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function save(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** Two channels at 10 Hz; 30 rows, 25 samples lost after the first 10 and 3 after the next 10. */
const gappy = writeEdf({
  plus: 'D',
  signals: [0, 1].map((c) => ({
    label: c === 0 ? 'Fp1' : 'Fp2',
    physical: [-1000, 1000] as const,
    digital: [-1000, 1000] as const,
    records: [0, 1, 2].map((r) => Array.from({ length: 10 }, (_, i) => (c === 0 ? 1 : -1) * (10 * r + i))),
  })),
  annotations: ['+0\x14\x14\0', '+3.5\x14\x14\0', '+4.8\x14\x14\0+5\x14end\x14\0'],
});

const amp = { id: 1, name: 'amp', format: 'float32', channels: 1 };
const xdfOf = (rateHz: number) =>
  xdf.file(xdf.header({ ...amp, rateHz }), xdf.samples(amp, [[1], [2]], [0, undefined]), xdf.footer(1, 2));

/** Two rows of a Cyton. */
const openBci =
  '%OpenBCI Raw EEG Data\n%Number of channels = 8\n%Sample Rate = 250.0 Hz\n' +
  [0, 1]
    .map((i) => `${[i, ...Array(8).fill('0.00'), '0.0, 0.0, 0.0, 12:00:53.329', 1557936053000 + 4 * i].join(', ')}\n`)
    .join('');

describe('a recording', () => {
  it('is cut into blocks of any length, and the sample index counts the samples lost between them', async () => {
    const recording = await openEegRecording(await save('gaps.edf', gappy));
    expect(recording).toMatchObject({ format: 'EDF', totalSamples: 30 + 25 + 3 });
    expect(recording.info).toMatchObject({ modality: 'eeg', sampleRateHz: 10, simulated: false });
    expect(recording.markers).toEqual([{ label: 'end', sample: 50 }]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (blockSamples) => {
        const blocks: Block[] = [...recording.blocks(blockSamples)];
        let next = 0;
        const channels: number[][] = [[], []];
        for (const block of blocks) {
          expect(block.firstSample).toBe(next + block.lostBefore);
          expect(block.length).toBeLessThanOrEqual(blockSamples);
          expect([block.deviceTimeUs, block.hostTimeUs]).toEqual(Array(2).fill(block.firstSample * 1e5));
          for (const c of [0, 1]) channels[c]!.push(...block.data.subarray(c * block.length, (c + 1) * block.length));
          next = block.firstSample + block.length;
        }
        expect(next).toBe(recording.totalSamples);
        expect(channels[0]).toEqual(Array.from({ length: 30 }, (_, i) => i));
        expect(channels[1]).toEqual(Array.from({ length: 30 }, (_, i) => (i === 0 ? 0 : -i)));
        expect(blocks.filter((b) => b.lostBefore > 0).map((b) => [b.firstSample, b.lostBefore])).toEqual([
          [35, 25],
          [48, 3],
        ]);
      }),
    );
  });

  it('takes the labels of a montage with the right length', async () => {
    const path = await save('montage.edf', gappy);
    const { info } = await openEegRecording(path, { montage: ['O1', 'O2'] });
    expect(info.channels.map((c) => c.label)).toEqual(['O1', 'O2']);
    await expect(openEegRecording(path, { montage: ['O1'] })).rejects.toThrow(
      /montage has 1 labels and the file 2 channels \(Fp1, Fp2\)/,
    );
  });

  it.each([['EDF', 'own.edf', gappy, '10 Hz']])(
    'refuses another rate than the stated one: %s',
    async (_, name, content, stated) => {
      const path = await save(name, content);
      expect((await openEegRecording(path)).info.sampleRateHz).toBe(Number.parseInt(stated, 10));
      const error: unknown = await openEegRecording(path, { rateHz: 500 }).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringMatching(/leave --rate out/) });
      expect((error as Error).message).toContain(`${path}: `);
      expect((error as Error).message).toContain(stated);
    },
  );

  it('has streams to choose from only in XDF', async () => {
    for (const [name, content] of [
      ['own.edf', gappy],
      ['own.txt', openBci],
      ['own.csv', 'time,Cz\n0,1\n0.01,2\n'],
    ] as const) {
      await expect(openEegRecording(await save(name, content), { stream: 'amp' })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/no streams.*"amp".*leave --stream out/),
      });
    }
    expect((await openEegRecording(await save('own.xdf', xdfOf(100)), { stream: 'amp' })).format).toBe('XDF');
  });

  it('names the assumed electrodes of an OpenBCI file without a montage', async () => {
    const path = await save('assumed.txt', openBci);
    expect((await openEegRecording(path)).notices).toEqual([
      "the file names no electrodes: FP1 FP2 C3 C4 P7 P8 O1 O2 are assumed (OpenBCI's default); use --montage to change them",
    ]);
    const montage = ['F7', 'F8', 'C3', 'C4', 'P7', 'P8', 'O1', 'O2'];
    expect((await openEegRecording(path, { montage })).notices).toEqual([]);
  });

  it('is recognised by its content before its extension', async () => {
    expect((await openEegRecording(await save('a.txt', gappy))).format).toBe('EDF');
    expect((await openEegRecording(await save('b.csv', 'time,Cz\n0,1\n0.01,2\n'))).format).toBe('CSV');
  });

  it.each([
    ['none.edf', undefined, 'FILE_NOT_FOUND', /no such file/],
    ['empty.edf', '', 'FILE_INVALID', /is empty/],
    ['photo.jpg', 'JFIF', 'FILE_UNSUPPORTED', /Supported are, of EEG and EOG, EDF, EDF\+, .*XDF.*; of gaze, .*EyeLink/],
    ['cut.xdfz', '\x1f\x8b\x08', 'FILE_INVALID', /its gzip packing is damaged or cut/],
    ['zip.csv', 'PK\x03\x04', 'FILE_UNSUPPORTED', /is a zip archive: unpack it first/],
    ['wrong.xdf', 'something', 'FILE_INVALID', /does not begin with "XDF:"/],
  ])('that cannot be read is refused: %s', async (name, content, code, message) => {
    const path = content === undefined ? join(folder, name) : await save(name, Buffer.from(content, 'latin1'));
    const error: unknown = await openEegRecording(path).catch((e: unknown) => e);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect((error as Error).message).toContain(path);
  });

  it('that is a folder is refused', async () => {
    await expect(openEegRecording(folder)).rejects.toThrow(/is a folder/);
  });

  it('with random bytes after any magic number throws only AffectEdgeError', () => {
    const magic = fc.constantFrom('XDF:', '\xffBIOSEMI', '0       ', '%OpenBCI\n', 'time,Cz\n', '');
    const name = fc.constantFrom('a.edf', 'a.xdf', 'a.csv', 'a.txt', 'a');
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 600 }), name, fc.boolean(), (start, noise, path, salvage) => {
        const bytes = Buffer.concat([Buffer.from(start, 'latin1'), noise]);
        try {
          parseEeg({ path, bytes }, { salvage });
        } catch (error) {
          if (!isAffectEdgeError(error)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describeWithData('eeg-openbci-cyton', 'a Cyton recording', () => {
  it('has every sample either read or counted as lost', async () => {
    const recording = await openEegRecording(testData('eeg-openbci-cyton', 'OpenBCI_2016-02-13_Jordan_focus.txt'));
    let rows = 0;
    let lost = 0;
    for (const block of recording.blocks()) {
      rows += block.length;
      lost += block.lostBefore;
    }
    expect([rows, lost, recording.totalSamples]).toEqual([30647, 365, 30647 + 365]);
    expect(recording.info.railUv).toBe(187500);
  });
});
