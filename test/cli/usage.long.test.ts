import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLOSE_CODE } from '../../src/api/protocol.ts';
import { runCli, runPlainCli, spawnCli, startCli } from '../support/cli.ts';
import { TestClient } from '../support/test-client.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affect-edge-usage-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function configFile(name: string, config: unknown): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, JSON.stringify(config));
  return file;
}

describe.concurrent('what is called wrongly', () => {
  const port = ['--port', '/nowhere/port'];

  it.each<[what: string, args: string[], says: RegExp]>([
    ['no command', [], /a command is missing/],
    ['half a command', ['models'], /a command is missing/],
    ['an unknown command', ['dmeo'], /unknown command 'dmeo'.*demo/s],
    ['an unknown option', ['demo', '--bogus'], /unknown option '--bogus'/],
    ['an unknown device', ['serve', '--device', 'toaster'], /toaster.*biosignal, openbci-cyton, gazepoint, simulator/],
    ['a device without its port', ['serve', '--device', 'biosignal'], /--port/],
    ['a port without its device', ['serve', ...port], /--port is .*but --device is missing: .*biosignal/],
    ['a missing file argument', ['replay', '--model', 'models/demo-cyton8-cmcrd'], /missing required argument 'file'/],
    [
      'a port number that is none',
      ['demo', '--http-port', 'abc'],
      /^the configuration is not valid: --http-port is "abc"/,
    ],
    ['a hop out of range', ['demo', '--hop', '9'], /--hop is 9: /],
    ['a seed that is no whole number', ['demo', '--seed', '1.5'], /--seed is 1\.5: /],
    ['an unknown fault', ['demo', '--faults', 'bite=1'], /bite.*loss=SHARE/],
    [
      'a speed that is none',
      ['replay', 'x.csv', '--model', 'models/demo-cyton8-cmcrd', '--speed', 'fast'],
      /--speed.*fast/,
    ],
    ['another notch', ['features', 'x.csv', '--out', 'x', '--notch', '55'], /55.*50, 60/],
    ['a sampling rate that is none', ['features', 'x.csv', '--out', 'x', '--rate', 'abc'], /--rate.*"abc"/],
    ['a baud rate that is none', ['simulate', '--device', 'biosignal', ...port, '--baud', 'abc'], /--baud is "abc"/],
    ['a negative seed', ['simulate', '--device', 'biosignal', ...port, '--seed', '-1'], /--seed is -1: /],
    ['a token for nobody', ['token', ''], /name is ""/],
    ['a date that is none', ['token', 'lab', '--expires', 'soon'], /soon.*2027-01-31/],
    [
      'a montage for a device that names its channels',
      ['serve', '--device', 'biosignal', ...port, '--montage', 'A,B'],
      /--montage is A,B/,
    ],
    [
      "a method against the model's",
      ['features', 'x.csv', '--out', 'x', '--model', 'models/demo-cyton8-cmcrd', '--method', 'bcmi'],
      /--model brings its own/,
    ],
    ['a scope that is none', ['token', 'lab', '--scopes', 'all'], /all.*predictions, features, raw/],
    ['a configuration that is no object', ['serve', '--config', 'package-lock.json'], /lockfileVersion/],
  ])('refuses %s with exit code 2 and one JSON line', async (_what, args, says) => {
    const { code, lines } = await runCli(...args);
    expect(lines).toEqual([{ event: 'error', code: 'CONFIG_INVALID', message: expect.stringMatching(says) }]);
    expect(code).toBe(2);
  });

  it('names an unknown key of the configuration file, and those that there are', async () => {
    const { code, lines } = await runCli('serve', '--config', await configFile('typo.json', { server: { prot: 1 } }));
    expect(code).toBe(2);
    expect(lines).toEqual([
      { event: 'error', code: 'CONFIG_INVALID', message: expect.stringMatching(/`server\.prot`.*\bport\b/) },
    ]);
  });

  it('names a configuration file that is not there', async () => {
    const { code, lines } = await runCli('serve', '--config', join(folder, 'absent.json'));
    expect(code).toBe(3);
    expect(lines).toEqual([
      { event: 'error', code: 'FILE_NOT_FOUND', message: expect.stringContaining('absent.json') },
    ]);
  });

  it('names the value of an environment variable that does not fit', async () => {
    const { code, stdout } = await runPlainCli(['demo', '--json'], { AFFECT_EDGE_HTTP_PORT: 'many' });
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/AFFECT_EDGE_HTTP_PORT is "many"/),
    });
  });

  it('tells a person on stderr, in words, and leaves stdout empty', async () => {
    const { code, stdout, stderr } = await runPlainCli(['serve', '--device', 'biosignal']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^affect-edge: --device biosignal needs --port.*\[CONFIG_INVALID\]\n$/);
  });
});

it.concurrent.each([
  '',
  'demo',
  'serve',
  'simulate',
  'replay',
  'features',
  'models',
  'models check',
  'models build',
  'token',
])('helps with "%s"', async (command) => {
  const { code, stdout } = await runPlainCli([...command.split(' ').filter(Boolean), '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^Usage: affect-edge ${command}`));
});

it('ends in silence where its reader has gone', async () => {
  const rows = Array.from({ length: 60 * 60 }, (_, i) => `${i / 60},${500 + (i % 40)},500,3,3`);
  const gaze = join(folder, 'gaze.csv');
  await writeFile(gaze, ['time_s,x_px,y_px,pupil_left_mm,pupil_right_mm', ...rows].join('\n'));
  const screen = ['--screen-px', '1920x1080', '--screen-mm', '527x296', '--distance-mm', '650'];
  const child = spawnCli(['replay', gaze, '--model', 'models/demo-eye33-cmcrd', '--speed', '10', '--json', ...screen]);
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  expect(stderr).not.toMatch(/EPIPE|at .*\.js/);
});

describe('beyond this machine', () => {
  it('is not served without a token', async () => {
    const { code, lines } = await runCli('serve', '--listen', '0.0.0.0', '--http-port', '0');
    expect(code).toBe(6);
    expect(lines).toEqual([
      { event: 'error', code: 'AUTH_REQUIRED', message: expect.stringMatching(/0\.0\.0\.0.*server\.tokens/) },
    ]);
  });

  it('is served to whoever has the token that `token` made, and to nobody else', async () => {
    const made = await runCli('token', 'lab', '--scopes', 'predictions,raw');
    const { token, entry } = made.lines[0]!;
    expect(JSON.stringify(entry)).not.toContain(token);
    const file = await configFile('tokens.json', { server: { host: '0.0.0.0', port: 0, tokens: [entry] } });
    const serve = startCli('serve', '--config', file);
    const { ws } = await serve.listening();

    const friend = new TestClient(ws);
    expect(await friend.next()).toMatchObject({ type: 'hello', auth: 'required' });
    expect(await friend.ask({ type: 'auth', token })).toMatchObject({
      type: 'auth_ok',
      scopes: ['predictions', 'raw'],
    });
    expect(await friend.ask({ id: 1, type: 'subscribe', stream: 'features' })).toMatchObject({ id: 1, ok: false });
    expect(await friend.ask({ id: 2, type: 'subscribe', stream: 'prediction' })).toMatchObject({ id: 2, ok: true });

    const stranger = new TestClient(ws);
    await stranger.next();
    stranger.send({ type: 'auth', token: 'guessed' });
    expect(await stranger.closed).toMatchObject({ code: CLOSE_CODE.unauthenticated });

    const mute = new TestClient(ws);
    await mute.next();
    mute.send({ id: 1, type: 'subscribe', stream: 'prediction' });
    expect(await mute.closed).toMatchObject({ code: CLOSE_CODE.unauthenticated });

    await friend.end();
    expect(await serve.stop()).toBe(0);
  });
});
