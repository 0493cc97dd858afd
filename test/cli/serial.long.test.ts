import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { CYTON8 } from '../../src/montage.ts';
import { overCable } from '../support/cable.ts';
import { runCli } from '../support/cli.ts';
import { observe } from '../support/events.ts';
import { describeWithPty } from '../support/pty.ts';

const CYTON = ['--device', 'openbci-cyton'];
const BIOSIGNAL = ['--device', 'biosignal'];
const ANY = ['--http-port', '0', '--no-open'];

/** The end of a `serve` that refuses its device. */
async function refusal(...args: string[]): Promise<unknown> {
  const { code, lines } = await runCli('serve', ...args, ...ANY);
  expect(code).toBe(4);
  expect(lines.map(({ event }) => event)).toEqual(['listening', 'error']);
  return lines[1];
}

describeWithPty('over a cable', () => {
  it.concurrent(
    'a Cyton is served, lost, declared stale, and served again on the same stream',
    overCable(async ({ cable, start }) => {
      const amplifier = start('simulate', ...CYTON, '--port', cable.device);
      const serve = start('serve', ...CYTON, '--port', cable.host, ...ANY);
      const { ws, http } = await serve.listening();
      const { first, notice, client } = observe(ws);
      const prediction = await first('prediction', ({ data }) => data.state === 'ok');
      expect(prediction).toMatchObject({ simulated: true, quality: { coverage: 1, bad_channels: [] } });
      const device = await first('device', ({ data }) => data.state === 'streaming');
      expect(device.data).toMatchObject({ channels: CYTON8, sample_rate_hz: 250, reconnects: 0 });
      const { info } = await first('raw');
      expect(info).toMatchObject({ channels: 8, sampleRateHz: 250 });

      await amplifier.kill();
      expect(await notice('device_lost')).toMatchObject({ code: 600, message: expect.stringContaining(cable.host) });
      expect(await serve.line(({ event }) => event === 'notice')).toMatchObject({ name: 'device_lost' });
      const stale = await first('prediction', ({ data }) => data.reasons.includes('stale'));
      expect(stale.data).toEqual({
        state: 'abstain',
        reasons: ['stale'],
        label: null,
        probs: null,
        probs_by_label: null,
      });
      expect((await fetch(`${http}/readyz`)).status).toBe(503);

      start('simulate', ...CYTON, '--port', cable.device, '--seed', '2');
      await notice('device_back');
      const back = await first('device', ({ data }) => data.state === 'streaming' && data.reconnects === 1);
      expect(back.data.samples_received).toBeGreaterThan(0);
      // The index of the same stream goes on, with what was missed in between declared as lost.
      const resumed = await first('raw', (frame) => frame.info.lostBefore > 250);
      expect(resumed.info.firstSample).toBeGreaterThan(info.firstSample + resumed.info.lostBefore);
      expect((await notice('gap')).message).toMatch(/samples .* are missing before sample \d+/);
      // The windows that the outage delayed are stale; the next one is not.
      await vi.waitFor(async () => expect((await fetch(`${http}/readyz`)).status).toBe(200), { timeout: 10_000 });
      client.close();
      expect(await serve.stop()).toBe(0);
    }),
  );

  it.concurrent(
    'a recording is played on the biosignal protocol and arrives whole',
    overCable(async ({ cable, start }) => {
      const folder = await mkdtemp(join(tmpdir(), 'affect-edge-serial-'));
      const rows = Array.from({ length: 1000 }, (_, i) => CYTON8.map((_label, c) => ((i * (c + 3)) % 41) - 20).join());
      const file = join(folder, 'recording.csv');
      await writeFile(file, [CYTON8.join(), ...rows].join('\n'));
      const amplifier = start('simulate', ...BIOSIGNAL, '--port', cable.device, '--recording', file, '--rate', '250');
      const model = ['--model', 'models/demo-cyton8-cmcrd'];
      const serve = start('serve', ...BIOSIGNAL, '--port', cable.host, ...model, ...ANY);
      const { first, client } = observe((await serve.listening()).ws);
      const whole = await first('device', ({ data }) => data.samples_received >= 1000);
      expect(whole.data).toMatchObject({
        samples_received: 1000,
        samples_lost: 0,
        bytes_discarded: 0,
        channels: CYTON8,
      });
      expect(await amplifier.ended()).toBe(0);
      expect(amplifier.lines.map(({ event }) => event)).toEqual(['playing', 'played']);
      client.close();
      await rm(folder, { recursive: true });
    }),
  );

  it.concurrent(
    'a baud rate too low is refused, with a rate and a baud rate that fit',
    overCable(async ({ cable, start }) => {
      start('simulate', ...BIOSIGNAL, '--port', cable.device);
      expect(await refusal(...BIOSIGNAL, '--port', cable.host, '--baud', '115200')).toMatchObject({
        code: 'BAUD_TOO_LOW',
        message: expect.stringMatching(/115200.*62 channels.*1000 Hz.*\d+ Hz would fit.*--baud 3000000/s),
      });
    }),
  );

  it.concurrent(
    'a device of another kind is refused, with what it says',
    overCable(async ({ cable, start }) => {
      start('simulate', ...CYTON, '--port', cable.device);
      expect(await refusal(...BIOSIGNAL, '--port', cable.host)).toMatchObject({
        code: 'DEVICE_WRONG',
        message: expect.stringMatching(/no biosignal frame.*begin with/s),
      });
    }),
  );

  it.concurrent(
    'a silent device is refused',
    overCable(async ({ cable }) => {
      expect(await refusal(...CYTON, '--port', cable.host)).toMatchObject({
        code: 'DEVICE_SILENT',
        message: expect.stringContaining(cable.host),
      });
    }),
  );

  it.concurrent(
    'a model for other electrodes is refused, with all that are missing',
    overCable(async ({ cable, start }) => {
      start('simulate', ...CYTON, '--port', cable.device);
      const { code, lines } = await runCli(
        'serve',
        ...[...CYTON, '--port', cable.host, '--model', 'models/demo-eeg62-cmcrd', ...ANY],
      );
      expect(code).toBe(5);
      expect(lines.at(-1)).toMatchObject({
        code: 'MONTAGE_MISSING_ELECTRODE',
        message: expect.stringMatching(/54 of 62.*\bCB2\b/s),
      });
    }),
  );

  it.concurrent(
    'a port in use is refused',
    overCable(async ({ cable, start }) => {
      start('simulate', ...CYTON, '--port', cable.device);
      const holder = start('serve', ...CYTON, '--port', cable.host, ...ANY);
      const { first, client } = observe((await holder.listening()).ws);
      await first('raw');
      expect(await refusal(...CYTON, '--port', cable.host)).toMatchObject({
        code: 'PORT_BUSY',
        message: expect.stringContaining(cable.host),
      });
      client.close();
    }),
  );
});

describe('without a cable', () => {
  it.each(['serve', 'simulate'])('%s names the port that is not there', async (command) => {
    const outlets = command === 'serve' ? ANY : [];
    const { code, lines } = await runCli(command, ...BIOSIGNAL, '--port', '/nowhere/port', ...outlets);
    expect(code).toBe(4);
    expect(lines.at(-1)).toMatchObject({
      event: 'error',
      code: 'PORT_NOT_FOUND',
      message: expect.stringContaining('/nowhere/port'),
    });
  });
});
