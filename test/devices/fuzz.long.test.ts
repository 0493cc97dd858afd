/** Drivers on changed bytes: they go on, or refuse the device with an AffectEdgeError. */
import { describe, expect, it } from 'vitest';
import { encodeMarker } from '../../devices/biosignal/encode.ts';
import { biosignal } from '../../devices/biosignal/index.ts';
import { GazepointDriver } from '../../devices/gazepoint/driver.ts';
import type { ProtocolDriver } from '../../devices/link/driver.ts';
import { cytonProtocol } from '../../devices/openbci-cyton/index.ts';
import { DESCRIPTION, dataAt } from '../support/biosignal.ts';
import { bannerBytes, packetOf } from '../support/cyton.ts';
import { fuzz } from '../support/fuzz.ts';
import { record } from '../support/gazepoint.ts';

const joined = (...parts: (Uint8Array | string)[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)));
const counted = <Item>(count: number, make: (n: number) => Item) => Array.from({ length: count }, (_, n) => make(n));

const DRIVERS: readonly [string, () => ProtocolDriver, Buffer][] = [
  [
    'biosignal frames',
    () => biosignal.createDriver({ baud: 3_000_000 }),
    joined(
      DESCRIPTION,
      ...counted(40, (n) => dataAt(n)),
      encodeMarker(20, 'go'),
      ...counted(40, (n) => dataAt(40 + n)),
    ),
  ],
  [
    'Cyton packets',
    () => cytonProtocol({}).createDriver({ baud: 115_200 }),
    joined(bannerBytes(), ...counted(60, (n) => packetOf(n))),
  ],
  [
    'Open Gaze records',
    () => new GazepointDriver(),
    joined(
      '<ACK ID="SCREEN_SIZE" X="0" Y="0" WIDTH="1920" HEIGHT="1080" />\r\n',
      ...counted(90, (n) => record(`CNT="${n}" TIME="${n / 60}" BPOGX="0.5" BPOGY="0.5" BPOGV="1"`)),
    ),
  ],
];

describe('fuzzed bytes', () => {
  it.each(DRIVERS)('%s', { timeout: 600_000 }, (name, create, seed) => {
    const report = fuzz(name, [seed], (bytes) => {
      const driver = create();
      driver.opened(0);
      for (let from = 0; from < bytes.length; from += 97) driver.push(bytes.subarray(from, from + 97), from * 100);
      driver.interrupted();
    });
    expect(report.runs).toBeGreaterThan(report.refusals);
  });
});
