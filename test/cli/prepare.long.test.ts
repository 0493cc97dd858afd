import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFeatureTable } from '../../training/datasets/feature-table.ts';
import { runCli, runPlainCli } from '../support/cli.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affect-edge-prepare-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** One person and one electrode, which takes seconds. */
const quick = (out: string, ...more: string[]) => {
  const args = ['prepare', '--dataset', 'simulated', '--out', out, '--subjects', '1', '--montage', 'O1'];
  return runCli(...args, ...more);
};

describe('prepare', () => {
  it('writes a table that training reads, and says that it is simulated', async () => {
    const out = join(folder, 'new', 'table');
    const { code, lines, stderr } = await quick(out, '--seed', '5');
    const table = await readFeatureTable(out);
    expect(lines).toEqual([
      {
        event: 'prepared',
        out,
        rows: table.eeg.labels.length,
        subjects: 1,
        sessions: 3,
        electrodes: 1,
        classes: ['negative', 'neutral', 'positive'],
        simulated: true,
        preset: 'benchmark',
        seed: 5,
        fingerprint: table.fingerprint,
        seconds: expect.any(Number),
      },
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/SIMULATED/);
    expect(stderr).toMatch(/session 1 of 3.*s left/);
    expect(table.meta).toMatchObject({
      simulated: true,
      montage: ['O1'],
      trials_per_session: 15,
      within_train_trials: 9,
    });
    // Windows of 4 s in 45 trials of 40 s, but for each session's first one, in which the filters settle.
    expect(table.eeg.labels.length).toBeGreaterThan(400);
    expect(table.eeg.labels.length).toBeLessThanOrEqual(447);

    const again = await quick(out);
    expect(again.code).toBe(2);
    expect(again.lines).toMatchObject([
      {
        event: 'error',
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/holds a feature table already.*delete/),
      },
    ]);
  });

  it('makes the same table again from the same seed, and other people from the next', async () => {
    const made = await Promise.all(
      [1, 1, 2].map((seed, i) => quick(join(folder, `seed${i}`), '--seed', `${seed}`, '--preset', 'demo')),
    );
    const [one, again, other] = made.map(({ lines }) => lines.at(-1)!['fingerprint']);
    expect(one).toBe(again);
    expect(one).not.toBe(other);
  });

  it('prints one sentence for people, and leaves other files of the folder alone', async () => {
    const out = join(folder, 'plain');
    await mkdir(out);
    await writeFile(join(out, 'notes.txt'), 'mine');
    const args = ['prepare', '--dataset', 'simulated', '--out', out, '--subjects', '1', '--montage', 'O1'];
    const { code, stdout } = await runPlainCli(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+ windows of 1 SIMULATED people .*1 electrodes and eye movement, in .*plain\n$/);
    expect(await readdir(out)).toContain('notes.txt');
  });

  it.each<[what: string, args: string[], exit: number, says: RegExp]>([
    ['another data set', ['--dataset', 'deap', '--out', 'x'], 2, /deap.*simulated/],
    ['no data set', ['--out', 'x'], 2, /--dataset/],
    ['no folder', ['--dataset', 'simulated'], 2, /--out/],
    ['another preset', ['--dataset', 'simulated', '--out', 'x', '--preset', 'hard'], 2, /hard.*demo, benchmark/],
    [
      'half a person',
      ['--dataset', 'simulated', '--out', 'x', '--subjects', '0.5'],
      2,
      /--subjects is 0\.5.*1 to 1000/,
    ],
    ['a seed that is none', ['--dataset', 'simulated', '--out', 'x', '--seed', 'abc'], 2, /--seed is "abc"/],
    ['an unknown electrode', ['--dataset', 'simulated', '--out', '{}/odd', '--montage', 'O1,XX'], 5, /"XX".*10-20/],
    ['a file for a folder', ['--dataset', 'simulated', '--out', '{}/file'], 3, /file.*can't be written/],
  ])('refuses %s', async (_what, args, exit, says) => {
    await writeFile(join(folder, 'file'), '');
    const { code, lines } = await runCli('prepare', ...args.map((arg) => arg.replace('{}', folder)));
    expect(lines).toMatchObject([{ event: 'error', message: expect.stringMatching(says) }]);
    expect(code).toBe(exit);
  });
});
