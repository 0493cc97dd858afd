import { describe, expect, it } from 'vitest';
import { encodeDescriptor } from '../../../devices/biosignal/encode.ts';
import type { Descriptor } from '../../../devices/biosignal/frame.ts';
import { biosignal } from '../../../devices/biosignal/index.ts';
import { sampleAt } from '../../../src/samples.ts';
import { blocksOf, dataAt, descriptor, errorOf, valueAt } from '../../support/biosignal.ts';

const withChannels = (change: (channel: Descriptor['channels'][number], c: number) => object): Descriptor => ({
  ...descriptor,
  channels: descriptor.channels.map((channel, c) => ({ ...channel, ...change(channel, c) })),
});

function samplesOf(declared: Descriptor) {
  const driver = biosignal.createDriver({ baud: 3_000_000 });
  driver.opened(0);
  const events = driver.push(Buffer.concat([encodeDescriptor(declared), dataAt(7)]), 0);
  const [block] = blocksOf(events);
  return { info: block!.info, values: sampleAt(block!, 0) };
}

describe('the unit of an amplifier', () => {
  it.each([
    ['uV', 1],
    ['µV', 1],
    ['μV', 1],
    ['nV', 1e-3],
    ['mV', 1e3],
    ['V', 1e6],
    [' millivolts ', 1e3],
  ])('%s is converted to microvolts', (unit, factor) => {
    const { info, values } = samplesOf(withChannels(() => ({ unit })));
    expect(values).toEqual(valueAt(7).map((value) => Math.fround(value * factor)));
    expect(info.channels.map((channel) => channel.unit)).toEqual(['uV', 'uV']);
    expect(info.railUv).toBe(187_500 * factor);
  });

  it('gives the same samples in mV and in uV', () => {
    const inMillivolts = withChannels(({ scale }) => ({ unit: 'mV', scale: scale / 1000 }));
    const { info, values } = samplesOf({ ...inMillivolts, rail: 187.5 });
    expect(info).toEqual(samplesOf(descriptor).info);
    values.forEach((value, c) => {
      expect(value).toBeCloseTo(valueAt(7)[c]!, 5);
    });
  });
});

describe('a descriptor that cannot be right', () => {
  const eye = { ...descriptor, modality: 'eye' } as const;
  it.each<[string, Descriptor, RegExp]>([
    ['an empty unit', withChannels(() => ({ unit: '' })), /no unit for channel FP1: .*uV/],
    ['an empty unit of gaze', { ...eye, channels: [{ label: 'x_px', unit: ' ', scale: 1 }] }, /channel x_px: .*px/],
    ['an unknown unit', withChannels((_, c) => (c === 1 ? { unit: 'counts' } : {})), /"counts" for channel FP2/],
    ['an amplitude in px', withChannels(() => ({ unit: 'px' })), /the unit "px" for channel FP1/],
    ['a doubled label', withChannels(() => ({ label: 'Fp1' })), /the label Fp1 for two channels/],
    ['an empty label', withChannels((_, c) => (c === 1 ? { label: '' } : {})), /no label for channel 2/],
    ['a scale of 0', withChannels(() => ({ scale: 0 })), /the scale 0 for channel FP1/],
    ['a scale that is not a number', withChannels(() => ({ scale: Number.NaN })), /the scale NaN for channel FP1/],
    ['an infinite scale', withChannels(() => ({ scale: Infinity })), /the scale Infinity for channel FP1/],
    ['a rate in the wrong unit', { ...descriptor, sampleRateHz: 0.25 }, /a sampling rate of 0.25 Hz: .*millihertz/],
    ['an absurd rate', { ...descriptor, sampleRateHz: 4e6 }, /a sampling rate of 4000000 Hz/],
    ['one rail for two units', withChannels((_, c) => ({ unit: ['uV', 'mV'][c]! })), /a rail of 187500 .*uV, mV/],
  ])('is refused by name: %s', (_, declared, message) => {
    const driver = biosignal.createDriver({ baud: 3_000_000 });
    driver.opened(0);
    const error = errorOf(() => driver.push(encodeDescriptor(declared), 0));
    expect(error).toMatchObject({ code: 'DEVICE_WRONG', message: expect.stringMatching(message) });
  });
});
