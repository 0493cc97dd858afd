import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFeatureTable } from '../../training/datasets/feature-table.ts';
import { type JsonLine, runCli, runPlainCli, startCli } from '../support/cli.ts';
import { type PairedBlobs, pairedBlobs } from '../support/paired-table.ts';

let folder: string;
let data: string;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'train-'));
  data = await written('table', { windows: 24 });
});

afterAll(() => rm(folder, { recursive: true }));

async function written(name: string, options: PairedBlobs): Promise<string> {
  await writeFeatureTable(join(folder, name), pairedBlobs(options));
  return join(folder, name);
}

/** A short run into a folder of its own. */
function argsOf(more: Record<string, string> = {}): string[] {
  const flags = {
    data,
    out: join(folder, `run${runs++}`),
    direction: 'eye-to-eeg',
    protocol: 'within',
    seeds: '1',
    epochs: '2',
    'teacher-epochs': '2',
    ...more,
  };
  return ['train', ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value])];
}

const outOf = (args: readonly string[]) => args[args.indexOf('--out') + 1]!;
const timeless = ({ seconds, out, ...figures }: JsonLine) => figures;

describe.concurrent('train', () => {
  it('reports every epoch and fold, and ends with the result', async () => {
    const { code, lines } = await runCli(...argsOf());
    expect(code).toBe(0);
    expect(lines.filter(({ event }) => event === 'epoch')).toHaveLength(3 * (2 + 2));
    expect(lines[0]).toMatchObject({
      event: 'epoch',
      seed: 1,
      fold: 'subject 0',
      role: 'teacher',
      epoch: 1,
      epochs: 2,
    });
    expect(lines.filter(({ event }) => event === 'fold')).toHaveLength(3);
    expect(lines.at(-1)).toMatchObject({
      event: 'result',
      accuracy: expect.any(Number),
      balanced_accuracy: expect.any(Number),
      per_subject: [{ subject: 0 }, { subject: 1 }, { subject: 2 }],
      seconds: expect.any(Number),
      backend: expect.stringMatching(/^(cuda|webgpu|wasm|cpu)$/),
      simulated: true,
      config: { backbone: 'dnn', distiller: { name: 'cmcrd', form: 'stable' }, student: { epochs: 2 } },
    });
  });

  it('prints the figures, their meaning and their place for people', async () => {
    const args = argsOf({ distiller: 'none', backbone: 'dgcnn', direction: 'eeg-to-eye' });
    const { code, stdout, stderr } = await runPlainCli(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^SIMULATED data: none, dgcnn, eeg-to-eye, within: \d+\.\d % ± \d+\.\d % over 3 subjects and 1 seed /,
    );
    expect(stdout).toContain(`${outOf(args)}/result.json`);
    expect(stderr).toContain('SIMULATED data');
    expect(stderr).toMatch(/seed 1, subject 0: student, epoch 1 of 2: .*% about|seed 1, subject 2: \d/);
  });

  it('is resumed after Ctrl-C to the same result', async () => {
    const uninterrupted = runCli(...argsOf({ epochs: '30' }));
    const args = argsOf({ epochs: '30' });
    const running = startCli(...args);
    await running.line(
      ({ event, role, epoch, fold }) => event === 'epoch' && role === 'student' && fold === 'subject 1' && epoch === 1,
    );
    expect(await running.stop()).toBe(130);
    expect(running.lines.at(-1)).toMatchObject({
      event: 'error',
      code: 'INTERRUPTED',
      message: expect.stringContaining('--resume'),
    });
    expect(await readdir(outOf(args))).toContain('checkpoint.bin');
    const [refused, other] = await Promise.all([
      runCli(...args),
      runCli(...args.map((arg) => (arg === '30' ? '31' : arg)), '--resume'),
    ]);
    expect([refused.code, refused.lines.at(-1)]).toMatchObject([2, { message: expect.stringContaining('--resume') }]);
    expect([other.code, other.lines.at(-1)]).toMatchObject([
      2,
      { message: expect.stringContaining('epochs is 30 there, 31 asked') },
    ]);
    const resumed = await runCli(...args, '--resume');
    const whole = await uninterrupted;
    expect(resumed.lines[0]!['fold']).toBe('subject 1');
    expect(timeless(resumed.lines.at(-1)!)).toEqual(timeless(whole.lines.at(-1)!));
  });

  it('exports a bundle that the live side finds sound', async () => {
    const model = join(folder, 'exported-8');
    const { lines } = await runCli(...argsOf({ export: model, montage: 'FP2,T7', seeds: '1,2' }));
    expect(lines.at(-1)).toMatchObject({ event: 'result', exported: model });
    const { code, lines: checked } = await runCli('models', 'check', model);
    expect([code, checked]).toMatchObject([0, [{ id: 'exported-8', electrodes: 2, simulated: true }]]);
    const manifest = JSON.parse(await readFile(join(model, 'manifest.json'), 'utf8'));
    expect(manifest.montage).toEqual(['FP2', 'T7']);
    expect(Object.keys(manifest.training.metrics)).toEqual(['validation', 'folds']);
    expect(manifest.training.protocol).toContain('nothing was tested on new people');
    const tested = manifest.training.metrics.folds.confusion.flat().reduce((sum: number, count: number) => sum + count);
    expect(tested).toBe(3 * 2 * 24);
  });

  it('switches parts of CMCRD off for ablations', async () => {
    const { lines } = await runCli(
      ...argsOf({ form: 'reference', negatives: '50' }),
      '--no-mcc',
      '--no-us',
      '--no-iew',
    );
    expect(lines.at(-1)!['config']).toMatchObject({
      distiller: { form: 'reference', guidanceSets: false, certaintyWeights: false, negatives: 50 },
      teacher: { mccWeight: 0 },
    });
  });
});

describe.concurrent('train refuses', () => {
  async function refusal(code: number, ...args: string[]): Promise<string> {
    const result = await runCli(...args);
    expect([result.code, result.lines.map(({ event }) => event)]).toEqual([code, ['error']]);
    return String(result.lines[0]!['message']);
  }

  it.each<[string, number, Record<string, string>, RegExp]>([
    ['a table that is not there', 3, { data: '/nowhere' }, /\/nowhere/],
    ['a method that the table was not made with', 3, { method: 'bcmi' }, /fft.*bcmi|bcmi.*fft/],
    ['an unknown distiller', 2, { distiller: 'magic' }, /magic.*cmcrd/],
    ['an electrode that the table lacks', 5, { montage: 'FP1,CZ' }, /CZ/],
    ['seeds that are no numbers', 2, { seeds: '1,x' }, /seeds\.1.*"x"/],
    ['a negative number of epochs', 2, { epochs: '-3' }, /student\.epochs.*-3/],
    ['an export that could not be served', 2, { distiller: 'fusion', export: 'm' }, /fusion needs both/],
    ['an electrode twice', 2, { montage: 'T3,T7' }, /--montage names T7 twice/],
    ['a seed twice', 2, { seeds: '1,1' }, /names a seed twice/],
    ['a flag of another distiller', 2, { distiller: 'kd', form: 'ratio' }, /--form belongs to cmcrd, not to kd/],
    ['a backbone that can not read the electrodes', 3, { backbone: 'bihdm', montage: 'FP1,T8' }, /FP1 T8/],
    ['a batch of more rows than there are', 3, { batch: '1000' }, /fill no batch of 1000; give a smaller --batch/],
    ['to resume what is not there', 3, { resume: '' }, /checkpoint\.bin/],
  ])('%s', async (_, code, flags, message) => {
    const args = argsOf(flags).filter((arg) => arg !== '');
    expect(await refusal(code, ...args)).toMatch(message);
  });

  it('a form of the loss without what it is about', async () => {
    expect(await refusal(2, ...argsOf({ form: 'ratio' }), '--no-us')).toMatch(/form ratio/);
  });

  it('a backend that does not start', async () => {
    const { code, stderr } = await runPlainCli(argsOf(), { AFFECT_EDGE_BACKEND: 'cuda' });
    expect([code, stderr]).toEqual([7, expect.stringMatching(/cuda: @tensorflow\/tfjs-node-gpu is not installed/)]);
  });

  it('one subject across subjects, and names the other protocol', async () => {
    const one = await written('one', { subjects: 1 });
    expect(await refusal(3, ...argsOf({ data: one, protocol: 'cross' }))).toContain('--protocol within');
  });

  it('an export of features that no stream has', async () => {
    const trial = await written('trial', { meta: { eye_method: 'seed-trial' } });
    const model = join(folder, 'unserved');
    expect(await refusal(3, ...argsOf({ data: trial, direction: 'eeg-to-eye', export: model }))).toMatch(
      /the table says eye_method "seed-trial"/,
    );
  });

  it('a class that a fold lacks', async () => {
    const lacking = await written('lacking', { trials: 6, classes: 5 });
    expect(await refusal(3, ...argsOf({ data: lacking }))).toMatch(
      /subject 0 has no training rows of class .*"class4"/,
    );
  });

  it('a full disk, and leaves no half file', async ({ skip }) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    try {
      execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=16k', 'none', disk], { stdio: 'ignore' });
    } catch {
      skip('a small file system can only be mounted by root on Linux');
    }
    try {
      await writeFile(join(disk, 'ballast'), Buffer.alloc(8192));
      const { code, lines } = await runCli(...argsOf({ out: join(disk, 'run') }));
      expect([code, lines.at(-1)]).toMatchObject([3, { code: 'DISK_FULL', message: expect.stringContaining(disk) }]);
      expect((await readdir(join(disk, 'run'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    } finally {
      execFileSync('/bin/umount', [disk]);
    }
  });
});
