import { describe, expect, it } from 'vitest';
import { simulateEog } from '../../../training/eog/simulated.ts';

const OPTIONS = { preset: 'demo', seed: 3, subjects: 2, trials: 6, trialS: 8 } as const;

describe('simulated trials', () => {
  it('have the layout of DEAP behind its baseline', () => {
    const { trials, simulated, description } = simulateEog(OPTIONS);
    expect(simulated).toBe(true);
    expect(description).toMatch(/^simulated .*preset demo, seed 3, 2 subjects x 6 trials x 8 s$/);
    expect(trials).toHaveLength(12);
    for (const [i, { subject, number, samples, eeg, eog }] of trials.entries()) {
      expect([subject, number, samples]).toEqual([Math.floor(i / 6), i % 6, 8 * 128]);
      expect([eeg.length, eog.length]).toEqual([32 * 8 * 128, 2 * 8 * 128]);
    }
    // Each emotion twice: positive is high in both, negative in arousal, neutral in none.
    for (const subject of [0, 1]) {
      const own = trials.filter((trial) => trial.subject === subject).map(({ high }) => high);
      expect(own.filter(({ valence }) => valence)).toHaveLength(2);
      expect(own.filter(({ arousal }) => arousal)).toHaveLength(4);
      expect(own.every(({ valence, arousal }) => arousal || !valence)).toBe(true);
    }
  });

  it('come again with their seed alone', () => {
    expect(simulateEog(OPTIONS)).toEqual(simulateEog(OPTIONS));
    const other = simulateEog({ ...OPTIONS, seed: 4 });
    expect(other.trials[0]!.eog).not.toEqual(simulateEog(OPTIONS).trials[0]!.eog);
  });

  it('hold signals of the size that amplifiers see', () => {
    const { trials } = simulateEog(OPTIONS);
    for (const { eeg, eog, samples } of trials) {
      const rms = (values: Float32Array) =>
        Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
      for (let c = 0; c < 32; c++) {
        const channel = eeg.subarray(c * samples, (c + 1) * samples);
        // Band-passed: neither the electrode's offset of millivolts nor its drift is left.
        expect(Math.abs(channel.reduce((a, b) => a + b, 0) / samples)).toBeLessThan(2);
        expect(rms(channel)).toBeGreaterThan(1);
        expect(rms(channel)).toBeLessThan(100);
      }
      for (const value of eog) expect(Math.abs(value)).toBeLessThan(800);
      expect(rms(eog.subarray(0, samples))).toBeGreaterThan(10);
    }
  });

  it.each([{ subjects: 0 }, { trials: 1.5 }, { trialS: -1 }])('are refused for %o', (changes) => {
    const [name, value] = Object.entries(changes)[0]!;
    expect(() => simulateEog({ ...OPTIONS, ...changes })).toThrow(`${name} is ${value}; give a whole number from 1`);
  });
});
