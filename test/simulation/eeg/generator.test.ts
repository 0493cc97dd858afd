import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CYTON8, EEG62 } from '../../../src/montage.ts';
import { createEegGenerator, type EegGeneratorOptions } from '../../../src/simulation/eeg/generator.ts';
import { parseStateMarker } from '../../../src/simulation/emotion.ts';
import { SIMULATION_VERSION } from '../../../src/simulation/presets.ts';
import { collect } from '../../support/collect.ts';
import { logBandPowers, mean, periodogram, RATE_HZ } from '../../support/spectrum.ts';

const BASE: EegGeneratorOptions = { seed: 1, preset: 'demo', montage: CYTON8, sampleRateHz: RATE_HZ };
const STEADY = { kind: 'trials', trialS: 1, emotions: ['neutral'] } as const;

function generate(options: Partial<EegGeneratorOptions>, length: number) {
  const generator = createEegGenerator({ ...BASE, ...options });
  const { data, markers } = generator.next(length);
  const channels = generator.labels.map((_, c) => data.subarray(c * length, (c + 1) * length));
  return { data, markers, channels };
}

describe('a generator', () => {
  it('gives the same signal for the same seed, and a different one for another seed or person', () => {
    expect(generate({}, 2000).data).toEqual(generate({}, 2000).data);
    expect(generate({ subject: 1 }, 2000).data).toEqual(generate({}, 2000).data);
    expect(generate({ seed: 2 }, 2000).data).not.toEqual(generate({}, 2000).data);
    expect(generate({ subject: 2 }, 2000).data).not.toEqual(generate({}, 2000).data);
  });

  it('gives bit-identical samples and the same markers for any cut into chunks', () => {
    const schedule = { kind: 'random', minS: 1, maxS: 2 } as const;
    fc.assert(
      fc.property(
        fc.constantFrom(125, 200, 250, 512, 1000, 2048),
        fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 12 }),
        (sampleRateHz, lengths) => {
          const options = { ...BASE, montage: ['FP1', 'PZ'], sampleRateHz, schedule };
          const total = lengths.reduce((a, b) => a + b, 0);
          const whole = collect(createEegGenerator(options), [total]);
          expect(collect(createEegGenerator(options), lengths)).toEqual(whole);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('marks each state at its first sample', () => {
    const schedule = { kind: 'trials', trialS: 3, emotions: ['neutral', 'positive', 'negative'] } as const;
    for (const sampleRateHz of [125, 1000]) {
      const { markers } = generate({ sampleRateHz, schedule, montage: ['CZ'] }, 20 * sampleRateHz);
      expect(markers.map(({ label, offset }) => [parseStateMarker(label), offset / sampleRateHz])).toEqual([
        ['neutral', 0],
        ['positive', 3],
        ['negative', 6],
      ]);
    }
  });

  it('gives an electrode a signal that does not depend on the other electrodes', () => {
    const cap = generate({ montage: EEG62 }, 1000);
    const { channels } = generate({}, 1000);
    for (const [c, label] of CYTON8.entries()) expect(channels[c]).toEqual(cap.channels[EEG62.indexOf(label)]);
  });

  it('gives its simulation version', () => {
    expect(createEegGenerator(BASE).simulationVersion).toBe(SIMULATION_VERSION);
  });

  it('refuses unknown electrodes and unsupported rates', () => {
    expect(() => createEegGenerator({ ...BASE, montage: ['FP1', 'XX9'] })).toThrow(/"XX9"/);
    for (const sampleRateHz of [124, 2049, 250.5, Number.NaN]) {
      expect(() => createEegGenerator({ ...BASE, sampleRateHz })).toThrow(/125 to 2048/);
    }
  });
});

describe('the sampling rate', () => {
  it('only sets the times of the samples: samples at common times are equal', () => {
    const slow = generate({ sampleRateHz: 250, montage: ['OZ'] }, 2500).data;
    for (const sampleRateHz of [500, 1000, 2000]) {
      const fast = generate({ sampleRateHz, montage: ['OZ'] }, 10 * sampleRateHz).data;
      for (let i = 0; i < slow.length; i++) expect(fast[(i * sampleRateHz) / 250]).toBe(slow[i]);
    }
  });

  it.each([128, 200, 1000, 2048])('%i Hz gives the band powers of 256 Hz, on average within 0.05 neper', (rate) => {
    // A whole-second DFT of 4 s at any rate: bins of 0.25 Hz, summed in each band.
    const seconds = 40;
    const reference = bandPowersAt(RATE_HZ, seconds);
    const other = bandPowersAt(rate, seconds);
    for (let band = 0; band < 5; band++) expect(Math.abs(other[band]! - reference[band]!)).toBeLessThan(0.05);
  });
});

/** Mean log band powers of one electrode at any rate, by direct evaluation of the bins that the bands need. */
function bandPowersAt(sampleRateHz: number, seconds: number): number[] {
  const x = generate({ sampleRateHz, montage: ['P3'], schedule: STEADY }, seconds * sampleRateHz).data;
  const length = 4 * sampleRateHz;
  const bands = [
    [1, 3],
    [4, 7],
    [8, 13],
    [14, 30],
    [31, 48],
  ] as const;
  return bands.map(([lo, hi]) =>
    mean(
      Array.from({ length: seconds / 4 }, (_, window) => {
        let power = 0;
        for (let bin = 4 * lo; bin < 4 * hi; bin++) {
          let re = 0;
          let im = 0;
          for (let i = 0; i < length; i++) {
            const turn = (2 * Math.PI * ((bin * i) % length)) / length;
            const value = x[window * length + i]! * (1 - Math.cos((2 * Math.PI * i) / length));
            re += value * Math.cos(turn);
            im += value * Math.sin(turn);
          }
          power += (re * re + im * im) / length ** 2;
        }
        return Math.log(power);
      }),
    ),
  );
}

describe('the signal', () => {
  const length = 64 * RATE_HZ;
  const windows = Array.from({ length: 16 }, (_, i) => i * 4 * RATE_HZ);

  it.each(['demo', 'benchmark'] as const)('of %s has realistic amplitudes and electrode offsets', (preset) => {
    const { channels } = generate({ preset, montage: EEG62, schedule: STEADY }, length);
    const offsets: number[] = [];
    for (const x of channels) {
      expect(x.every(Number.isFinite)).toBe(true);
      offsets.push(mean(x));
      for (const from of windows) {
        const power = periodogram(x, from);
        const rmsUv = Math.sqrt(power.subarray(2).reduce((a, b) => a + b, 0));
        expect(rmsUv).toBeGreaterThan(3);
        expect(rmsUv).toBeLessThan(100);
      }
    }
    const spreadUv = Math.sqrt(mean(offsets.map((x) => x * x)));
    expect(spreadUv).toBeGreaterThan(1000);
    expect(spreadUv).toBeLessThan(20_000);
  });

  it('falls with frequency like 1/f, with an alpha peak over the occiput and a line at 50 Hz', () => {
    const { channels } = generate({ montage: ['OZ', 'CZ'], schedule: STEADY }, length);
    const [oz, cz] = channels.map((x) => {
      const spectra = windows.map((from) => periodogram(x, from));
      return spectra[0]!.map((_, bin) => mean(spectra.map((power) => power[bin]!)));
    });
    const level = (power: Float64Array, lo: number, hi: number) => mean(power.subarray(4 * lo, 4 * hi));
    // Between 2 and 60 Hz, away from the alpha peak and the line.
    const exponent = Math.log(level(cz!, 1.5, 3) / level(cz!, 55, 65)) / Math.log(60 / 2.25);
    expect(exponent).toBeGreaterThan(1);
    expect(exponent).toBeLessThan(2);
    expect(level(oz!, 9, 11) / level(oz!, 5, 7)).toBeGreaterThan(3);
    expect(level(oz!, 9, 11) / level(oz!, 15, 17)).toBeGreaterThan(10);
    expect(level(oz!, 9, 11) / level(cz!, 9, 11)).toBeGreaterThan(2);
    expect(level(cz!, 49.75, 50.5) / level(cz!, 46, 49)).toBeGreaterThan(1.5);
  });

  it('is more correlated between near electrodes than between far ones', () => {
    const { channels } = generate({ montage: ['CZ', 'C1', 'O1'], schedule: STEADY }, length);
    const [cz, c1, o1] = channels.map((x) => highPassed(x));
    expect(correlation(cz!, c1!)).toBeGreaterThan(0.7);
    expect(correlation(cz!, o1!)).toBeLessThan(0.5);
  });

  it('blinks over the forehead', () => {
    const { channels } = generate({ montage: ['FP1', 'OZ'], schedule: STEADY }, length);
    const [fp1, oz] = channels.map((x) => {
      const sorted = highPassed(x).sort();
      return { highest: sorted.at(-1)!, lowest: -sorted[0]! };
    });
    expect(fp1!.highest).toBeGreaterThan(70);
    expect(fp1!.highest).toBeLessThan(200);
    // Blinks are positive there; elsewhere the signal is symmetric.
    expect(fp1!.highest / fp1!.lowest).toBeGreaterThan(1.5);
    expect(oz!.highest / oz!.lowest).toBeLessThan(1.3);
  });

  it('has muscle bursts over the temples: there the strongest window above 60 Hz stands out', () => {
    const { channels } = generate({ preset: 'benchmark', montage: ['T7', 'PZ'], schedule: STEADY }, length);
    const [t7, pz] = channels.map((x) => {
      const levels = windows.map((from) =>
        periodogram(x, from)
          .subarray(240, 400)
          .reduce((a, b) => a + b, 0),
      );
      return Math.max(...levels) / levels.sort((a, b) => a - b)[8]!;
    });
    expect(t7!).toBeGreaterThan(2 * pz!);
  });

  it('changes with the emotion in less than a second', () => {
    const schedule = { kind: 'trials', trialS: 10, emotions: ['negative', 'neutral'] } as const;
    let before = 0;
    let after = 0;
    for (let seed = 0; seed < 12; seed++) {
      const x = generate({ seed, montage: ['OZ'], schedule }, 20 * RATE_HZ).data;
      before += logBandPowers(x, 6 * RATE_HZ)[2]! / 12;
      after += logBandPowers(x, 10.5 * RATE_HZ)[2]! / 12;
    }
    expect(after - before).toBeGreaterThan(0.8);
  });
});

/** Subtracts the mean over 1 s around each sample. */
function highPassed(x: Float32Array): Float64Array {
  const half = RATE_HZ / 2;
  const out = new Float64Array(x.length - 2 * half);
  let sum = 0;
  for (let i = 0; i < 2 * half; i++) sum += x[i]!;
  for (let i = 0; i < out.length; i++) {
    out[i] = x[i + half]! - sum / (2 * half);
    sum += x[i + 2 * half]! - x[i]!;
  }
  return out;
}

function correlation(a: Float64Array, b: Float64Array): number {
  const product = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}
