import { lastValueFrom, type Subscription, takeWhile, toArray } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { biosignal } from '../../devices/biosignal/index.ts';
import { serialDevice } from '../../devices/serial/index.ts';
import { systemClock } from '../../src/clock.ts';
import { playSimulatedDevice, type SimulateOptions } from '../../src/main/simulate.ts';
import type { DeviceEvent, StreamInfo } from '../../src/samples.ts';
import { describeWithPty, type PtyPair, ptyPair } from '../support/pty.ts';

describeWithPty('a simulated device at a serial port', () => {
  let pty: PtyPair;
  let playing: Subscription | undefined;
  beforeEach(async () => {
    pty = await ptyPair();
  });
  afterEach(async () => {
    playing?.unsubscribe();
    await pty.remove();
  });

  /** The stream description that a host receives with the first samples. */
  async function receivedInfo(options: Partial<SimulateOptions>): Promise<StreamInfo> {
    playing = playSimulatedDevice(
      { device: 'biosignal', port: pty.device, seed: 1, ...options },
      systemClock,
    ).subscribe();
    const host = serialDevice({ protocol: biosignal, path: pty.host, clock: systemClock });
    const untilSamples = takeWhile<DeviceEvent>(({ type }) => type !== 'samples', true);
    const events = await lastValueFrom(host.events$.pipe(untilSamples, toArray()));
    const last = events.at(-1)!;
    if (last.type !== 'samples') throw new Error(`expected samples, got ${last.type}`);
    return last.block.info;
  }

  it.each([
    ['eeg', 1000, 62, 'FP1'],
    ['eye', 120, 6, 'x_left_px'],
    ['eog', 250, 2, 'hEOG'],
  ] as const)('plays %s at %i Hz by default', async (modality, sampleRateHz, channels, first) => {
    const info = await receivedInfo({ modality });
    expect(info).toMatchObject({ modality, sampleRateHz, simulated: true });
    expect(info.channels).toHaveLength(channels);
    expect(info.channels[0]!.label).toBe(first);
  });

  it('plays at a given rate', async () => {
    expect((await receivedInfo({ modality: 'eye', sampleRateHz: 60 })).sampleRateHz).toBe(60);
  });

  it('refuses a modality or rate that the device or the generator does not have', () => {
    const play = (options: Partial<SimulateOptions>) => () =>
      playSimulatedDevice({ device: 'biosignal', port: pty.device, seed: 1, ...options }, systemClock);
    expect(play({ device: 'openbci-cyton', modality: 'eye' })).toThrow(/plays EEG at 250 Hz, not eye/);
    expect(play({ device: 'openbci-cyton', sampleRateHz: 500 })).toThrow(/not eeg at 500.*leave out/);
    expect(play({ modality: 'eye', sampleRateHz: 2000 })).toThrow(/30 to 1250 Hz, got 2000/);
  });
});
