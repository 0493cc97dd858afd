import type { ProtocolDriver } from '../../devices/link/driver.ts';
import { cytonProtocol } from '../../devices/openbci-cyton/index.ts';
import { encodePacket, PACKET_CHANNELS } from '../../devices/openbci-cyton/packet.ts';
import type { Block, DeviceEvent } from '../../src/samples.ts';

export const PERIOD_US = 4000;

/** Counts that identify the packet and the channel, without bytes that look like framing. */
export function plainCounts(packet: number): number[] {
  return Array.from(
    { length: PACKET_CHANNELS },
    (_, c) => (((packet % 4096) << 8) % 0x10000) | (c + 1) | ((packet >> 8) << 16),
  );
}

/** Packet n of a stream that began with counter 0. */
export function packetOf(n: number, counts: ArrayLike<number> = plainCounts(n)): Uint8Array {
  return encodePacket(n & 0xff, counts);
}

/** A driver after start-up: the board has sent its banner (`daisy`: with a Daisy) at time 0. */
export function startedDriver(daisy = false, montage?: readonly string[]): ProtocolDriver {
  const driver = cytonProtocol(montage ? { montage } : {}).createDriver({ baud: 115_200 });
  driver.opened(0);
  driver.push(bannerBytes(daisy), 0);
  return driver;
}

export function bannerBytes(daisy = false): Uint8Array {
  const daisyLine = daisy ? 'On Daisy ADS1299 Device ID: 0x3E\n' : '';
  return new TextEncoder().encode(
    `OpenBCI V3 8-16 channel\nOn Board ADS1299 Device ID: 0x3E\n${daisyLine}LIS3DH Device ID: 0x33\nFirmware: v3.1.2\n$$$`,
  );
}

export function blocksOf(events: readonly DeviceEvent[]): Block[] {
  return events.flatMap((event) => (event.type === 'samples' ? [event.block] : []));
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export const text = (bytes: readonly Uint8Array[]): string => Buffer.concat(bytes).toString();
export const bytesOf = (string: string): Uint8Array => new TextEncoder().encode(string);
export const open = (options: { montage?: readonly string[] } = {}): ProtocolDriver =>
  cytonProtocol(options).createDriver({ baud: 115_200 });

/** Feeds packets as (number, arrival) and returns the indexes of the emitted samples. */
export function indexesOf(
  driver: ProtocolDriver,
  packets: Iterable<readonly [n: number, arrivalUs: number]>,
): number[] {
  const events: DeviceEvent[] = [];
  for (const [n, arrivalUs] of packets) events.push(...driver.push(packetOf(n), arrivalUs));
  events.push(...driver.interrupted());
  return blocksOf(events).flatMap(({ firstSample, length }) => Array.from({ length }, (_, i) => firstSample + i));
}

export function* steady(from: number, to: number): Generator<[number, number]> {
  for (let n = from; n < to; n++) yield [n, n * PERIOD_US];
}

/** Index and first channel of every sample. */
export function valuesOf(blocks: readonly Block[]): number[][] {
  return blocks.flatMap(({ firstSample, length, data }) =>
    Array.from({ length }, (_, i) => [firstSample + i, data[i]!]),
  );
}

export function joined(parts: readonly Float32Array[], channel: number): Float32Array {
  return Float32Array.from(
    parts.flatMap((data) => [...data.subarray((channel * data.length) / 8, ((channel + 1) * data.length) / 8)]),
  );
}
