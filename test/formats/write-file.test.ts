import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeError, writeFileAtomic } from '../../src/formats/write-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('writes and replaces a file and leaves no temporary file', async () => {
  const path = join(folder, 'a.json');
  await writeFileAtomic(path, 'first');
  await writeFileAtomic(path, Buffer.from('second'));
  expect(await readFile(path, 'utf8')).toBe('second');
  expect(await readdir(folder)).toEqual(['a.json']);
});

it('names the path and the cause where it cannot write, and leaves no temporary file', async () => {
  await expect(writeFileAtomic(join(folder, 'none', 'a'), '')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  await expect(writeFileAtomic(folder, 'a folder is in the way')).rejects.toMatchObject({ code: 'FILE_INVALID' });
  expect(await readdir(folder)).toEqual([]);
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  expect(writeError('/data/features.npy', full)).toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringContaining('/data/features.npy'),
  });
});
