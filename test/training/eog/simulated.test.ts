import { describe, expect, it } from 'vitest';
import { eogPreprocessConfigSchema } from '../../../src/preprocess/eog/config.ts';
import { createEogPreprocessor, EOG_SETTLING_S } from '../../../src/preprocess/eog/preprocessor.ts';
import { Random } from '../../../src/random.ts';
import { EMOTIONS } from '../../../src/simulation/emotion.ts';
import { createEogGenerator } from '../../../src/simulation/eog.ts';
import { SIMULATION_VERSION } from '../../../src/simulation/presets.ts';
import { simulateEog } from '../../../training/eog/simulated.ts';
import { shuffle } from '../../../training/loop/shuffle.ts';
import { allWindows } from '../../support/preprocessing.ts';
import { cutEvenly } from '../../support/signals.ts';

const OPTIONS = { preset: 'demo', seed: 3, subjects: 2, trials: 6, trialS: 8 } as const;

describe('simulated trials', () => {
  it('are windows of trials behind their baseline, those of the settling left out', () => {
    const { trials, simulation, description, leftOut } = simulateEog(OPTIONS);
    expect(simulation).toEqual({ preset: 'demo', version: SIMULATION_VERSION });
    expect(description).toMatch(/^simulated .*preset demo, seed 3, 2 subjects x 6 trials x 8 s$/);
    expect(trials).toHaveLength(12);
    // Of the first trial, 3 to 11 s, both windows lie in the settling.
    expect(EOG_SETTLING_S).toBe(10);
    expect(trials.map(({ windows }) => windows.length)).toEqual([0, 2, 2, 2, 2, 2, 0, 2, 2, 2, 2, 2]);
    expect(leftOut).toBe(4);
    for (const [i, { subject, number, windows }] of trials.entries()) {
      expect([subject, number]).toEqual([Math.floor(i / 6), i % 6]);
      for (const { eeg, eog } of windows) expect([eeg.length, eog.length]).toEqual([32 * 512, 2 * 512]);
    }
    // Each emotion twice: positive is high in both, negative in arousal, neutral in none.
    for (const subject of [0, 1]) {
      const own = trials.filter((trial) => trial.subject === subject).map(({ high }) => high);
      expect(own.filter(({ valence }) => valence)).toHaveLength(2);
      expect(own.filter(({ arousal }) => arousal)).toHaveLength(4);
      expect(own.every(({ valence, arousal }) => arousal || !valence)).toBe(true);
    }
  });

  it('hold what the live path gives of the same person, window for window (parity law)', () => {
    const emotions = Array.from({ length: OPTIONS.trials }, (_, i) => EMOTIONS[i % EMOTIONS.length]!);
    shuffle(emotions, new Random(OPTIONS.seed, 'eog trials', 1));
    const schedule = { kind: 'trials', trialS: 11, emotions } as const;
    const identity = { seed: OPTIONS.seed + 1, subject: OPTIONS.seed + 1, preset: 'demo', schedule } as const;
    const eyes = createEogGenerator({ ...identity, sampleRateHz: 250 });
    const length = 66 * 250;
    const times = { lostBefore: 0, deviceTimeUs: 0, hostTimeUs: 0, clockErrUs: 0 };
    const block = { info: eyes.info, firstSample: 0, length, data: eyes.next(length).data, ...times };
    const live = createEogPreprocessor(eogPreprocessConfigSchema.parse({}), eyes.info);
    const windows = allWindows(live, cutEvenly(block, 5));
    const own = simulateEog(OPTIONS).trials.filter(({ subject }) => subject === 1);
    for (const { number, windows: cut } of own) {
      for (const [w, { eog }] of cut.entries()) {
        expect(eog).toStrictEqual(windows.find(({ index }) => index === number * 11 + 3 + 4 * w)!.values);
      }
    }
  });

  it('come again with their seed alone', () => {
    expect(simulateEog(OPTIONS)).toEqual(simulateEog(OPTIONS));
    const other = simulateEog({ ...OPTIONS, seed: 4 });
    expect(other.trials[1]!.windows[0]!.eog).not.toEqual(simulateEog(OPTIONS).trials[1]!.windows[0]!.eog);
  });

  it('hold signals of the size that amplifiers see, without their offsets', () => {
    const { trials } = simulateEog(OPTIONS);
    const rms = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    for (const { eeg, eog } of trials.flatMap(({ windows }) => windows)) {
      for (let c = 0; c < 32; c++) {
        const channel = eeg.subarray(c * 512, (c + 1) * 512);
        expect(Math.abs(channel.reduce((a, b) => a + b, 0) / 512)).toBeLessThan(3);
        expect(rms(channel)).toBeGreaterThan(1);
        expect(rms(channel)).toBeLessThan(100);
      }
      for (const value of eog) expect(Math.abs(value)).toBeLessThan(800);
      expect(rms(eog.subarray(0, 512))).toBeGreaterThan(10);
    }
  });

  it.each([{ subjects: 0 }, { trials: 1.5 }, { trialS: -1 }])('are refused for %o', (changes) => {
    const [name, value] = Object.entries(changes)[0]!;
    expect(() => simulateEog({ ...OPTIONS, ...changes })).toThrow(`${name} is ${value}; give a whole number from 1`);
  });
});
