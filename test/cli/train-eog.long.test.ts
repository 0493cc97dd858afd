import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/random.ts';
import { FEEDBACK_MODES } from '../../training/eog/config.ts';
import { type JsonLine, runCli, runPlainCli, startCli } from '../support/cli.ts';
import { pickleOf } from '../support/deap.ts';
import { observe } from '../support/events.ts';
import { describeWithPty, ptyPair } from '../support/pty.ts';

let folder: string;
let runs = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'train-eog-'));
});

afterAll(() => rm(folder, { recursive: true }));

const SIMULATED = { data: 'simulated', preset: 'demo', subjects: '2', trials: '14', 'trial-s': '4' };

/** A short run into a folder of its own. */
function argsOf(more: Record<string, string> = {}, data: Record<string, string> = SIMULATED): string[] {
  const flags = {
    system: 'eog-feedback',
    ...data,
    out: join(folder, `run${runs++}`),
    protocol: 'trial',
    folds: '2',
    seeds: '1',
    epochs: '2',
    'warm-up-epochs': '1',
    batch: '4',
    size: 'quick',
    ...more,
  };
  return ['train', ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value])];
}

const outOf = (args: readonly string[]) => args[args.indexOf('--out') + 1]!;
const timeless = ({ seconds, out, ...figures }: JsonLine) => figures;

/** Two people's files in DEAP's layout, of noise without any information about the levels. */
async function deapLike(): Promise<string> {
  const data = await mkdtemp(join(folder, 'deap-'));
  const [trials, channels, samples] = [14, 40, 128 * 19];
  for (const subject of [1, 2]) {
    const random = new Random(subject, 'deap-like');
    const values = Float64Array.from({ length: trials * channels * samples }, () => 20 * random.normal());
    const labels = Array.from({ length: trials }, (_, trial) => [trial % 2 === 0 ? 7 : 3, 5, 5, 5]).flat();
    const file = pickleOf({
      data: { shape: [trials, channels, samples], values },
      labels: { shape: [trials, 4], values: labels },
    });
    await writeFile(join(data, `s0${subject}.dat`), file);
  }
  return data;
}

const students = new Map<string, Promise<{ readonly model: string; readonly result: JsonLine | undefined }>>();

/** A quick student of a quick teacher, sealed; each is trained once. */
function student(feedback: string) {
  const known = students.get(feedback) ?? trained(feedback);
  students.set(feedback, known);
  return known;
}

async function trained(feedback: string) {
  const model = join(folder, `eog-${feedback.toLowerCase()}`);
  const { lines } = await runCli(...argsOf({ feedback, export: model }));
  return { model, result: lines.at(-1) };
}

describe('train --system eog-feedback', () => {
  it('reports every epoch and fold, and ends with the result', async () => {
    const { code, lines } = await runCli(...argsOf({ target: 'arousal', feedback: 'none' }));
    expect(code).toBe(0);
    expect(lines.map(({ event }) => event)).toEqual([
      ...['epoch', 'epoch', 'fold', 'epoch', 'epoch', 'fold', 'result'],
    ]);
    expect(lines[0]).toMatchObject({ seed: 1, fold: 'fold 1', epoch: 1, epochs: 2, loss: expect.any(Number) });
    expect(lines[2]).toMatchObject({ fold: 'fold 1', majority_accuracy: expect.any(Number) });
    expect(lines.at(-1)).toMatchObject({
      event: 'result',
      system: 'eog-feedback',
      simulated: true,
      published_accuracy: null,
      majority_accuracy: expect.any(Number),
      per_subject: [{ subject: 0 }, { subject: 1 }],
      config: { target: 'arousal', protocol: 'trial', warmupEpochs: 1 },
    });
  });

  it("reads a folder of DEAP's files, and prints the published figure beside its own", async () => {
    const args = argsOf({ variant: 'V2' }, { data: await deapLike() });
    const { code, stdout, stderr } = await runPlainCli(args);
    expect([code, stderr]).toEqual([0, expect.stringContaining('56 of 112 windows are left out')]);
    expect(stdout).toMatch(
      /^RECONSTRUCTION: EOG student, valence, V2 with feedback none, by trial: \d+\.\d % ± \d+\.\d % over 2 subjects and 1 seed/,
    );
    expect(stdout).toMatch(/always the more frequent level \d+\.\d %, teachers \d/);
    expect(stdout).toContain('published (Zhang & Lu 2025, whose protocol is not known): 70.38 %');
    expect(stdout).toContain(`${outOf(args)}/result.json`);
  });

  it('is resumed after Ctrl-C to the same result', async () => {
    const whole = await runCli(...argsOf({ epochs: '12' }));
    const args = argsOf({ epochs: '12' });
    const running = startCli(...args);
    await running.line(({ event, epoch, fold }) => event === 'epoch' && fold === 'fold 1' && epoch === 2);
    expect(await running.stop()).toBe(130);
    expect(running.lines.at(-1)).toMatchObject({ code: 'INTERRUPTED', message: expect.stringContaining('--resume') });
    expect(await readdir(outOf(args))).toContain('checkpoint.bin');
    const resumed = await runCli(...args, '--resume');
    expect(resumed.lines[0]).toMatchObject({ event: 'epoch', fold: 'fold 1' });
    expect(resumed.lines[0]!['epoch']).toBeGreaterThan(2);
    expect(timeless(resumed.lines.at(-1)!)).toEqual(timeless(whole.lines.at(-1)!));
  });

  it.each(FEEDBACK_MODES)('exports a bundle that the live side finds sound: %s', async (feedback) => {
    const { model, result } = await student(feedback);
    expect(result).toMatchObject({ event: 'result', exported: model, feedback });
    const { code, lines: checked } = await runCli('models', 'check', model);
    expect([code, checked]).toMatchObject([0, [{ id: `eog-${feedback.toLowerCase()}`, simulated: true }]]);
    const manifest = JSON.parse(await readFile(join(model, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      modality: 'eog',
      montage: ['hEOG', 'vEOG'],
      target: 'valence',
      classes: ['low valence', 'high valence'],
      reconstruction: expect.stringContaining('RECONSTRUCTION'),
    });
    expect(Object.keys(manifest.training.metrics)).toEqual(['validation', 'folds']);
    const card = await readFile(join(model, 'CARD.md'), 'utf8');
    expect(card).toContain('Trained on SIMULATED data');
    expect(card).toContain('RECONSTRUCTION of Zhang & Lu 2025');
    expect(card).toContain('always the most frequent class');
  });
});

describe.concurrent('train refuses', () => {
  async function refusal(code: number, ...args: string[]): Promise<string> {
    const result = await runCli(...args);
    expect([result.code, result.lines.map(({ event }) => event)]).toEqual([code, ['error']]);
    return String(result.lines[0]!['message']);
  }

  it.each<[string, number, Record<string, string>, RegExp]>([
    ['a flag of the other system', 2, { backbone: 'dnn' }, /--backbone belongs to --system cmcrd, not to eog-feedback/],
    ['a protocol of the other system', 2, { protocol: 'within' }, /within is not of .*eog-feedback: give trial or sub/],
    ['feedback where there is none', 2, { variant: 'V1', feedback: 'none' }, /--feedback belongs to the variant V3/],
    ['an unknown feedback', 2, { feedback: 'third' }, /third.*firstOrder/],
    ['a size of simulated data beside a folder', 2, { data: '.' }, /--preset belongs to --data simulated/],
    ['a number of people that is none', 2, { subjects: 'x' }, /subjects is x; give a whole number/],
    ['folds that leave no subject to train', 3, { protocol: 'subject' }, /2 subjects for 2 folds/],
    ['batches that no half fills', 3, { batch: '500' }, /fewer than a batch of 500/],
    ['a seed twice', 2, { seeds: '1,1' }, /names a seed twice/],
    ['an epoch that is none', 2, { epochs: '0' }, /epochs.*0/],
    ['a name that no model can have', 2, { export: 'Models' }, /lower-case/],
    ['to resume what is not there', 3, { resume: '' }, /checkpoint\.bin/],
  ])('%s', async (_, code, flags, message) => {
    const args = argsOf(flags).filter((arg) => arg !== '');
    expect(await refusal(code, ...args)).toMatch(message);
  });

  it("a folder without DEAP's files, and of EOG flags what belongs to it", async () => {
    expect(await refusal(3, ...argsOf({}, { data: folder }))).toContain('s01.dat to s32.dat');
    const cmcrd = ['train', '--data', folder, '--out', join(folder, 'none'), '--protocol', 'within'];
    expect(await refusal(2, ...cmcrd)).toContain('--direction is missing: give eye-to-eeg or eeg-to-eye');
    const direction = ['--direction', 'eye-to-eeg'];
    expect(await refusal(2, ...cmcrd, ...direction, '--target', 'arousal')).toContain(
      '--target belongs to --system eog-feedback, not to cmcrd',
    );
  });
});

describeWithPty('an EOG student over a cable', () => {
  /** Until the filters have settled and a window is whole: 14 s of signal. */
  async function served(simulate: readonly string[], serve: readonly string[]) {
    const { model } = await student('none');
    const cable = await ptyPair();
    const amplifier = startCli('simulate', '--port', cable.device, ...simulate);
    const server = startCli('serve', '--port', cable.host, '--model', model, '--http-port', '0', '--no-open', ...serve);
    try {
      const { first, client } = observe((await server.listening()).ws);
      let features = 0;
      void first('features').then(() => features++);
      const warming = await first('prediction', ({ data }) => data.state === 'warmup');
      const prediction = await first('prediction', ({ data }) => data.state === 'ok');
      // A window is nearly the raw signal, so clients that may read features do not get it.
      expect(features).toBe(0);
      const device = await first('device', ({ data }) => data.state === 'streaming');
      client.close();
      return { warming, prediction, device };
    } finally {
      await Promise.all([amplifier.stop(), server.stop()]);
      await cable.remove();
    }
  }

  it('is served from an EOG amplifier', async () => {
    const eog = ['--device', 'biosignal', '--modality', 'eog'];
    const { warming, prediction, device } = await served(eog, ['--device', 'biosignal']);
    expect(device.data.channels).toEqual(['hEOG', 'vEOG']);
    expect(warming.data.label).toBeNull();
    expect(prediction).toMatchObject({ source: 'eog', simulated: true, quality: { coverage: 1, bad_channels: [] } });
    expect(prediction.data.label).toMatch(/^(low|high) valence$/);
    expect(prediction.data.probs!.reduce((sum, p) => sum + p)).toBeCloseTo(1, 6);
  });

  it('is served from two inputs of a Cyton that are named so', async () => {
    const file = join(folder, 'cyton.csv');
    const random = new Random('cyton');
    const labels = ['FP1', 'FP2', 'C3', 'C4', 'P7', 'P8', 'O1', 'O2'];
    const rows = Array.from({ length: 250 * 17 }, () => labels.map(() => (30 * random.normal()).toFixed(3)).join());
    await writeFile(file, [labels.join(), ...rows].join('\n'));
    const { prediction, device } = await served(
      ['--device', 'openbci-cyton', '--recording', file, '--rate', '250'],
      ['--device', 'openbci-cyton', '--montage', 'C3,C4,hEOG,P7,P8,vEOG,O1,O2'],
    );
    expect(device.data.channels).toContain('hEOG');
    expect(prediction).toMatchObject({ source: 'eog', quality: { bad_channels: [] } });
  });
});
