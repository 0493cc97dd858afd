import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type ClientEvent, connect } from '../../src/client/index.ts';
import { type NpyArray, readNpy } from '../../src/formats/arrays/npy.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { CYTON8 } from '../../src/montage.ts';
import { type Block, sampleAt } from '../../src/samples.ts';
import { type JsonLine, runCli, runPlainCli, startCli } from '../support/cli.ts';
import { describeWithData, testData } from '../support/data.ts';
import { writeEdf } from '../support/recording-writers.ts';
import { eegInfo, eegLike } from '../support/signals.ts';

const RATE_HZ = 250;
const SECONDS = 20;
const MODEL = ['--model', 'models/demo-cyton8-cmcrd'];
const WIDTH = CYTON8.length * 5;

let folder: string;
let csv: string;
let signal: Block;
/** Of the whole recording: its rows by default, by the model's preprocessing, and what is said of them. */
let plain: Features;
let ofModel: Features;
let said: JsonLine[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affect-edge-recordings-'));
  signal = eegLike(eegInfo(CYTON8, RATE_HZ), SECONDS * RATE_HZ);
  signal.data.forEach((value, i) => {
    signal.data[i] = Math.round(value);
  });
  csv = await write('signal.csv', csvText(signal));
  [plain, ofModel, said] = await Promise.all([features(csv), features(csv, ...MODEL), replay(csv)]);
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, content: string | Buffer): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

/** `cell` may put another text in the place of a value. */
function csvText(block: Block, cell = (_c: number, _i: number, value: number): string => String(value)): string {
  const rows = Array.from({ length: block.length }, (_, i) =>
    [(i / RATE_HZ).toFixed(3), ...sampleAt(block, i).map((value, c) => cell(c, i, value))].join(),
  );
  return `${[['time', ...block.info.channels.map(({ label }) => label)].join(), ...rows].join('\n')}\n`;
}

function edfFile(block: Block, bdf: boolean): Buffer {
  const signals = block.info.channels.map(({ label }, c) => ({
    label: `EEG ${label}`,
    records: Array.from({ length: SECONDS }, (_, r) => {
      const start = c * block.length + r * RATE_HZ;
      return Array.from(block.data.subarray(start, start + RATE_HZ));
    }),
  }));
  return writeEdf({ bdf, signals });
}

interface Features {
  readonly rows: NpyArray;
  readonly bytes: Buffer;
  readonly meta: Record<string, unknown> & { readonly start_s: number[]; readonly state: string[] };
  readonly stderr: string;
}

let outs = 0;
async function features(file: string, ...args: string[]): Promise<Features> {
  const out = join(folder, 'deeper', `features-${outs++}`);
  const { code, lines, stderr } = await runCli('features', file, '--out', out, ...args);
  expect(lines).toMatchObject([{ event: 'features', out }]);
  expect(code).toBe(0);
  expect((await readdir(out)).sort()).toEqual(['features.npy', 'meta.json']);
  const bytes = await readFile(join(out, 'features.npy'));
  const meta = JSON.parse(await readFile(join(out, 'meta.json'), 'utf8'));
  return { rows: readNpy(bytes, out), bytes, meta, stderr };
}

function row({ rows }: Features, index: number): Float32Array {
  return (rows.data as Float32Array).slice(index * rows.shape[1]!, (index + 1) * rows.shape[1]!);
}

async function replay(file: string, ...args: string[]): Promise<JsonLine[]> {
  const { code, lines } = await runCli('replay', file, ...MODEL, '--speed', 'max', ...args);
  expect(code).toBe(0);
  return lines;
}

async function refusal(code: number, ...args: string[]): Promise<JsonLine> {
  const result = await runCli(...args);
  expect(result.lines).toHaveLength(1);
  expect(result.code).toBe(code);
  return result.lines[0]!;
}

const refused = (file: string, ...args: string[]) =>
  refusal(3, 'features', file, '--out', join(folder, 'refused'), ...args);

describe.concurrent('features', () => {
  it('writes float32 rows of channels x bands, and tells all about them', async () => {
    const { rows, meta } = await features(csv, '--hop', '4');
    expect(rows.data).toBeInstanceOf(Float32Array);
    expect(rows.shape).toEqual([SECONDS / 4, WIDTH]);
    expect(meta).toMatchObject({
      channels: CYTON8,
      bands: [
        ['delta', 1, 3],
        ['theta', 4, 7],
        ['alpha', 8, 13],
        ['beta', 14, 30],
        ['gamma', 31, 50],
      ],
      method: 'fft',
      sample_rate_hz: 200,
      window_s: 4,
      hop_s: 4,
      start_s: [0, 4, 8, 12, 16],
      state: ['warmup', 'ok', 'ok', 'ok', 'ok'],
    });
  });

  it('gives the same bytes for the same samples in CSV, EDF and BDF', async () => {
    const [fromEdf, fromBdf] = await Promise.all([
      features(await write('signal.edf', edfFile(signal, false))),
      features(await write('signal.bdf', edfFile(signal, true))),
    ]);
    expect(fromEdf.bytes.equals(plain.bytes)).toBe(true);
    expect(fromBdf.bytes.equals(plain.bytes)).toBe(true);
  });

  it('takes a method, a notch, a reference and a model, and each changes what it should', async () => {
    const [filterbank, bcmi, notched, average] = await Promise.all([
      features(csv, '--method', 'filterbank'),
      features(csv, '--method', 'bcmi'),
      features(csv, '--notch', '50'),
      features(csv, '--reference', 'average'),
    ]);
    expect(filterbank.meta['method']).toBe('filterbank');
    expect(bcmi.meta).toMatchObject({ method: 'bcmi', bands: expect.arrayContaining([['alpha', 8, 14]]) });
    expect(notched.meta['preprocess']).toMatchObject({ notch_hz: 50 });
    expect(average.meta['preprocess']).toMatchObject({ reference: 'average' });
    for (const other of [filterbank, bcmi, notched, average]) {
      expect(other.rows.shape).toEqual(plain.rows.shape);
      expect(other.bytes.equals(plain.bytes)).toBe(false);
    }
    // The model's montage is the file's, so that its preprocessing is the default.
    expect(ofModel.bytes.equals(plain.bytes)).toBe(true);
    // Noise is flat: the two ways to the same bands agree within a fraction of a nat.
    row(filterbank, 10).forEach((value, i) => {
      expect(Math.abs(value - row(plain, 10)[i]!)).toBeLessThan(1);
    });
  });

  it('takes labels and a rate for a file that has none', async () => {
    const bare = csvText(signal).replace(/^.*\n/, `t,${CYTON8.map((_, c) => `ch${c}`).join()}\n`);
    const { bytes } = await features(
      await write('bare.csv', bare.replace(/^[^,]*,/gm, '')),
      ...['--rate', String(RATE_HZ), '--montage', CYTON8.join()],
    );
    expect(bytes.equals(plain.bytes)).toBe(true);
  });

  it('names all electrodes that a model misses', async () => {
    const line = await refusal(
      5,
      'features',
      csv,
      '--out',
      join(folder, 'refused'),
      '--model',
      'models/demo-eeg62-cmcrd',
    );
    expect(line).toMatchObject({ code: 'MONTAGE_MISSING_ELECTRODE' });
    expect(line['message']).toMatch(/54 of 62.*\bFPZ\b.*\bCB2\b.*--montage/s);
  });
});

describe.concurrent('replay', () => {
  it('says what the model says of the very rows that `features` writes', async () => {
    const predictions = said.filter(({ event }) => event === 'prediction');
    expect(predictions.map((line) => line['start_s'])).toEqual(ofModel.meta.start_s);
    expect(predictions.map((line) => line['state'])).toEqual(ofModel.meta.state);
    const model = await loadBundle('models/demo-cyton8-cmcrd');
    for (const [i, prediction] of predictions.entries()) {
      const word = ofModel.meta.state[i] === 'ok' ? await model.classify(row(ofModel, i)) : null;
      expect(prediction['probs']).toEqual(word?.probs ?? null);
      expect(prediction['label']).toBe(word?.label ?? null);
      expect(prediction['simulated']).toBe(true);
    }
    await model.close();
    expect(said.at(-1)).toEqual({
      event: 'replayed',
      file: csv,
      seconds: SECONDS,
      windows: { ok: 15, warmup: 2, abstain: 0 },
    });
  });

  it('prints the same lines again', async () => {
    expect(await replay(csv)).toEqual(said);
  });

  it('tells a person in a table, and that the model is simulated', async () => {
    const { stdout, stderr } = await runPlainCli(['replay', csv, ...MODEL, '--speed', 'max', '--hop', '4']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ +0\.00-4\.00 s {2}warmup$/);
    expect(lines[1]).toMatch(/^ +4\.00-8\.00 s {2}(negative|neutral|positive) [01]\.\d\d$/);
    expect(lines.at(-1)).toBe('20.0 s: 4 predictions, 1 warm-up windows, 0 abstentions');
    expect(stderr).toMatch(/^SIMULATED MODEL: /);
  });

  it('publishes the rows of `features` on the time line of the recording at any speed', async () => {
    const run = startCli('replay', csv, ...MODEL, '--speed', '10', '--http-port', '0');
    const client = connect((await run.listening()).ws, { WebSocket });
    const events: ClientEvent<'features'>[] = [];
    client.subscribe('features', {}, (event) => events.push(event));
    expect(await run.ended()).toBe(0);
    client.close();

    const predictions = run.lines.filter(({ event }) => event === 'prediction');
    expect(predictions.map((line) => line['start_s'])).toEqual(ofModel.meta.start_s);
    expect(events.length).toBeGreaterThan(0);
    const published = events.map(({ data }) => data.values);
    const written = ofModel.meta.start_s.map((_, i) => Array.from(row(ofModel, i)));
    expect(published).toEqual(written.slice(-published.length));
  });

  it('names all electrodes that the model misses', async () => {
    const line = await refusal(5, 'replay', csv, '--model', 'models/demo-eeg62-cmcrd', '--speed', 'max');
    expect(line).toMatchObject({ code: 'MONTAGE_MISSING_ELECTRODE', message: expect.stringContaining('54 of 62') });
  });
});

describe.concurrent('a recording that is damaged', () => {
  it.each([
    ['edf', () => edfFile(signal, false)],
    ['bdf', () => edfFile(signal, true)],
    ['csv', () => Buffer.from(csvText(signal))],
  ])('cut in the middle (%s) is refused, and its whole windows are read with --salvage', async (format, whole) => {
    const bytes = whole();
    const cut = await write(`cut.${format}`, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    expect(await refused(cut)).toMatchObject({ code: 'FILE_INVALID', message: expect.stringContaining('--salvage') });
    const salvaged = await features(cut, '--salvage');
    const windows = salvaged.rows.shape[0]!;
    expect(windows).toBeGreaterThanOrEqual(7);
    expect(windows).toBeLessThan(plain.rows.shape[0]!);
    for (let i = 0; i < windows; i++) expect(row(salvaged, i)).toEqual(row(plain, i));
    expect(salvaged.stderr).toMatch(/salvage/);
  });

  it('with empty cells and a constant channel names both, and says so window by window', async () => {
    const [c3, p7] = [CYTON8.indexOf('C3'), CYTON8.indexOf('P7')];
    const empty = (i: number): boolean => i >= 8 * RATE_HZ && i < 9 * RATE_HZ;
    const file = await write(
      'bad.csv',
      csvText(signal, (c, i, value) => (c === p7 ? '-3' : c === c3 && empty(i) ? 'NaN' : String(value))),
    );
    const { rows, meta } = await features(file, '--hop', '4');
    const bad = meta['bad_channels'] as string[][];
    expect(bad.map((labels) => labels.includes('P7'))).toEqual([true, true, true, true, true]);
    // Empty until 9 s, and ringing for 7 s more.
    expect(bad.map((labels) => labels.includes('C3'))).toEqual([false, false, true, true, false]);
    expect(bad.flat().every((label) => label === 'C3' || label === 'P7')).toBe(true);
    expect(meta.state).toEqual(['warmup', 'abstain', 'abstain', 'abstain', 'abstain']);
    const good = CYTON8.flatMap((_, c) => (c === c3 || c === p7 ? [] : [c]));
    for (let w = 0; w < rows.shape[0]!; w++) {
      for (const c of good) {
        const at = w * WIDTH + c * 5;
        expect((rows.data as Float32Array).slice(at, at + 5).every(Number.isFinite)).toBe(true);
      }
    }
    const lines = await replay(file, '--hop', '4');
    expect(lines[2]).toMatchObject({
      state: 'abstain',
      reasons: ['bad_channels'],
      label: null,
      probs: null,
      probs_by_label: null,
      quality: { bad_channels: ['C3', 'P7'] },
    });
  });

  it('with one dead electrode among many is mended where --interpolate is asked for', async () => {
    const labels = 'FP1 FP2 F7 F3 FZ F4 F8 FC1 FC2 T7 C3 CZ C4 T8 CP1 CP2 P7 P3 PZ P4 P8 O1 OZ O2'.split(' ');
    const dense = eegLike(eegInfo(labels, RATE_HZ), 10 * RATE_HZ);
    const dead = labels.indexOf('CZ');
    const file = await write(
      'dense.csv',
      csvText(dense, (c, _i, value) => (c === dead ? '0' : value.toFixed(2))),
    );
    const [flagged, mended] = await Promise.all([features(file), features(file, '--interpolate')]);
    expect(flagged.meta.state.at(-1)).toBe('abstain');
    expect(mended.meta.state.at(-1)).toBe('ok');
    expect(mended.meta['bad_channels']).toEqual(flagged.meta['bad_channels']);
    expect(row(mended, mended.rows.shape[0]! - 1).every(Number.isFinite)).toBe(true);
  });

  it('too short for a window says how long it is', async () => {
    const short = csvText(signal).split('\n').slice(0, 600).join('\n');
    expect(await refused(await write('short.csv', short))).toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(/2\.40 s.*4 s/),
    });
  });

  it('is missing, empty, a folder or of no known kind', async () => {
    expect(await refused(join(folder, 'nowhere.edf'))).toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringContaining('nowhere.edf'),
    });
    expect(await refused(await write('empty.csv', ''))).toMatchObject({ code: 'FILE_INVALID' });
    expect(await refused(folder)).toMatchObject({ code: 'FILE_INVALID', message: expect.stringContaining(folder) });
    expect(await refused(await write('cat.jpeg', 'meow'))).toMatchObject({
      code: 'FILE_UNSUPPORTED',
      message: expect.stringMatching(/cat\.jpeg.*EDF.*CSV/),
    });
  });
});

describe('a place to write to', () => {
  it('that is a file is refused by name', async () => {
    const line = await refusal(3, 'features', csv, '--out', csv);
    expect(line).toMatchObject({ code: 'FILE_INVALID', message: expect.stringContaining(csv) });
  });

  it('that is full is refused by name and left without half a file', async ({ skip }) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    try {
      execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=4k', 'none', disk], { stdio: 'ignore' });
    } catch {
      skip('a small file system can only be mounted by root on Linux');
    }
    try {
      const line = await refusal(3, 'features', csv, '--hop', '0.25', '--out', disk);
      expect(line).toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining(join(disk, 'features.npy')) });
      expect(await readdir(disk)).toEqual([]);
    } finally {
      execFileSync('/bin/umount', [disk]);
    }
  });
});

describeWithData('eeg-openbci-cyton', 'recordings of a real Cyton', () => {
  const recording = (name: string): string => testData('eeg-openbci-cyton', name);

  it('give the same bytes from both text layouts', async () => {
    const [v4, v6] = await Promise.all([
      features(recording('OpenBCI-sampleData-1-blinks-jawClench-alpha.v4.txt')),
      features(recording('OpenBCI_GUI-v6-blinks-jawClench-alpha.txt')),
    ]);
    expect(v4.meta['channels']).toEqual(CYTON8);
    expect(v4.rows.shape).toEqual([86, WIDTH]);
    expect(v6.bytes.equals(v4.bytes)).toBe(true);
  });

  it('abstain on every window with a railed electrode, and count the losses', async () => {
    const lines = await replay(recording('OpenBCI_2016-02-13_Jordan_focus.txt'), '--hop', '4');
    const predictions = lines.filter(({ event }) => event === 'prediction');
    const qualities = predictions.map((line) => line['quality'] as { lost: number; bad_channels: string[] });
    expect(predictions.some(({ state }) => state === 'ok')).toBe(false);
    expect(qualities.every(({ bad_channels }) => bad_channels.includes('P7'))).toBe(true);
    expect(qualities.reduce((sum, { lost }) => sum + lost, 0)).toBe(365);
  });
});
