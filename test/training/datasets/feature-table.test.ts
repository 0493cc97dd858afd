import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type NpyData, readNpy, writeNpy } from '../../../src/formats/arrays/npy.ts';
import { BCMI_BANDS, eegPreprocessConfigSchema } from '../../../src/preprocess/eeg/config.ts';
import { eyePreprocessConfigSchema } from '../../../src/preprocess/eye/config.ts';
import {
  holdsFeatureTable,
  readFeatureTable,
  requireMethod,
  selectElectrodes,
  writeFeatureTable,
} from '../../../training/datasets/feature-table.ts';
import { pairedBlobs } from '../../support/paired-table.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feature-table-'));
});
afterAll(() => rm(folder, { recursive: true }));

const SMALL = { subjects: 2, sessions: 2, trials: 3, windows: 2 };
const FILES = ['eeg.npy', 'eye.npy', 'label.npy', 'meta.json', 'session.npy', 'subject.npy', 'trial.npy'];

describe('a feature table', () => {
  it('is read as it was written, with any content', async () => {
    const shape = fc.record({
      subjects: fc.integer({ min: 1, max: 3 }),
      sessions: fc.integer({ min: 1, max: 3 }),
      trials: fc.integer({ min: 2, max: 4 }),
      windows: fc.integer({ min: 1, max: 3 }),
      classes: fc.integer({ min: 2, max: 4 }),
      meta: fc.record(
        {
          description: fc.string({ minLength: 1 }),
          method: fc.constantFrom('fft' as const, 'bcmi' as const),
          eye_method: fc.constantFrom('causal-30s' as const, 'seed-trial' as const),
          causal: fc.boolean(),
          preset: fc.string(),
          within_train_trials: fc.constant(1),
        },
        { requiredKeys: ['within_train_trials'] },
      ),
    });
    await fc.assert(
      fc.asyncProperty(shape, async (options) => {
        const table = pairedBlobs(options);
        const dir = join(folder, 'round');
        await writeFeatureTable(dir, table);
        expect(await readFeatureTable(dir)).toEqual(table);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    [
      'bands',
      { preprocess: eegPreprocessConfigSchema.parse({ montage: ['FP1', 'FP2', 'T7', 'T8'], bands: BCMI_BANDS }) },
    ],
    [
      'method',
      { preprocess: eegPreprocessConfigSchema.parse({ montage: ['FP1', 'FP2', 'T7', 'T8'], method: 'bcmi' }) },
    ],
    ['montage', { preprocess: eegPreprocessConfigSchema.parse({ montage: ['FP2', 'FP1', 'T7', 'T8'] }) }],
    ['eye_method', { eye_method: 'seed-trial' as const, eye_preprocess: eyePreprocessConfigSchema.parse({}) }],
    ['eye_preprocess.window_s', { eye_preprocess: eyePreprocessConfigSchema.parse({ window_s: 2 }) }],
  ])('is refused where its preprocessing says otherwise: %s', async (field, meta) => {
    const dir = join(folder, `says ${field}`);
    await writeFeatureTable(dir, pairedBlobs());
    const path = join(dir, 'meta.json');
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...meta }));
    await expect(readFeatureTable(dir)).rejects.toThrow(new RegExp(`meta.json: ${field} is `));
  });

  it('is refused where its eye features are not as many as its preprocessing says', async () => {
    const dir = join(folder, 'says 31');
    await writeFeatureTable(dir, pairedBlobs());
    const path = join(dir, 'meta.json');
    const eye_preprocess = eyePreprocessConfigSchema.parse({ features: 31 });
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), eye_preprocess }));
    await expect(readFeatureTable(dir)).rejects.toThrow(/eye.npy: shape is .*31\): eye_preprocess.features/);
  });

  it('is a folder of these files and no others', async () => {
    const dir = join(folder, 'whole', 'made on the way');
    expect(holdsFeatureTable(dir)).toBe(false);
    await writeFeatureTable(dir, pairedBlobs(SMALL));
    expect((await readdir(dir)).sort()).toEqual(FILES);
    expect(holdsFeatureTable(dir)).toBe(true);
  });

  it('of NumPy, in any of its number types, is read', async () => {
    // import base64, io, numpy as np
    // def b(a): f = io.BytesIO(); np.save(f, a); return base64.b64encode(f.getvalue()).decode()
    // b(np.arange(12).reshape(3, 4) / 4); b(np.arange(93).reshape(3, 31).astype('f4')); b(np.array([0, 0, 1], 'u1'))
    // b(np.full(3, -7)); b(np.array([1., 1, 2])); b(np.array([0, 0, 1], 'i2'))
    const head = 'k05VTVBZAQB2AHsnZGVzY3InOiAn';
    const tail = 'JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMs';
    const numpy = {
      'eeg.npy': `${head}PGY4${tail}IDQpLCB9${'ICAg'.repeat(19)}IAoAAAAAAAAAAAAAAAAAANA/AAAAAAAA4D8AAAAAAADoPwAAAAAAAPA/AAAAAAAA9D8AAAAAAAD4PwAAAAAAAPw/AAAAAAAAAEAAAAAAAAACQAAAAAAAAARAAAAAAAAABkA=`,
      'label.npy': `${head}fHUx${tail}KSwgfSAg${'ICAg'.repeat(19)}IAoAAAE=`,
      'subject.npy': `${head}PGk4${tail}KSwgfSAg${'ICAg'.repeat(19)}IAr5//////////n/////////+f////////8=`,
      'session.npy': `${head}PGY4${tail}KSwgfSAg${'ICAg'.repeat(19)}IAoAAAAAAADwPwAAAAAAAPA/AAAAAAAAAEA=`,
      'trial.npy': `${head}PGky${tail}KSwgfSAg${'ICAg'.repeat(19)}IAoAAAAAAQA=`,
    };
    const dir = join(folder, 'numpy');
    await mkdir(dir);
    for (const [name, base64] of Object.entries(numpy)) await writeFile(join(dir, name), Buffer.from(base64, 'base64'));
    const eye = Float32Array.from({ length: 93 }, (_, i) => i);
    await writeFile(join(dir, 'eye.npy'), writeNpy({ shape: [3, 31], data: eye }));
    const meta = {
      schema: 'feature-table/1',
      montage: ['C3', 'C4'],
      bands: [
        ['alpha', 8, 13],
        ['beta', 14, 30],
      ],
      method: 'fft',
      smoothing: 'none',
      causal: true,
      simulated: false,
      classes: ['calm', 'tense'],
      trials_per_session: 2,
      within_train_trials: 1,
    };
    await writeFile(join(dir, 'meta.json'), JSON.stringify(meta));
    const table = await readFeatureTable(dir);
    expect(table).toMatchObject({ meta, eeg: { width: 4 }, eye: { width: 31, values: eye } });
    expect(Array.from(table.eeg.values)).toEqual(Array.from({ length: 12 }, (_, i) => i / 4));
    const { labels, subjects, trials } = table.eye;
    expect([labels, subjects, table.sessions, table.sessionTrials, trials].map((column) => Array.from(column))).toEqual(
      [
        [0, 0, 1],
        [-7, -7, -7],
        [1, 1, 2],
        [0, 0, 1],
        [0, 0, 1],
      ],
    );
  });

  it('has a fingerprint of its values and its metadata', async () => {
    const table = pairedBlobs(SMALL);
    const fingerprints = [
      table,
      pairedBlobs({ ...SMALL, meta: { causal: false } }),
      pairedBlobs({ ...SMALL, classes: 3 }),
      pairedBlobs({ ...SMALL, windows: 3 }),
      selectElectrodes(table, ['FP1']),
    ].map(({ fingerprint }) => fingerprint);
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
    expect(pairedBlobs(SMALL).fingerprint).toBe(table.fingerprint);
    // The order of the keys in meta.json does not matter.
    const dir = join(folder, 'order');
    await writeFeatureTable(dir, table);
    const path = join(dir, 'meta.json');
    const keys = Object.entries(JSON.parse(await readFile(path, 'utf8')));
    await writeFile(path, JSON.stringify(Object.fromEntries(keys.reverse())));
    expect((await readFeatureTable(dir)).fingerprint).toBe(table.fingerprint);
  });
});

describe('a feature table is refused', () => {
  let dir: string;
  beforeEach(async () => {
    dir = join(folder, 'spoiled');
    await rm(dir, { recursive: true, force: true });
    await writeFeatureTable(dir, pairedBlobs(SMALL));
  });
  const ROWS = 24;

  const put = (name: string, shape: number[], data: NpyData) => writeFile(join(dir, name), writeNpy({ shape, data }));
  async function edit(name: string, row: number, value: number): Promise<void> {
    const { shape, data } = readNpy(await readFile(join(dir, name)), name);
    const values = Float64Array.from(data as Float32Array);
    values[row] = value;
    await put(name, [...shape], values);
  }
  async function editMeta(change: Record<string, unknown>): Promise<void> {
    const path = join(dir, 'meta.json');
    const meta = { ...JSON.parse(await readFile(path, 'utf8')), ...change };
    await writeFile(path, JSON.stringify(meta));
  }

  it.each<[what: string, spoil: () => Promise<unknown>, code: string, says: RegExp]>([
    [
      'whose folder is missing',
      () => rm(dir, { recursive: true }),
      'FILE_NOT_FOUND',
      /spoiled does not exist.*prepare/,
    ],
    [
      'that misses a file',
      () => rm(join(dir, 'eye.npy')),
      'FILE_NOT_FOUND',
      /eye\.npy is missing.*trial\.npy and meta/,
    ],
    [
      'that misses meta.json',
      () => rm(join(dir, 'meta.json')),
      'FILE_NOT_FOUND',
      /meta\.json is missing.*the last to be/,
    ],
    [
      'of a file that is a folder',
      async () => {
        await rm(join(dir, 'eeg.npy'));
        await mkdir(join(dir, 'eeg.npy'));
      },
      'FILE_INVALID',
      /eeg\.npy can't be read/,
    ],
    [
      'of a file that is no array',
      () => writeFile(join(dir, 'label.npy'), 'x'),
      'FILE_INVALID',
      /label\.npy: is not a \.npy file/,
    ],
    [
      'whose meta.json is no JSON',
      () => writeFile(join(dir, 'meta.json'), '{'),
      'FILE_INVALID',
      /meta\.json is no JSON/,
    ],
    [
      'with an unknown key',
      () => editMeta({ bandz: 1 }),
      'DATA_INVALID',
      /meta\.json: .*"bandz".*known: .*trials_per_session/,
    ],
    ['without a key', () => editMeta({ classes: undefined }), 'DATA_INVALID', /meta\.json: classes is missing/],
    ['of an unknown method', () => editMeta({ method: 'psd' }), 'DATA_INVALID', /method is "psd"/],
    [
      'that names an electrode twice',
      () => editMeta({ montage: ['T3', 'CZ', 'T7', 'PZ'] }),
      'DATA_INVALID',
      /T7 twice/,
    ],
    ['that names a class twice', () => editMeta({ classes: ['calm', 'calm'] }), 'DATA_INVALID', /"calm" twice/],
    [
      'whose trials count from 1',
      () => put('trial.npy', [ROWS], new Int32Array(ROWS).fill(1)),
      'DATA_INVALID',
      /the lowest trial is 1: trials count from 0.*subtract 1/,
    ],
    [
      'that is what `features` writes of a recording',
      () => writeFile(join(dir, 'features.npy'), ''),
      'DATA_INVALID',
      /features of one recording.*eeg\.npy/,
    ],
    [
      'of another schema',
      () => editMeta({ schema: 'feature-table/2' }),
      'DATA_INVALID',
      /schema is "feature-table\/2"/,
    ],
    [
      'that leaves no trial to test',
      () => editMeta({ within_train_trials: 3 }),
      'DATA_INVALID',
      /within_train_trials is 3 of 3/,
    ],
    [
      "whose width is another montage's",
      () => editMeta({ montage: ['CZ'], preprocess: undefined }),
      'DATA_INVALID',
      /eeg\.npy: shape is \(24, 20\), expected \(24, 5\).*1 electrodes x 5 bands/,
    ],
    [
      'of 32 eye features',
      () => put('eye.npy', [ROWS, 32], new Float32Array(ROWS * 32)),
      'DATA_INVALID',
      /eye\.npy: shape is \(24, 32\), expected \(24, 33\): eye_preprocess.features/,
    ],
    [
      'with fewer eye rows',
      () => put('eye.npy', [23, 33], new Float32Array(23 * 33)),
      'DATA_INVALID',
      /eye\.npy: shape is \(23, 33\), expected \(24, 33/,
    ],
    [
      'with more labels',
      () => put('label.npy', [25], new Int32Array(25)),
      'DATA_INVALID',
      /label\.npy: shape is \(25,\), expected \(24,\)/,
    ],
    [
      'with labels in a column',
      () => put('label.npy', [ROWS, 1], new Int32Array(ROWS)),
      'DATA_INVALID',
      /label\.npy: shape is \(24, 1\)/,
    ],
    [
      'of EEG in three dimensions',
      () => put('eeg.npy', [ROWS, 4, 5], new Float32Array(ROWS * 20)),
      'DATA_INVALID',
      /eeg\.npy: shape is \(24, 4, 5\)/,
    ],
    ['with NaN', () => edit('eeg.npy', 3 * 20 + 7, Number.NaN), 'DATA_INVALID', /eeg\.npy: row 3, column 7 is NaN/],
    [
      'with infinity',
      () => edit('eye.npy', 33 + 2, Number.NEGATIVE_INFINITY),
      'DATA_INVALID',
      /eye\.npy: row 1, column 2 is -Infinity/,
    ],
    [
      'with more than float32 holds',
      () => edit('eye.npy', 5, 1e300),
      'DATA_INVALID',
      /eye\.npy: row 0, column 5 is 1e\+300/,
    ],
    [
      'with a label that is no class',
      () => edit('label.npy', 9, 2),
      'DATA_INVALID',
      /label\.npy: row 9 is 2, expected 0 to 1.*class0, class1/,
    ],
    ['with a negative label', () => edit('label.npy', 9, -1), 'DATA_INVALID', /label\.npy: row 9 is -1/],
    [
      'with half a label',
      () => edit('label.npy', 9, 0.5),
      'DATA_INVALID',
      /label\.npy: row 9 is 0\.5, expected a whole number/,
    ],
    [
      'with a subject of 64 bits',
      () => edit('subject.npy', 0, 2 ** 40),
      'DATA_INVALID',
      /subject\.npy: row 0 is 1099511627776/,
    ],
    [
      "with a trial past the session's end",
      () => edit('trial.npy', 2, 3),
      'DATA_INVALID',
      /trial\.npy: row 2 is 3, expected 0 to 2/,
    ],
    ['with trials from 1', () => edit('trial.npy', 2, -1), 'DATA_INVALID', /trial\.npy: row 2 is -1.*count from 0/],
    [
      'with two labels in a trial',
      () => edit('label.npy', 1, 1),
      'DATA_INVALID',
      /label\.npy: row 1 is 1, but an earlier row of subject 0, session 0, trial 0 is 0/,
    ],
    [
      'without rows',
      async () => {
        await put('eeg.npy', [0, 20], new Float32Array());
        await put('eye.npy', [0, 33], new Float32Array());
        for (const name of ['label', 'subject', 'session', 'trial']) await put(`${name}.npy`, [0], new Int32Array());
      },
      'DATA_INVALID',
      /spoiled: the table holds no rows/,
    ],
  ])('%s', async (_what, spoil, code, says) => {
    await spoil();
    await expect(readFeatureTable(dir)).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
  });
});

describe('a disk that is full', () => {
  it('is reported with the name of the file, and leaves no complete table', async ({ skip }) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    try {
      execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk], { stdio: 'ignore' });
    } catch {
      skip('a small file system can only be mounted by root on Linux');
    }
    try {
      // A table that fits, and then one that does not in its place.
      await writeFeatureTable(
        disk,
        pairedBlobs({ subjects: 1, trials: 2, windows: 1, meta: { within_train_trials: 1 } }),
      );
      await expect(writeFeatureTable(disk, pairedBlobs({ subjects: 30 }))).rejects.toMatchObject({
        code: 'DISK_FULL',
        message: expect.stringContaining(join(disk, 'eeg.npy')),
      });
      await expect(readFeatureTable(disk)).rejects.toMatchObject({
        code: 'FILE_NOT_FOUND',
        message: expect.stringContaining('meta.json is missing'),
      });
    } finally {
      execFileSync('/bin/umount', [disk]);
    }
  });
});

describe('a run that asks for', () => {
  const table = pairedBlobs(SMALL);

  it('the method of the table gets it, and for another one is refused with both names', () => {
    expect(() => requireMethod(table, 'fft')).not.toThrow();
    expect(() => requireMethod(table, 'bcmi')).toThrow(/method fft, and bcmi is asked for/);
  });

  it('some electrodes gets their columns in its own order, and all else as it is', () => {
    const preprocess = eegPreprocessConfigSchema.parse({ montage: table.meta.montage });
    const whole = pairedBlobs({ ...SMALL, meta: { preprocess } });
    const part = selectElectrodes(whole, ['t3', 'FP1']);
    expect(part.meta.montage).toEqual(['T7', 'FP1']);
    expect(part.meta.preprocess).toEqual({ ...preprocess, montage: ['T7', 'FP1'] });
    expect(part.eeg.width).toBe(10);
    for (const row of whole.eeg.labels.keys()) {
      const [all, picked] = [whole.eeg.values.subarray(row * 20), part.eeg.values.subarray(row * 10)];
      expect(Array.from(picked.subarray(0, 10))).toEqual([...all.subarray(10, 15), ...all.subarray(0, 5)]);
    }
    expect({ ...part.eeg, values: 0, width: 0 }).toEqual({ ...whole.eeg, values: 0, width: 0 });
    expect(part.eye).toEqual(whole.eye);
    expect(selectElectrodes(whole, whole.meta.montage)).toEqual(whole);
  });

  it('electrodes that the table lacks, or that its reference would need, is refused', () => {
    expect(() => selectElectrodes(table, ['FP1', 'OZ'])).toThrow(/1 of 2 electrodes are missing: OZ/);
    const preprocess = eegPreprocessConfigSchema.parse({ montage: table.meta.montage, reference: 'average' });
    const referenced = pairedBlobs({ ...SMALL, meta: { preprocess } });
    expect(() => selectElectrodes(referenced, ['FP1'])).toThrow(/mean of its 4 electrodes/);
    expect(selectElectrodes(referenced, ['T8', 'T7', 'FP2', 'FP1']).eeg.width).toBe(20);
  });
});
