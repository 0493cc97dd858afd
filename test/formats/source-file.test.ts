import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '../../src/formats/open-recording.ts';
import { readSourceFile } from '../../src/formats/source-file.ts';
import { toUtf8 } from '../../src/formats/text-encoding.ts';
import { writeEdf } from '../support/recording-writers.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'source-file-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function save(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const big = (text: string) => Buffer.from(text, 'utf16le').swap16();
const csv = `time,Fp1 (\u00b5V),Cz\n${Array.from({ length: 50 }, (_, i) => `${i / 100},${i % 7},2`).join('\r\n')}\n`;
const gaze = `time_s,x_px,y_px\n${Array.from({ length: 50 }, (_, i) => `${i / 100},${400 + (i % 7)},300`).join('\n')}\n`;
const edf = writeEdf({ signals: [{ label: 'Fp1', records: [[1, 2, 3, 4]] }] });

describe('a packed file', () => {
  it.each([
    ['a.csv.gz', csv, 'CSV', 'eeg'],
    ['a.txt.gz', csv, 'CSV', 'eeg'],
    ['A.CSV.GZ', csv, 'CSV', 'eeg'],
    ['a.edf.gz', edf, 'EDF', 'eeg'],
    ['a.gz', edf, 'EDF', 'eeg'],
    ['gaze.csv.gz', gaze, 'CSV', 'eye'],
  ])('of gzip is unpacked: %s', async (name, content, format, modality) => {
    const { path, info, ...packed } = await openRecording(await save(name, gzipSync(content)));
    const plain = await openRecording(await save(`plain-${name.replace(/\.gz$/i, '')}`, content));
    expect([packed.format, info.modality, info]).toEqual([format, modality, plain.info]);
    expect([...packed.blocks()].map((b) => b.data)).toEqual([...plain.blocks()].map((b) => b.data));
    expect(path).toBe(join(folder, name));
  });

  it('is refused where it is cut or damaged at any place, or unpacks to too much', async () => {
    const packed = gzipSync(csv);
    for (let length = 3; length < packed.length; length += 7) {
      const path = await save('cut.csv.gz', packed.subarray(0, length));
      await expect(readSourceFile(path)).rejects.toMatchObject({
        code: 'FILE_INVALID',
        message: expect.stringMatching(/cut\.csv\.gz: its gzip packing is damaged or cut/),
      });
    }
    const damaged = Buffer.from(packed);
    damaged[packed.length - 6]! ^= 255;
    await expect(readSourceFile(await save('bad.csv.gz', damaged))).rejects.toThrow(/damaged or cut/);
    const bomb = await save('bomb.csv.gz', gzipSync(Buffer.alloc(2 ** 22)));
    await expect(readSourceFile(bomb, 2 ** 20)).rejects.toMatchObject({
      code: 'FILE_UNSUPPORTED',
      message: expect.stringMatching(/unpacks to more than 0\.\d+ GiB/),
    });
    expect((await readSourceFile(bomb)).bytes).toHaveLength(2 ** 22);
  });
});

describe('text', () => {
  it.each([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${csv}`)],
    ['UTF-16 LE with a mark', Buffer.from(`\ufeff${csv}`, 'utf16le')],
    ['UTF-16 BE with a mark', big(`\ufeff${csv}`)],
    ['UTF-16 LE without a mark', Buffer.from(csv, 'utf16le')],
    ['UTF-16 BE without a mark', big(csv)],
    ['Latin-1', Buffer.from(csv, 'latin1')],
  ])('may be %s', async (_, bytes) => {
    const { info, notices, blocks } = await openRecording(await save('text.csv', bytes));
    expect(info.channels.map((c) => c.label)).toEqual(['Fp1', 'Cz']);
    expect([info.sampleRateHz, notices]).toEqual([100, []]);
    expect([...blocks(50)][0]!.data.slice(0, 3)).toEqual(Float32Array.of(0, 1, 2));
  });

  it('of UTF-16 equals the same in UTF-8; other bytes are not changed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        for (const bytes of [Buffer.from(`\ufeffa${text}`, 'utf16le'), big(`\ufeffa${text}`)])
          expect(toUtf8(bytes).toString()).toBe(`a${text}`);
      }),
    );
    for (const bytes of [edf, Buffer.from(csv), Buffer.alloc(600), Buffer.from('XDF:\0\0\0\0')])
      expect(toUtf8(bytes)).toBe(bytes);
  });
});
