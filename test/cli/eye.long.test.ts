/** An eye tracker on a cable, alone and beside an amplifier, and its recordings: the built command line from end to end. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNpy } from '../../src/formats/arrays/npy.ts';
import { createGazeGenerator, SIMULATED_SCREEN } from '../../src/simulation/gaze/generator.ts';
import { overCable } from '../support/cable.ts';
import { type JsonLine, runCli, startCli } from '../support/cli.ts';
import { observe } from '../support/events.ts';
import { describeWithPty, ptyPair } from '../support/pty.ts';

const BIOSIGNAL = ['--device', 'biosignal'];
const EYE_MODEL = 'models/demo-eye33-cmcrd';
const ANY = ['--http-port', '0', '--no-open'];

describeWithPty('an eye tracker on a cable', () => {
  it.concurrent(
    'is served: predictions, what the eyes do, and which features moved the decision',
    overCable(async ({ cable, start }) => {
      start('simulate', ...BIOSIGNAL, '--modality', 'eye', '--rate', '60', '--port', cable.device);
      const serve = start('serve', ...BIOSIGNAL, '--port', cable.host, '--model', EYE_MODEL, ...ANY);
      const { first, client } = observe((await serve.listening()).ws);
      const prediction = await first('prediction', ({ data }) => data.state === 'ok');
      expect(prediction).toMatchObject({ source: 'eye', simulated: true });
      const features = await first('features', ({ data }) => data.state === 'ok');
      expect(features.data.values).toHaveLength(33);
      expect(features.data.influence).toHaveLength(33);
      const fixation = await first('gaze', ({ data }) => data.type === 'fixation');
      expect(fixation).toMatchObject({ source: 'eye', simulated: true });
      const saccade = await first('gaze', ({ data }) => data.type === 'saccade');
      expect(saccade.data).toMatchObject({ amplitude_deg: expect.any(Number), peak_deg_s: expect.any(Number) });
      const device = await first('device', ({ data }) => data.geometry !== null);
      expect(device.data.geometry).toMatchObject({ screen_px: SIMULATED_SCREEN.screenPx });
      const raw = await first('raw');
      expect(raw.info).toMatchObject({ modality: 'eye', channels: 6, sampleRateHz: 60, simulated: true });
      expect(client.hello!.model.features[0]).toEqual({ name: 'pupil_x_mean', unit: 'mm' });
      client.close();
      expect(await serve.stop()).toBe(0);
    }),
  );

  it.concurrent(
    'and an amplifier predict together, and the amplifier goes on alone',
    overCable(async ({ cable, start }) => {
      const other = await ptyPair();
      start('simulate', ...BIOSIGNAL, '--rate', '250', '--port', cable.device);
      const tracker = start('simulate', ...BIOSIGNAL, '--modality', 'eye', '--port', other.device);
      const eye = ['--eye-device', 'biosignal', '--eye-port', other.host];
      const serve = start('serve', ...BIOSIGNAL, '--port', cable.host, ...eye, ...ANY);
      const { first, notice, client } = observe((await serve.listening()).ws);
      const both = await first('prediction', ({ fused }) => fused?.length === 2);
      expect(both).toMatchObject({ source: 'fusion', data: { state: 'ok' } });
      expect(client.hello).toMatchObject({ sources: ['eeg', 'eye', 'fusion'] });

      await tracker.kill();
      expect(await notice('device_lost')).toMatchObject({
        source: 'eye',
        message: expect.stringContaining(other.host),
      });
      await first('prediction', ({ source, data }) => source === 'eye' && data.reasons.includes('stale'));
      const alone = await first('prediction', ({ fused, t }) => fused?.join() === 'eeg' && t.end_us > both.t.end_us);
      expect(alone.data.state).toBe('ok');
      client.close();
      expect(await serve.stop()).toBe(0);
      await other.remove();
    }),
  );
});

describe('a Gazepoint tracker', () => {
  it('is served over TCP, with the screen that the user says and the pixels that it says itself', async () => {
    const port = String(await freePort());
    const tracker = startCli('simulate', '--device', 'gazepoint', '--port', port);
    await tracker.line(({ event }) => event === 'playing');
    const host = ['--device', 'gazepoint', '--host', '127.0.0.1', '--port', port];
    const unknown = await runCli('serve', ...host, ...ANY);
    expect(unknown.code).toBe(2);
    expect(unknown.lines.at(-1)).toMatchObject({
      message: expect.stringMatching(/\(--screen-mm .* --distance-mm 650\)/),
    });

    const serve = startCli('serve', ...host, '--screen-mm', '527x296', '--distance-mm', '650', ...ANY);
    const { first, client } = observe((await serve.listening()).ws);
    const prediction = await first('prediction', ({ data }) => data.state === 'ok');
    expect(prediction).toMatchObject({ source: 'eye', simulated: true });
    const device = await first('device', ({ data }) => data.geometry !== null);
    expect(device.data).toMatchObject({
      device_id: 'gazepoint-simulator',
      sample_rate_hz: 60,
      geometry: { screen_px: [1920, 1080], screen_mm: [527, 296], distance_mm: 650 },
    });
    client.close();
    expect(await serve.stop()).toBe(0);
    expect(await tracker.stop()).toBe(0);
  });

  it('that is not there is named with the way out', async () => {
    const port = String(await freePort());
    const { code, lines } = await runCli(
      'serve',
      '--device',
      'gazepoint',
      '--host',
      '127.0.0.1',
      '--port',
      port,
      ...ANY,
    );
    expect(code).toBe(4);
    expect(lines.at(-1)).toMatchObject({
      code: 'HOST_UNREACHABLE',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });
});

/** One that nobody listens on, a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('what a tracker needs', () => {
  it.each([
    [['--device', 'gazepoint'], '--device gazepoint needs --host'],
    [['--device', 'gazepoint', '--host', 'x', '--port', 'ttyUSB0'], '--port is ttyUSB0'],
    [
      ['--device', 'biosignal', '--port', 'p', '--host', 'x'],
      '--host is x, which has no meaning for --device biosignal',
    ],
    [['--device', 'gazepoint', '--host', 'x', '--baud', '9600'], '--baud is 9600, which has no meaning for'],
    [['--device', 'biosignal', '--port', 'p', '--modality', 'both'], '--modality is both, which is for the simulator'],
    [['--host', '0.0.0.0'], 'the address to listen on is --listen'],
    [['--modality', 'eog', '--hop', '0.3'], 'the hop is 0.3 s'],
    [['--eye-device', 'biosignal', '--faults', 'loss=0'], '--eye-device biosignal needs --eye-port'],
    [['--eye-port', 'p'], 'name the eye tracker (--eye-device'],
    [['--screen-px', '1920'], '--screen-px is "1920": give width x height'],
    [['--distance-mm', '-1'], '--distance-mm is -1'],
  ])('serve %j is refused with what is missing', async (args, message) => {
    const { code, lines } = await runCli('serve', ...args, ...ANY);
    expect(code).toBe(2);
    expect(lines.at(-1)).toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) });
  });
});

describe('a recording of gaze', () => {
  it('has the same windows by replay and by features, and is told from EEG by its content', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'affect-edge-gaze-'));
    const rateHz = 60;
    const generator = createGazeGenerator({ seed: 7, preset: 'demo', sampleRateHz: rateHz });
    const length = 20 * rateHz;
    const { data } = generator.next(length);
    const rows = Array.from({ length }, (_, i) => {
      const cells = generator.labels.map((_label, c) => data[c * length + i]!);
      return [(i / rateHz).toFixed(4), ...cells.map((value) => (Number.isNaN(value) ? '' : value.toFixed(4)))].join();
    });
    const file = join(folder, 'gaze.csv');
    await writeFile(file, [['time_s', ...generator.labels].join(), ...rows].join('\n'));
    const screen = ['--screen-px', '1920x1080', '--screen-mm', '527x296', '--distance-mm', '650'];

    const missing = await runCli('features', file, '--out', folder);
    expect(missing.code).toBe(2);
    expect(missing.lines.at(-1)).toMatchObject({ message: expect.stringContaining('--screen-px 1920x1080') });

    const model = ['--model', EYE_MODEL];
    expect((await runCli('features', file, ...screen, ...model, '--out', folder)).code).toBe(0);
    const meta = JSON.parse(await readFile(join(folder, 'meta.json'), 'utf8'));
    const written = readNpy(await readFile(join(folder, 'features.npy')), 'features.npy');
    expect(written.shape).toEqual([meta.state.length, 33]);
    expect(meta).toMatchObject({ modality: 'eye', method: 'causal-30s', recording: { simulated: false } });
    expect(meta.features[12]).toEqual({ name: 'dispersion_x_mean', unit: 'deg' });

    const replayed = await runCli('replay', file, ...screen, ...model, '--speed', 'max');
    expect(replayed.code).toBe(0);
    const predictions = replayed.lines.filter(({ event }) => event === 'prediction') as (JsonLine & {
      start_s: number;
    })[];
    expect(predictions.map(({ state }) => state)).toEqual(meta.state);
    expect(predictions.map(({ start_s }) => Math.round(start_s * 1e3) / 1e3)).toEqual(meta.start_s);

    const eegModel = await runCli('features', file, ...screen, '--model', 'models/demo-eeg62-cmcrd', '--out', folder);
    expect(eegModel.code).toBe(5);
    expect(eegModel.lines.at(-1)).toMatchObject({
      code: 'MODEL_MISMATCH',
      message: expect.stringContaining('delivers "eye"'),
    });
    const noHop = await runCli('features', file, ...screen, ...model, '--hop', '0', '--out', folder);
    expect(noHop.lines.at(-1)).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('the hop is 0 s'),
    });

    // x and y alone may be anything; a screen says that they are gaze.
    const bare = join(folder, 'bare.csv');
    const points = Array.from({ length: 600 }, (_, i) => `${i / 60},${900 + (i % 40)},500`);
    await writeFile(bare, ['time_s,x,y', ...points].join('\n'));
    const gazeOnly = await runCli('features', bare, ...screen, '--out', folder);
    expect(gazeOnly.lines.at(-1)).toMatchObject({ message: expect.stringContaining('gives no pupil diameter') });

    const asEeg = await runCli('features', file, ...screen, '--method', 'bcmi', '--out', folder);
    expect(asEeg.lines.at(-1)).toMatchObject({ message: expect.stringContaining('--method has no meaning for') });
    await rm(folder, { recursive: true });
  });
});
