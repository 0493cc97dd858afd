import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../training/loop/checkpoint.ts';

const identity = { config: { seeds: [1], student: { epochs: 40 } }, data: 'abc', backend: 'wasm', code_version: '1' };

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
  path = join(folder, 'checkpoint.bin');
});

afterEach(() => rm(folder, { recursive: true }));

describe('a checkpoint', () => {
  it('is read back bit for bit', async () => {
    const numbers = fc.float32Array({ noNaN: true });
    const state = fc.record({
      step: fc.integer(),
      note: fc.option(fc.string()),
      tensors: fc.array(numbers),
      last: numbers,
    });
    await fc.assert(
      fc.asyncProperty(state, async (written) => {
        await writeCheckpoint(path, { identity, state: written });
        expect(await readCheckpoint(path, identity)).toEqual(written);
      }),
      { numRuns: 25 },
    );
  });

  it('keeps the sign of zero and values that are not finite', async () => {
    const state = { tensor: Float32Array.of(-0, Number.NaN, Number.POSITIVE_INFINITY) };
    await writeCheckpoint(path, { identity, state });
    const { tensor } = await readCheckpoint<typeof state>(path, identity);
    expect([...tensor].map((value) => [value, 1 / value])).toEqual(
      [...state.tensor].map((value) => [value, 1 / value]),
    );
  });

  it('of another run is refused with what differs', async () => {
    await writeCheckpoint(path, { identity, state: {} });
    const asked = { ...identity, backend: 'cpu', config: { seeds: [1, 2], student: { epochs: 20 } } };
    await expect(readCheckpoint(path, asked)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(
        'config.seeds is [1] there, [1,2] asked; config.student.epochs is 40 there, 20 asked; backend is "wasm" there, "cpu" asked',
      ),
    });
  });

  it('that is cut or changed is refused', async () => {
    await writeCheckpoint(path, { identity, state: { tensor: Float32Array.of(1, 2, 3) } });
    const whole = await readFile(path);
    for (const length of [0, 10, 30, 60, whole.length - 1]) {
      await writeFile(path, whole.subarray(0, length));
      await expect(readCheckpoint(path, identity), `${length} bytes`).rejects.toMatchObject({ code: 'FILE_INVALID' });
    }
    for (const at of [3, 40, 62, 100, whole.length - 1]) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1;
      await writeFile(path, changed);
      await expect(readCheckpoint(path, identity), `byte ${at}`).rejects.toMatchObject({ code: 'FILE_INVALID' });
    }
  });

  it('that is missing is named', async () => {
    await expect(readCheckpoint(path, identity)).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringContaining(path),
    });
  });
});
