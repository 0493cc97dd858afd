import { describe, expect, it } from 'vitest';
import { biosignal } from '../../../devices/biosignal/index.ts';
import { cytonProtocol } from '../../../devices/openbci-cyton/index.ts';
import { createAmplifier } from '../../../devices/simulator/amplifier.ts';
import { recordingSource } from '../../../devices/simulator/source.ts';
import { openEegRecording } from '../../../src/formats/open-recording.ts';
import type { Recording } from '../../../src/formats/recording.ts';
import type { Block, StreamInfo } from '../../../src/samples.ts';
import { describeWithData, testData } from '../../support/data.ts';
import { play, rowsOf } from '../../support/simulator.ts';

const info: StreamInfo = {
  deviceId: 'recorded',
  modality: 'eeg',
  channels: [{ label: 'CZ', unit: 'uV' }],
  sampleRateHz: 100,
  simulated: false,
};

/** Samples whose value is their index; 50 are lost after the first 100. */
function recording(): Recording {
  const block = (firstSample: number, length: number, lostBefore: number): Block => ({
    info,
    firstSample,
    length,
    data: Float32Array.from({ length }, (_, i) => firstSample + i),
    lostBefore,
    deviceTimeUs: 0,
    hostTimeUs: 0,
    clockErrUs: 0,
  });
  return {
    path: 'a',
    format: 'a',
    info,
    totalSamples: 250,
    startUnixUs: null,
    markers: [
      { label: 'in the gap', sample: 120 },
      { label: 'late', sample: 200.5 },
    ],
    notices: [],
    blocks: () => [block(0, 100, 0), block(150, 100, 50)],
  };
}

describe('recordingSource', () => {
  it('plays a recording with its gap, and its markers at their times', () => {
    const driver = biosignal.createDriver({ baud: 115_200 });
    const amplifier = createAmplifier({ protocol: 'biosignal', source: recordingSource(recording()) });
    const { blocks, events } = play(driver, amplifier, 4);
    const rows = rowsOf(blocks);
    expect(rows).toHaveLength(200);
    for (const { index, values } of rows) expect(values).toEqual([index]);
    expect(driver.counts).toMatchObject({ samplesReceived: 200, samplesLost: 50 });
    expect(events.flatMap((event) => (event.type === 'marker' ? [event.marker] : []))).toEqual([
      { label: 'in the gap', sample: 120 },
      { label: 'late', sample: 201 },
    ]);
    expect(blocks[0]!.info).toMatchObject({ simulated: false, deviceId: 'recorded' });
    expect(amplifier.ended).toBe(true);
    const gap = blocks.find(({ lostBefore }) => lostBefore > 0)!;
    expect(Math.abs(gap.hostTimeUs - 1.5e6)).toBeLessThan(20_000);
  });
});

describeWithData('eeg-openbci-cyton', 'a recorded Cyton, played by the amplifier', () => {
  it.each([
    ['openbci-cyton', cytonProtocol(), 'OpenBCI_2016-02-13_Jordan_focus.txt'],
    ['biosignal', biosignal, 'OpenBCI_2016-02-13_Jordan_focus.txt'],
  ] as const)('arrives bit for bit over %s, with its gaps', async (protocol, host, name) => {
    const recorded = await openEegRecording(testData('eeg-openbci-cyton', name));
    const driver = host.createDriver({ baud: host.defaultBaud });
    const amplifier = createAmplifier({ protocol, source: recordingSource(recorded) });
    const seconds = recorded.totalSamples / 250 + 1;
    const { blocks } = play(driver, amplifier, seconds, { stepMs: 20 });

    expect(driver.counts).toMatchObject({ samplesReceived: 30_647, samplesLost: 365 });
    const wanted = rowsOf([...recorded.blocks()]);
    const rows = rowsOf(blocks);
    const wrong = rows.filter(
      ({ index, values }, i) => index !== wanted[i]!.index || values.some((value, c) => value !== wanted[i]!.values[c]),
    );
    expect(rows).toHaveLength(wanted.length);
    expect(wrong).toEqual([]);
  });
});
