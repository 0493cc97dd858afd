import { beforeAll, expect, it } from 'vitest';
import { PACKET_BYTES } from '../../../devices/openbci-cyton/packet.ts';
import { UV_PER_COUNT } from '../../../src/formats/eeg/openbci/board.ts';
import { openEegRecording } from '../../../src/formats/open-recording.ts';
import { CYTON8 } from '../../../src/montage.ts';
import { eegPreprocessConfigSchema } from '../../../src/preprocess/eeg/config.ts';
import { createEegPreprocessor } from '../../../src/preprocess/eeg/preprocessor.ts';
import type { FeatureWindow } from '../../../src/preprocess/feature-window.ts';
import type { Block } from '../../../src/samples.ts';
import { bannerBytes, blocksOf, concat, PERIOD_US, packetOf, startedDriver } from '../../support/cyton.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { allWindows } from '../../support/preprocessing.ts';

const FOLDER = 'eeg-openbci-cyton';
const ROWS = 22_490;

async function blocksOfText(name: string): Promise<Block[]> {
  return [...(await openEegRecording(testData(FOLDER, name))).blocks()];
}

/** One packet a row, as the board sends it. */
function packetsOf(blocks: readonly Block[]): Uint8Array[] {
  return blocks.flatMap(({ data, length, firstSample }) =>
    Array.from({ length }, (_, i) =>
      packetOf(
        firstSample + i,
        CYTON8.map((_, c) => Math.round(data[c * length + i]! / UV_PER_COUNT)),
      ),
    ),
  );
}

/** Blocks and counts of the driver; packet n arrives when it is sent. */
function received(packets: readonly Uint8Array[]) {
  const driver = startedDriver();
  const events = packets.flatMap((bytes, n) => driver.push(bytes, n * PERIOD_US));
  events.push(...driver.interrupted());
  return { blocks: blocksOf(events), counts: driver.counts };
}

function featuresOf(blocks: readonly Block[]): FeatureWindow[] {
  const preprocessor = createEegPreprocessor(eegPreprocessConfigSchema.parse({}), blocks[0]!.info);
  return allWindows(preprocessor, blocks);
}

function rowsOf(blocks: readonly Block[]): Map<number, string> {
  return new Map(
    blocks.flatMap(({ data, length, firstSample }) =>
      Array.from({ length }, (_, i): [number, string] => [
        firstSample + i,
        CYTON8.map((_, c) => data[c * length + i]).join(),
      ]),
    ),
  );
}

describeWithData(FOLDER, 'a Cyton recording as text in two layouts and as serial bytes', () => {
  let v4: Block[];
  let v6: Block[];
  beforeAll(async () => {
    v4 = await blocksOfText('OpenBCI-sampleData-1-blinks-jawClench-alpha.v4.txt');
    v6 = await blocksOfText('OpenBCI_GUI-v6-blinks-jawClench-alpha.txt');
  });

  it('gives bit-identical features', () => {
    const wanted = featuresOf(v4);
    expect(wanted).toHaveLength(86);
    expect(featuresOf(v6)).toEqual(wanted);
    expect(featuresOf(received(packetsOf(v4)).blocks)).toEqual(wanted);
  });

  it('gives every row that a faulty line leaves intact, and counts the others', () => {
    const packets = packetsOf(v6);
    const whole = new Set(packets.keys());
    const noise = Uint8Array.of(0xa0, 0x00, 0xc0, 0xa0, 0xff);
    const damages: ((packet: Uint8Array) => Uint8Array)[] = [
      () => new Uint8Array(),
      (packet) => packet.subarray(0, 20),
      (packet) => packet.subarray(5),
      (packet) => concat([packet.subarray(0, 17), noise, packet.subarray(17)]),
      (packet) => packet.with(0, 0x20),
      (packet) => packet.with(PACKET_BYTES - 1, 0x40),
    ];
    const sent = packets.map((packet, n) => {
      if (n % 37 === 12) return concat([noise, packet]);
      if (n % 41 > 1 || n < 41) return packet;
      whole.delete(n);
      return damages[n % damages.length]!(packet);
    });
    const { blocks, counts } = received(sent);

    const rows = rowsOf(blocks);
    expect([...rows.keys()]).toEqual([...whole]);
    const text = rowsOf(v6);
    expect([...rows].filter(([n, row]) => row !== text.get(n))).toEqual([]);
    const bytesSent = concat([bannerBytes(), ...sent]).length;
    expect(counts).toEqual({
      bytesReceived: bytesSent,
      bytesDiscarded: bytesSent - whole.size * PACKET_BYTES,
      samplesReceived: whole.size,
      samplesLost: ROWS - whole.size,
    });
    expect(blocks.reduce((sum, { lostBefore }) => sum + lostBefore, 0)).toBe(ROWS - whole.size);
  });
});
