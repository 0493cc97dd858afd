import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleAt } from '../../src/samples.ts';
import { runCli, runPlainCli } from '../support/cli.ts';
import { describeWithData, testData } from '../support/data.ts';
import { sceneBlock } from '../support/gaze.ts';

const RATE_HZ = 250;
const LUND = ['--rate', '500', '--screen-px', '1024x768', '--screen-mm', '380x300', '--distance-mm', '670'];

let folder: string;
let degrees: string;
let pixels: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affect-edge-eye-events-'));
  const scene = sceneBlock({
    rateHz: RATE_HZ,
    seconds: 3,
    saccades: [[1, 8]],
    missing: [{ fromS: 2, toS: 2.2 }],
  });
  const rows = (scale: number, offset: number) =>
    Array.from({ length: scene.length }, (_, i) => {
      const [x, y, pupil] = sampleAt(scene, i) as [number, number, number];
      return [600 + (i * 1000) / RATE_HZ, offset + scale * x, offset + scale * y, pupil].join();
    });
  degrees = join(folder, 'degrees.csv');
  pixels = join(folder, 'pixels.csv');
  await writeFile(degrees, ['time_ms,x_deg,y_deg,pupil_mm', ...rows(1, 0)].join('\n'));
  await writeFile(pixels, ['time_ms,x_px,y_px,pupil_mm', ...rows(30, 500), '0,0,0,0', '0,0,0,0'].join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.concurrent('eye-events', () => {
  it('prints one object an event, in order of time, counted from the first row', async () => {
    const { code, lines, stderr } = await runCli('eye-events', degrees);
    expect(code).toBe(0);
    expect(lines.map(({ event, type }) => [event, type])).toEqual(
      ['fixation', 'saccade', 'fixation', 'blink', 'fixation'].map((type) => ['eye_event', type]),
    );
    expect(Object.keys(lines[1]!).slice(0, 4)).toEqual(['type', 'start_s', 'end_s', 'amplitude_deg']);
    expect(lines[0]).toMatchObject({ start_s: 0, x_deg: expect.closeTo(0, 1), dispersion_x_deg: expect.any(Number) });
    expect(lines[1]).toMatchObject({ start_s: expect.closeTo(1, 1), amplitude_deg: expect.closeTo(8, 0) });
    expect(lines[3]).toEqual({ type: 'blink', start_s: 2, end_s: 2.2, duration_ms: 200, event: 'eye_event' });
    expect(stderr).toContain('3.0 s at 250 Hz: 3 fixations, 1 saccade, 1 blink, 0 track losses');
  });

  it('tells a person the same in a line each', async () => {
    const { code, stdout } = await runPlainCli(['eye-events', degrees]);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(5);
    expect(stdout).toMatch(/^ +2\.000-2\.200 s {2}blink +200 ms$/m);
    expect(stdout).toMatch(/saccade .* deg$/m);
  });

  it('goes by dispersion where it is told to', async () => {
    const { lines } = await runCli('eye-events', degrees, '--algorithm', 'idt');
    expect(lines.filter(({ type }) => type === 'saccade')).toMatchObject([{ peak_deg_s: null }]);
  });

  it('asks for the geometry of pixels, and trims rows whose time falls back to 0', async () => {
    const asked = await runCli('eye-events', pixels);
    expect(asked.code).toBe(2);
    expect(asked.lines).toEqual([
      { event: 'error', code: 'CONFIG_INVALID', message: expect.stringContaining('--screen-mm') },
    ]);
    const { code, lines, stderr } = await runCli('eye-events', pixels, ...LUND.slice(2));
    expect(code).toBe(0);
    expect(lines).toHaveLength(5);
    expect(stderr).toContain('2 rows at the end, whose time falls back to 0, are left out');
  });

  it.each([
    ['--screen-px', '1024', '--screen-px is "1024": give width x height, as 1024x768'],
    ['--screen-mm', '0x300', '--screen-mm is "0x300"'],
    ['--distance-mm', 'far', '--distance-mm is "far": give the distance'],
    ['--rate', '-1', '--rate is "-1": give the sampling rate in Hz'],
    ['--algorithm', 'ikf', 'Allowed choices are ivt, idt'],
  ])('refuses %s %s', async (flag, value, message) => {
    const { code, lines } = await runCli('eye-events', degrees, flag, value);
    expect(code).toBe(2);
    expect(lines[0]!['message']).toContain(message);
  });

  it('refuses a file that is no eye recording', async () => {
    expect((await runCli('eye-events', join(folder, 'nothing.csv'))).code).toBe(3);
  });
});

describeWithData('eye-lund2013', 'eye-events on Lund 2013', () => {
  it('finds the saccades and the blink of an image trial by a given rate', async () => {
    const file = testData('eye-lund2013', 'participants_T', 'img_TL20_img_konijntjes.csv');
    const { code, lines } = await runCli('eye-events', file, ...LUND);
    expect(code).toBe(0);
    const count = (type: string) => lines.filter((line) => line['type'] === type).length;
    expect(count('blink')).toBe(1);
    // MN marks 28 saccades and 30 fixations.
    expect(Math.abs(count('saccade') - 28)).toBeLessThanOrEqual(3);
    expect(Math.abs(count('fixation') - 30)).toBeLessThanOrEqual(5);
    const starts = lines.map((line) => Number(line['start_s']));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });

  it('reads a trial without time stamps', async () => {
    const file = testData('eye-lund2013', 'participants_T', 'dots_TL22_trial17.csv');
    expect((await runCli('eye-events', file, ...LUND)).code).toBe(0);
    const refused = await runCli('eye-events', file, ...LUND.slice(2));
    expect(refused.code).toBe(3);
    expect(refused.lines[0]!['message']).toContain('--rate');
  });
});
