import { describe, expect, it } from 'vitest';
import { biosignal } from '../../../devices/biosignal/index.ts';
import { createAmplifier } from '../../../devices/simulator/amplifier.ts';
import { parseFaults } from '../../../devices/simulator/faults.ts';
import { generatorSource } from '../../../devices/simulator/source.ts';
import { createEogGenerator } from '../../../src/simulation/eog.ts';
import { createGazeGenerator, SIMULATED_SCREEN } from '../../../src/simulation/gaze/generator.ts';
import { play, rowsOf } from '../../support/simulator.ts';

const tracker = () => createGazeGenerator({ seed: 4, preset: 'demo', sampleRateHz: 120 });
const driver = () => biosignal.createDriver({ baud: 115_200 });

describe('a simulated eye tracker with the biosignal protocol', () => {
  it('sends exact values, missing ones included, its screen and the true state', () => {
    const host = driver();
    const amplifier = createAmplifier({ protocol: 'biosignal', source: generatorSource(tracker()) });
    const { blocks, events } = play(host, amplifier, 60);
    const rows = rowsOf(blocks);
    expect(rows.length).toBeGreaterThan(7100);
    const { data, markers } = tracker().next(rows.length);
    const truth = rows.map((_, i) => [0, 1, 2, 3, 4, 5].map((c) => data[c * rows.length + i]!));
    expect(rows.map(({ values }) => values)).toEqual(truth);
    expect(truth.filter((values) => values.every(Number.isNaN)).length).toBeGreaterThan(100);
    expect(events.flatMap((event) => (event.type === 'marker' ? [event.marker] : []))).toEqual(
      markers.map(({ label, offset }) => ({ label, sample: offset })),
    );
    expect(blocks[0]!.info).toEqual({
      deviceId: 'simulated-eye-tracker',
      modality: 'eye',
      channels: tracker().info.channels,
      sampleRateHz: 120,
      simulated: true,
      geometry: SIMULATED_SCREEN,
    });
    expect(host.counts).toMatchObject({ samplesLost: 0, bytesDiscarded: 0 });
  });

  it('sends missing values for a lost channel', () => {
    const amplifier = createAmplifier({
      protocol: 'biosignal',
      source: generatorSource(tracker()),
      faults: parseFaults('electrode-off=pupil_left_mm'),
    });
    const rows = rowsOf(play(driver(), amplifier, 5).blocks);
    expect(rows.length).toBeGreaterThan(500);
    expect(rows.every(({ values }) => Number.isNaN(values[4]!))).toBe(true);
    expect(rows.filter(({ values }) => !Number.isNaN(values[5]!)).length).toBeGreaterThan(400);
  });
});

describe('a simulated EOG amplifier with the biosignal protocol', () => {
  it('sends the samples of the generator to half a count', () => {
    const generator = () => createEogGenerator({ seed: 4, preset: 'demo', sampleRateHz: 250 });
    const amplifier = createAmplifier({ protocol: 'biosignal', source: generatorSource(generator()) });
    const { blocks } = play(driver(), amplifier, 20);
    const rows = rowsOf(blocks);
    const { data } = generator().next(rows.length);
    for (const [i, { values }] of rows.entries()) {
      for (const [c, value] of values.entries()) {
        expect(Math.abs(value - data[c * rows.length + i]!)).toBeLessThan(0.5 * 0.0223517 * 1.1);
      }
    }
    const { info } = blocks[0]!;
    expect(info).toMatchObject({ modality: 'eog', simulated: true, sampleRateHz: 250 });
    expect(info.channels).toEqual(['hEOG', 'vEOG'].map((label) => ({ label, unit: 'uV' })));
    expect(info).not.toHaveProperty('geometry');
    expect(info.railUv).toBeCloseTo(187_500, -3);
  });
});
