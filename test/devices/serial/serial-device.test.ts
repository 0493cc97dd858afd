import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DeviceEvent } from '../../../src/samples.ts';
import { describeWithPty, type PtyPair, ptyPair } from '../../support/pty.ts';
import { failureOf, openSystemPort, PoweredAmplifier, unplugWhileBusy, watch } from '../../support/serial.ts';

describeWithPty('serial device on a pty', () => {
  let pair: PtyPair;
  beforeEach(async () => {
    pair = await ptyPair();
  });
  afterEach(() => pair.remove());

  it('streams, and on unsubscribing sends stop and closes the port', async () => {
    const amplifier = new PoweredAmplifier();
    await amplifier.attach(pair.device);
    for (let round = 0; round < 2; round++) {
      const seen = watch({ path: pair.host });
      await seen.until(() => seen.blocks().length > 3);
      const kinds = seen.events.map((event) => (event.type === 'status' ? event.state : event.type));
      expect(kinds.slice(0, 4)).toEqual(['connecting', 'info', 'streaming', 'samples']);
      const stops = amplifier.requests.filter((request) => request === 'stop').length;
      seen.unsubscribe();
      await vi.waitFor(() => expect(amplifier.requests.filter((request) => request === 'stop').length).toBe(stops + 1));
    }
  });

  it('reconnects after 20 unplugs during a read, with every gap declared', async () => {
    const amplifier = new PoweredAmplifier();
    await amplifier.attach(pair.device);
    let whileHandling: (() => void) | undefined;
    const seen = watch({ path: pair.host }, () => whileHandling?.());
    for (let i = 0; i < 20; i++) {
      const before = seen.blocks().length;
      await seen.until(() => seen.states('streaming') === i + 1 && seen.blocks().length > before + 2);
      let unplugged: Promise<void> | undefined;
      whileHandling = () => {
        unplugged ??= unplugWhileBusy(pair);
      };
      if (i % 2 === 0) unplugged = pair.unplug();
      await seen.until(() => seen.states('lost') > i);
      whileHandling = undefined;
      await unplugged;
      await pair.plug();
      await amplifier.attach(pair.device);
    }
    await seen.until(() => seen.states('streaming') === 21);
    const counted = (): DeviceEvent | undefined => seen.events.findLast((event) => event.type === 'counts');
    await seen.until(() => {
      const event = counted();
      return event?.type === 'counts' && event.counts.reconnects === 20;
    });
    seen.unsubscribe();

    const blocks = seen.blocks();
    for (let i = 1; i < blocks.length; i++) {
      const previous = blocks[i - 1]!;
      expect(blocks[i]!.firstSample).toBe(previous.firstSample + previous.length + blocks[i]!.lostBefore);
      expect(blocks[i]!.hostTimeUs).toBeGreaterThanOrEqual(previous.hostTimeUs);
    }
    expect(blocks.filter((block) => block.lostBefore > 0).length).toBeGreaterThanOrEqual(20);
    // Each was detected as an unplug, not by the watchdog for silence.
    const reasons = seen.events.flatMap((e) => (e.type === 'status' && e.state === 'lost' ? [e.message] : []));
    for (const reason of reasons)
      expect(reason).toMatch(/broke: the device was unplugged \(.+\)$|no serial port|not be opened/);
    // The amplifier ran on, so its counter gives the loss.
    const last = blocks.at(-1)!;
    expect(last.firstSample - blocks[0]!.firstSample).toBe((last.deviceTimeUs - blocks[0]!.deviceTimeUs) / 1000);
  });

  it('does not use a full core after the unplug', async () => {
    const amplifier = new PoweredAmplifier();
    await amplifier.attach(pair.device);
    let unplugged: Promise<void> | undefined;
    let cpu: NodeJS.CpuUsage | undefined;
    let from = 0;
    const seen = watch({ path: pair.host, backoff: { firstMs: 400, maxMs: 400 } }, () => {
      if (seen.blocks().length < 3) return;
      unplugged ??= unplugWhileBusy(pair);
      cpu ??= process.cpuUsage();
      from ||= performance.now();
    });
    await seen.until(() => seen.states('lost') === 2);
    const { user, system } = process.cpuUsage(cpu);
    seen.unsubscribe();
    await unplugged;
    expect((user + system) / 1000).toBeLessThan(0.5 * (performance.now() - from));
  });

  it('waits twice as long before each attempt, up to the limit, and starts over after a success', async () => {
    const amplifier = new PoweredAmplifier();
    await amplifier.attach(pair.device);
    const seen = watch({ path: pair.host, backoff: { firstMs: 4, maxMs: 16 } });
    const waits = () => seen.events.flatMap((e) => (e.type === 'status' && e.state === 'lost' ? [e.retryInMs] : []));
    await seen.until(() => seen.states('streaming') === 1);
    await pair.unplug();
    await seen.until(() => waits().length === 4);
    expect(waits()).toEqual([4, 8, 16, 16]);
    await pair.plug();
    await amplifier.attach(pair.device);
    await seen.until(() => seen.states('streaming') === 2);
    const before = waits().length;
    await pair.unplug();
    await seen.until(() => waits().length > before);
    expect(waits()[before]).toBe(4);
    seen.unsubscribe();
  });

  it('reports a silent device', async () => {
    const error = await failureOf({ path: pair.host, silentMs: 300 });
    expect(error.code).toBe('DEVICE_SILENT');
    expect(error.message).toContain(pair.host);
  });

  it('treats silence after the first sample as a broken link, and tries again', async () => {
    const amplifier = new PoweredAmplifier();
    await amplifier.attach(pair.device);
    // Long enough for the first sample on a busy machine: silence before it is final.
    const seen = watch({ path: pair.host, silentMs: 1500 });
    await seen.until(() => seen.blocks().length > 0);
    await pair.unplug();
    await pair.plug();
    await seen.until(() => seen.events.some((e) => e.type === 'status' && e.message.includes('no sample came')));
    await amplifier.attach(pair.device);
    await seen.until(() => seen.states('streaming') === 2);
    seen.unsubscribe();
  });

  it('names a wrong device', async () => {
    const port = await openSystemPort(pair.device, 115_200);
    const chatter = setInterval(() => port.write('temperature 21.5\r\n'), 50);
    const error = await failureOf({ path: pair.host }).finally(() => clearInterval(chatter));
    expect(error.code).toBe('DEVICE_WRONG');
    expect(error.message).toMatch(/74 65 6d 70.*text/);
  });

  it('refuses a baud that is too low for the declared rate', async () => {
    await new PoweredAmplifier().attach(pair.device);
    const error = await failureOf({ path: pair.host, baud: 115_200 });
    expect(error.code).toBe('BAUD_TOO_LOW');
    expect(error.message).toMatch(new RegExp(`^${pair.host}: 115200 baud`));
  });

  it('reports a busy port', async () => {
    const holder = await openSystemPort(pair.host, 115_200);
    const error = await failureOf({ path: pair.host });
    holder.close();
    expect(error.code).toBe('PORT_BUSY');
    expect(error.message).not.toContain('Error');
  });

  it('reports a file that is not a port', async () => {
    const path = join(dirname(pair.host), 'file');
    writeFileSync(path, 'text');
    const { code, message } = await failureOf({ path });
    expect(code).toBe('PORT_FAILED');
    expect(message).toMatch(/could not be opened: (?!Error)/);
  });
});
