import type { ProtocolDriver } from '../../devices/link/driver.ts';
import type { Amplifier } from '../../devices/simulator/amplifier.ts';
import { generatorSource, type SampleSource } from '../../devices/simulator/source.ts';
import type { Block, DeviceEvent } from '../../src/samples.ts';
import { createEegGenerator } from '../../src/simulation/eeg/generator.ts';

export const MONTAGE_8 = ['FP1', 'FP2', 'C3', 'C4', 'P7', 'P8', 'O1', 'O2'];
export const MONTAGE_16 = [...MONTAGE_8, 'F7', 'F8', 'F3', 'F4', 'T7', 'T8', 'P3', 'P4'];

export function personSource(montage: readonly string[], sampleRateHz: number, seed = 1): SampleSource {
  return generatorSource(createEegGenerator({ seed, preset: 'demo', montage, sampleRateHz }));
}

const uvPerCount = 4.5e6 / 24 / (2 ** 23 - 1);

/** Sample n of channel c has the value 1000 n + c in counts of a Cyton, which identifies it. */
export function countingSource(
  channels: readonly string[],
  sampleRateHz: number,
  total = Number.POSITIVE_INFINITY,
): SampleSource {
  let position = 0;
  return {
    info: {
      deviceId: 'counting',
      modality: 'eeg',
      channels: channels.map((label) => ({ label, unit: 'uV' })),
      sampleRateHz,
      simulated: false,
    },
    next(wanted) {
      const length = Math.min(wanted, total - position);
      if (length === 0) return undefined;
      const data = new Float32Array(channels.length * length);
      for (let c = 0; c < channels.length; c++) {
        for (let i = 0; i < length; i++) data[c * length + i] = countAt(position + i, c) * uvPerCount;
      }
      position += length;
      return { length, data, lostBefore: 0, markers: [] };
    },
  };
}

function countAt(sample: number, channel: number): number {
  return (sample % 8000) * 1000 + channel;
}

/** Indexes of rows that differ from the values of `countingSource`, whose sample `first` has index 0. */
export function misplaced(rows: ReturnType<typeof rowsOf>, first: number): number[] {
  const holds = ({ index, values }: (typeof rows)[number]): boolean =>
    values.every((value, c) => value === Math.fround(countAt(first + index, c) * uvPerCount));
  return rows.filter((row) => !holds(row)).map(({ index }) => index);
}

/** The sample of `countingSource` in a row. */
export function sourceSample(row: { readonly values: readonly number[] }): number {
  return Math.round(row.values[0]! / uvPerCount / 1000);
}

export interface Played {
  readonly events: readonly DeviceEvent[];
  readonly blocks: readonly Block[];
}

/** Runs a connected driver and amplifier for `seconds` in steps of `stepMs`, without a port. */
export function play(
  driver: ProtocolDriver,
  amplifier: Amplifier,
  seconds: number,
  { fromUs = 0, stepMs = 10 } = {},
): Played {
  const events: DeviceEvent[] = [];
  amplifier.advance(fromUs);
  for (const bytes of driver.opened(fromUs)) amplifier.receive(bytes);
  for (let ms = stepMs; ms <= seconds * 1000; ms += stepMs) {
    const nowUs = fromUs + ms * 1000;
    events.push(...driver.push(amplifier.advance(nowUs), nowUs));
    if (ms % 100 < stepMs) events.push(...driver.tick(nowUs));
    for (const bytes of driver.takeWrites()) amplifier.receive(bytes);
  }
  events.push(...driver.interrupted());
  return { events, blocks: events.flatMap((event) => (event.type === 'samples' ? [event.block] : [])) };
}

/** All samples that arrived: index in the stream and values. */
export function rowsOf(blocks: readonly Block[]): { readonly index: number; readonly values: number[] }[] {
  return blocks.flatMap(({ firstSample, length, data, info }) =>
    Array.from({ length }, (_, i) => ({
      index: firstSample + i,
      values: info.channels.map((_, c) => data[c * length + i]!),
    })),
  );
}
