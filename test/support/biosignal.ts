import { encodeData, encodeDescriptor } from '../../devices/biosignal/encode.ts';
import type { Descriptor } from '../../devices/biosignal/frame.ts';
import { biosignal } from '../../devices/biosignal/index.ts';
import { AffectEdgeError } from '../../src/errors.ts';
import { type Block, type DeviceEvent, sampleAt } from '../../src/samples.ts';

export const RATE = 250;
export const PERIOD_US = 4000;

export const descriptor: Descriptor = {
  deviceId: 'amp',
  modality: 'eeg',
  simulated: true,
  sampleRateHz: RATE,
  sampleFormat: 'int24',
  rail: 187_500,
  channels: [
    { label: 'FP1', unit: 'uV', scale: 0.5 },
    { label: 'FP2', unit: 'uV', scale: 0.25 },
  ],
};
export const DESCRIPTION = encodeDescriptor(descriptor);

/** A frame whose samples have their counter as value. */
export function dataAt(counter: number, samples = 1, timeUs = counter * PERIOD_US, of = descriptor): Uint8Array {
  const data = new Float32Array(of.channels.length * samples);
  for (let c = 0; c < of.channels.length; c++) {
    for (let i = 0; i < samples; i++) data[c * samples + i] = (((counter + i) % 1000) + c) / 2;
  }
  return encodeData(of, counter, timeUs, data, samples);
}

export const valueAt = (counter: number): number[] => [(counter % 1000) / 2, ((counter % 1000) + 1) / 2];

export function open(baud = 3_000_000) {
  const driver = biosignal.createDriver({ baud });
  driver.opened(0);
  driver.push(DESCRIPTION, 0);
  return driver;
}

export function blocksOf(events: readonly DeviceEvent[]): Block[] {
  return events.flatMap((event) => (event.type === 'samples' ? [event.block] : []));
}

/** Sample by sample: index, values, times. */
export function flatten(blocks: readonly Block[]) {
  return blocks.flatMap((block) =>
    Array.from({ length: block.length }, (_, i) => ({
      sample: block.firstSample + i,
      lost: i === 0 ? block.lostBefore : 0,
      values: sampleAt(block, i),
      deviceUs: block.deviceTimeUs + i * PERIOD_US,
      hostUs: block.hostTimeUs + i * PERIOD_US,
    })),
  );
}

export function errorOf(run: () => unknown): AffectEdgeError {
  try {
    run();
  } catch (error) {
    if (error instanceof AffectEdgeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
