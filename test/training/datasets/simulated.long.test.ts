import { describe, expect, it } from 'vitest';
import { eegPreprocessConfigSchema } from '../../../src/preprocess/eeg/config.ts';
import { eyePreprocessConfigSchema } from '../../../src/preprocess/eye/config.ts';
import { EYE_FEATURES } from '../../../src/preprocess/eye/features.ts';
import { createEyePreprocessor } from '../../../src/preprocess/eye/preprocessor.ts';
import { windowsOf } from '../../../src/preprocess/preprocessor.ts';
import { EMOTIONS } from '../../../src/simulation/emotion.ts';
import { createGazeGenerator } from '../../../src/simulation/gaze/generator.ts';
import { SIMULATION_VERSION } from '../../../src/simulation/presets.ts';
import { selectElectrodes } from '../../../training/datasets/feature-table.ts';
import { tableMetaSchema } from '../../../training/datasets/paired-table.ts';
import { SIMULATED_SIZE, type SimulatedConfig, simulatedTable } from '../../../training/datasets/simulated.ts';
import { blocksOf } from '../../../training/datasets/simulated-blocks.ts';

describe('the simulated data set', () => {
  const montage = ['FP1', 'FP2', 'O1', 'O2', 'T7'];
  const config: SimulatedConfig = {
    preset: 'demo',
    montage,
    sampleRateHz: 250,
    seed: 3,
    subjects: 2,
    trials: 3,
    trialS: 12,
    preprocess: eegPreprocessConfigSchema.parse({ montage }),
  };
  /** Shared by the tests that only read them. */
  const table = simulatedTable(config);
  const onePerson = simulatedTable({ ...config, subjects: 1 });
  const oneElectrode = { montage: ['O1'], preprocess: eegPreprocessConfigSchema.parse({ montage: ['O1'] }) };

  it('holds whole windows of one trial each in both modalities, and none while filters settle', () => {
    const { eeg, eye, sessionTrials } = table;
    expect(eeg.width).toBe(25);
    expect(eye.width).toBe(33);
    // Each trial holds three windows; the first window of each subject settles.
    expect(Array.from(eeg.trials)).toEqual([0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5, 5]);
    expect(Array.from(eeg.subjects)).toEqual(Array.from(eeg.trials, (trial) => Math.floor(trial / 3)));
    expect(Array.from(sessionTrials)).toEqual(Array.from(eeg.trials, (trial) => trial % 3));
    for (const { values } of [eeg, eye]) expect(values.every(Number.isFinite)).toBe(true);
    for (const column of ['labels', 'subjects', 'trials'] as const) expect(eye[column]).toEqual(eeg[column]);
    for (const subject of [0, 1]) {
      const labels = new Set(eeg.labels.filter((_, row) => eeg.subjects[row] === subject));
      expect(labels.size).toBe(3);
    }
  });

  it('has the eye features of the live pipeline for the same gaze, also those over spans longer than a trial', () => {
    const { eye, sessionTrials } = table;
    const emotions = [0, 1, 2].map((trial) => EMOTIONS[eye.labels[sessionTrials.indexOf(trial)]!]!);
    const gaze = createGazeGenerator({
      seed: 3,
      preset: 'demo',
      sampleRateHz: 120,
      schedule: { kind: 'trials', trialS: 12, emotions },
    });
    const { info, next } = blocksOf(gaze, 6);
    const preprocessor = createEyePreprocessor(eyePreprocessConfigSchema.parse({ hop_s: 1 }), info);
    const windows = windowsOf(Array.from({ length: 38 * 20 }, () => preprocessor.push(next().block)).flat());
    // The EEG's filters have settled from the second window of the first trial on.
    const rows = [4, 8, 12, 16, 20, 24, 28];
    for (const [row, startS] of rows.entries()) {
      const values = eye.values.slice(row * 33, (row + 1) * 33);
      expect(values).toEqual(windows.find(({ index }) => index === startS)!.values);
    }
    const total = EYE_FEATURES.findIndex(({ name }) => name === 'dispersion_total_30s');
    const totals = rows.map((_, row) => eye.values[row * 33 + total]!);
    expect(totals.every((value, i) => i === 0 || value > totals[i - 1]!)).toBe(true);
  });

  it('has valid metadata that describe it', () => {
    const { meta } = onePerson;
    expect(tableMetaSchema.parse(meta)).toEqual(meta);
    expect(meta).toMatchObject({
      simulated: true,
      causal: true,
      preset: 'demo',
      simulation_version: SIMULATION_VERSION,
      trials_per_session: 3,
      within_train_trials: 2,
      montage,
    });
    expect(meta.description).toMatch(/simulated.*preset demo, people 3 to 3, 1 session each/);
  });

  it('is the same for the same seed, and has other people for another seed', () => {
    const again = simulatedTable({ ...config, subjects: 1 });
    const other = simulatedTable({ ...config, subjects: 1, seed: config.seed + 1 });
    expect(onePerson).toEqual(again);
    expect(onePerson.eeg.values).not.toEqual(other.eeg.values);
    expect(onePerson.eye.values).not.toEqual(other.eye.values);
  });

  it('has every emotion equally often, also among the training trials of each session', () => {
    const { trials, trainTrials } = SIMULATED_SIZE;
    const progress: number[] = [];
    const table = simulatedTable(
      { ...config, ...oneElectrode, subjects: 2, sessions: 2, trials, trainTrials, trialS: 8 },
      ({ done, total }) => progress.push(done / total),
    );
    expect(progress).toEqual([0.25, 0.5, 0.75, 1]);
    const orders = [0, 1].flatMap((subject) =>
      [0, 1].map((session) => {
        const emotions = new Map<number, number>();
        for (const [row, trial] of table.sessionTrials.entries()) {
          if (table.eeg.subjects[row] !== subject || table.sessions[row] !== session) continue;
          emotions.set(trial, table.eeg.labels[row]!);
        }
        return Array.from({ length: trials }, (_, trial) => emotions.get(trial)!);
      }),
    );
    const counts = (emotions: number[]) => [0, 1, 2].map((label) => emotions.filter((other) => other === label).length);
    for (const order of orders) {
      expect(counts(order)).toEqual([5, 5, 5]);
      expect(counts(order.slice(0, trainTrials))).toEqual([3, 3, 3]);
    }
    expect(new Set(orders.map(String)).size).toBe(orders.length);
  });

  it("keeps a person's traits over the sessions, with another signal", () => {
    const { eye, sessions } = simulatedTable({ ...config, ...oneElectrode, subjects: 12, sessions: 2, trialS: 32 });
    /** Mean diameter of the left pupil in neutral trials. */
    const neutral = EMOTIONS.indexOf('neutral');
    const pupil = (subject: number, session: number) => {
      const rows = [...sessions.keys()].filter(
        (row) => eye.subjects[row] === subject && sessions[row] === session && eye.labels[row] === neutral,
      );
      return rows.reduce((sum, row) => sum + eye.values[row * eye.width]!, 0) / rows.length;
    };
    const people = Array.from({ length: 12 }, (_, subject) => [pupil(subject, 0), pupil(subject, 1)] as const);
    const total = (differences: number[]) => differences.reduce((sum, difference) => sum + Math.abs(difference), 0);
    const withinPeople = total(people.map(([first, second]) => first - second));
    const betweenPeople = total(people.map(([first], i) => first - people[(i + 1) % 12]![0]));
    expect(withinPeople).toBeGreaterThan(0);
    expect(withinPeople).toBeLessThan(0.7 * betweenPeople);
  });

  it('with fewer electrodes has the same columns as a table with all of them', () => {
    const few = ['T7', 'O1'];
    const preprocess = eegPreprocessConfigSchema.parse({ montage: few });
    const narrow = simulatedTable({ ...config, subjects: 1, montage: few, preprocess });
    expect(selectElectrodes(onePerson, few).eeg.values).toEqual(narrow.eeg.values);
    expect(onePerson.eye.values).toEqual(narrow.eye.values);
  });
});
