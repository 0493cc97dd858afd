import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { overCable } from '../support/cable.ts';
import { runCli } from '../support/cli.ts';
import { observe } from '../support/events.ts';
import { describeWithPty } from '../support/pty.ts';

const BIOSIGNAL = ['--device', 'biosignal'];
const EYES = ['--modality', 'eye'];
const MODEL = ['--model', 'models/demo-eye33-cmcrd'];
const ANY = ['--http-port', '0', '--no-open'];

describeWithPty('an eye tracker over a cable', () => {
  it.concurrent(
    'is served with the screen that it tells, and what the eyes do has a stream of its own',
    overCable(async ({ cable, start }) => {
      start('simulate', ...BIOSIGNAL, ...EYES, '--rate', '60', '--port', cable.device);
      const serve = start('serve', ...BIOSIGNAL, '--port', cable.host, ...MODEL, ...ANY);
      const { first, client } = observe((await serve.listening()).ws);
      const device = await first('device', ({ data }) => data.state === 'streaming');
      expect(device.data).toMatchObject({
        sample_rate_hz: 60,
        geometry: { screen_px: [1920, 1080], screen_mm: [527, 296], distance_mm: 650 },
      });
      expect((await first('gaze', ({ data }) => data.type === 'fixation')).data.duration_ms).toBeGreaterThan(50);
      expect((await first('gaze', ({ data }) => data.type === 'saccade')).simulated).toBe(true);
      const prediction = await first('prediction', ({ data }) => data.state === 'ok');
      expect(prediction).toMatchObject({ simulated: true, quality: { lost: 0 } });
      client.close();
      expect(await serve.stop()).toBe(0);
    }),
  );

  it.concurrent(
    'plays a recording of gaze, whose screen the user says',
    overCable(async ({ cable, start }) => {
      const folder = await mkdtemp(join(tmpdir(), 'affect-edge-gaze-'));
      const file = join(folder, 'gaze.csv');
      const row = (i: number) => [i / 60, 960 + (i % 7), 540, 3.5].join();
      await writeFile(file, ['time_s,x_px,y_px,pupil_mm', ...Array.from({ length: 300 }, (_, i) => row(i))].join('\n'));
      const screen = ['--screen-px', '1920x1080', '--screen-mm', '510x287', '--distance-mm', '600'];
      const player = start('simulate', ...BIOSIGNAL, '--port', cable.device, '--recording', file, ...screen);
      const serve = start('serve', ...BIOSIGNAL, '--port', cable.host, ...MODEL, ...ANY);
      const { first, client } = observe((await serve.listening()).ws);
      const whole = await first('device', ({ data }) => data.samples_received >= 300);
      expect(whole.data).toMatchObject({
        samples_lost: 0,
        channels: ['x_px', 'y_px', 'pupil_mm'],
        geometry: { distance_mm: 600 },
      });
      expect(await player.ended()).toBe(0);
      client.close();
      await rm(folder, { recursive: true });
    }),
  );

  it.concurrent(
    'is refused for a model of EEG',
    overCable(async ({ cable, start }) => {
      start('simulate', ...BIOSIGNAL, ...EYES, '--port', cable.device);
      const model = ['--model', 'models/demo-cyton8-cmcrd'];
      const { code, lines } = await runCli('serve', ...BIOSIGNAL, '--port', cable.host, ...model, ...ANY);
      expect(code).toBe(5);
      expect(lines.at(-1)).toMatchObject({ code: 'MODEL_MISMATCH', message: expect.stringMatching(/"eeg".*"eye"/s) });
    }),
  );
});

describe('without a cable', () => {
  it.concurrent.each<[what: string, args: string[], code: number, says: RegExp]>([
    ['a modality that there is not', ['--modality', 'emg'], 2, /emg.*eeg, eye, eog/],
    ['a rate that no tracker has', [...EYES, '--rate', '2000'], 5, /30 to 1250 Hz, got 2000/],
    [
      'a modality of a recording',
      [...EYES, '--recording', 'x.csv'],
      2,
      /--modality is eye, but a recording has its own modality: leave out --modality, or --recording/,
    ],
  ])('simulate refuses %s', async (_what, args, code, says) => {
    const result = await runCli('simulate', ...BIOSIGNAL, '--port', '/nowhere/port', ...args);
    expect(result.code).toBe(code);
    expect(result.lines.at(-1)).toMatchObject({ event: 'error', message: expect.stringMatching(says) });
  });

  it('simulate refuses eyes on a Cyton', async () => {
    const { code, lines } = await runCli('simulate', '--device', 'openbci-cyton', '--port', '/nowhere/port', ...EYES);
    expect(code).toBe(2);
    expect(lines.at(-1)).toMatchObject({ message: expect.stringMatching(/plays EEG at 250 Hz, not eye/) });
  });
});
