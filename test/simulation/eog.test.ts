import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStateMarker } from '../../src/simulation/emotion.ts';
import { createEogGenerator } from '../../src/simulation/eog.ts';
import { SIMULATION_VERSION } from '../../src/simulation/presets.ts';
import { collect } from '../support/collect.ts';
import { mean } from '../support/spectrum.ts';

const BASE = { seed: 5, preset: 'demo', sampleRateHz: 250 } as const;

/** Horizontal and vertical, `seconds` from the start. */
function channels(options: Partial<Parameters<typeof createEogGenerator>[0]>, seconds: number) {
  const generator = createEogGenerator({ ...BASE, ...options });
  const length = seconds * generator.sampleRateHz;
  const { data } = generator.next(length);
  return [data.subarray(0, length), data.subarray(length)] as const;
}

describe('a generator of EOG', () => {
  it('gives the same signal for the same seed, and a different one for another seed or person', () => {
    const [signal] = channels({}, 20);
    expect(channels({}, 20)[0]).toEqual(signal);
    expect(channels({ subject: 5 }, 20)[0]).toEqual(signal);
    expect(channels({ seed: 6 }, 20)[0]).not.toEqual(signal);
    expect(channels({ subject: 6 }, 20)[0]).not.toEqual(signal);
  });

  it('gives bit-identical samples and the same markers for any cut into chunks', () => {
    const schedule = { kind: 'random', minS: 1, maxS: 2 } as const;
    fc.assert(
      fc.property(
        fc.constantFrom(125, 128, 250, 512, 2048),
        fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 12 }),
        (sampleRateHz, lengths) => {
          const options = { ...BASE, sampleRateHz, schedule };
          const whole = collect(createEogGenerator(options), [lengths.reduce((a, b) => a + b, 0)]);
          expect(collect(createEogGenerator(options), lengths)).toEqual(whole);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is the same person at every rate: samples at common times are equal', () => {
    const slow = channels({}, 10);
    for (const sampleRateHz of [500, 1000, 2000]) {
      const fast = channels({ sampleRateHz }, 10);
      for (const c of [0, 1] as const) {
        for (let i = 0; i < slow[c].length; i++) expect(fast[c][(i * sampleRateHz) / 250]).toBe(slow[c][i]);
      }
    }
  });

  it('gives its channels and version, and marks each state at its first sample', () => {
    const schedule = { kind: 'trials', trialS: 3, emotions: ['neutral', 'positive'] } as const;
    const generator = createEogGenerator({ ...BASE, schedule });
    expect([generator.labels, generator.simulationVersion]).toEqual([['hEOG', 'vEOG'], SIMULATION_VERSION]);
    const { markers } = generator.next(2000);
    expect(markers.map(({ label, offset }) => [parseStateMarker(label), offset])).toEqual([
      ['neutral', 0],
      ['positive', 750],
    ]);
  });

  it.each([124, 2049, 250.5, Number.NaN])('refuses %s Hz', (sampleRateHz) => {
    expect(() => createEogGenerator({ ...BASE, sampleRateHz })).toThrow(/125 to 2048/);
  });

  it('jumps with saccades in either direction, and blinks upwards in the vertical channel', () => {
    const [horizontal, vertical] = channels({}, 120);
    // Peaks of a blink are above the potential of 9 degrees of gaze.
    const blinks = vertical.filter((value, i) => value > 180 && !(vertical[i - 1]! > 180));
    expect(blinks.length).toBeGreaterThan(10);
    expect(vertical.filter((value) => value < -180)).toHaveLength(0);
    const jumps = horizontal
      .map((value, i) => value - (horizontal[i - 16] ?? value))
      .filter((jump) => Math.abs(jump) > 60);
    const rightwards = jumps.filter((jump) => jump > 0).length / jumps.length;
    expect(jumps.length).toBeGreaterThan(100);
    expect(rightwards).toBeGreaterThan(0.3);
    expect(rightwards).toBeLessThan(0.7);
  });

  it('has different amplitudes for different people', () => {
    const range = (subject: number) => {
      const [horizontal] = channels({ subject }, 60);
      return mean(horizontal.map(Math.abs));
    };
    const ranges = [1, 2, 3, 4].map(range);
    expect(Math.max(...ranges) / Math.min(...ranges)).toBeGreaterThan(1.05);
  });
});
