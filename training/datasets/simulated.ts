/** EEG and eye movement of the same simulated windows, preprocessed as in the live pipeline. */
import { decide } from '../../src/preprocess/decide.ts';
import { type EegPreprocessConfig, eegPreprocessConfigSchema } from '../../src/preprocess/eeg/config.ts';
import { eyePreprocessConfigSchema } from '../../src/preprocess/eye/config.ts';
import { EYE_FEATURES } from '../../src/preprocess/eye/features.ts';
import type { FeatureWindow } from '../../src/preprocess/feature-window.ts';
import { createPreprocessor, type Preprocessing } from '../../src/preprocess/index.ts';
import { type PreprocessorOutput, windowsOf } from '../../src/preprocess/preprocessor.ts';
import { Random } from '../../src/random.ts';
import { createEegGenerator } from '../../src/simulation/eeg/generator.ts';
import { EMOTIONS, type Emotion } from '../../src/simulation/emotion.ts';
import { createGazeGenerator } from '../../src/simulation/gaze/generator.ts';
import type { SignalGenerator } from '../../src/simulation/generator.ts';
import { type PresetName, SIMULATION_VERSION } from '../../src/simulation/presets.ts';
import { shuffle } from '../loop/shuffle.ts';
import { pairedTable } from './assemble.ts';
import type { PairedTable, TableMeta } from './paired-table.ts';
import { blocksOf } from './simulated-blocks.ts';

export interface SimulatedConfig {
  readonly preset: PresetName;
  readonly montage: readonly string[];
  readonly sampleRateHz: number;
  /** Rates of the eye trackers, which the simulated people use in turn; default TRACKER_RATES_HZ. */
  readonly trackerRatesHz?: readonly number[];
  /** Seed of the first person; the others count up from it. */
  readonly seed: number;
  readonly subjects: number;
  /** Sessions of each subject; default 1. */
  readonly sessions?: number;
  /** Trials per session; each emotion equally often if the number of emotions divides it. */
  readonly trials: number;
  /** Number of first trials of a session that train within subjects, also balanced; default three fifths. */
  readonly trainTrials?: number;
  readonly trialS: number;
  readonly preprocess: EegPreprocessConfig;
}

const TRACKER_RATES_HZ: readonly number[] = [120];

/** Sessions and trials as in SEED, with fewer subjects and shorter trials: SEED has 15 trials of about 4 minutes. */
export const SIMULATED_SIZE = {
  sampleRateHz: 250,
  subjects: 12,
  sessions: 3,
  trials: 15,
  trainTrials: 9,
  trialS: 40,
} as const;

/** The people of seed n count up from 1000 n, so no two seeds share a person. */
export const MOST_SUBJECTS = 1000;

interface StandardConfig extends Pick<SimulatedConfig, 'preset' | 'montage'> {
  readonly seed: number;
  readonly subjects?: number;
}

/** The data set that `prepare` writes. */
export function standardTable(
  { seed, preset, montage, subjects = SIMULATED_SIZE.subjects }: StandardConfig,
  onSession?: (progress: SimulatedProgress) => void,
): PairedTable {
  // Interpolation is used only if the montage has enough electrodes.
  const preprocess = eegPreprocessConfigSchema.parse({ montage: [...montage], bad_channels: 'interpolate' });
  return simulatedTable(
    { ...SIMULATED_SIZE, preset, montage, seed: MOST_SUBJECTS * seed, subjects, preprocess },
    onSession,
  );
}

interface SimulatedProgress {
  /** Sessions done, and in all. */
  readonly done: number;
  readonly total: number;
  /** Windows so far. */
  readonly rows: number;
}

/** Keeps the seeds of sessions apart, as subjects count up by 1. */
const SESSION_STRIDE = 10_000_019;

interface Row {
  readonly eeg: Float32Array;
  readonly eye: Float32Array;
  readonly trial: number;
}

/** Windows of `window_s` without overlap, without those that the live pipeline would not classify or that touch two trials. */
export function simulatedTable(
  config: SimulatedConfig,
  onSession: (progress: SimulatedProgress) => void = () => {},
): PairedTable {
  const { subjects, sessions = 1, trials, trainTrials = Math.ceil((trials * 3) / 5) } = config;
  const rows: (Row & { readonly label: number; readonly subject: number; readonly session: number })[] = [];
  for (let subject = 0; subject < subjects; subject++) {
    for (let session = 0; session < sessions; session++) {
      const random = new Random(config.seed, 'trials', subject, session);
      const emotions = [...shuffledTrials(0, trainTrials, random), ...shuffledTrials(trainTrials, trials, random)];
      for (const row of sessionRows(config, subject, session, emotions)) {
        rows.push({ ...row, label: EMOTIONS.indexOf(emotions[row.trial]!), subject, session });
      }
      onSession({ done: subject * sessions + session + 1, total: subjects * sessions, rows: rows.length });
    }
  }
  const column = (value: (row: (typeof rows)[number]) => number) => Int32Array.from(rows, value);
  return pairedTable(metaOf(config, trainTrials), {
    eeg: concatenate(rows.map(({ eeg }) => eeg)),
    eye: concatenate(rows.map(({ eye }) => eye)),
    eyeWidth: EYE_FEATURES.length,
    labels: column(({ label }) => label),
    subjects: column(({ subject }) => subject),
    sessions: column(({ session }) => session),
    sessionTrials: column(({ trial }) => trial),
  });
}

function sessionRows(config: SimulatedConfig, subject: number, session: number, emotions: readonly Emotion[]): Row[] {
  const { preset, montage, sampleRateHz, trackerRatesHz = TRACKER_RATES_HZ, trialS } = config;
  const person = config.seed + subject;
  const schedule = { kind: 'trials', trialS, emotions } as const;
  const identity = { seed: person + SESSION_STRIDE * session, subject: person, preset, schedule };
  const { window_s } = config.preprocess;
  const seconds = emotions.length * trialS;
  const eeg = okWindows(createEegGenerator({ ...identity, montage, sampleRateHz }), seconds, {
    modality: 'eeg',
    preprocess: { ...config.preprocess, hop_s: window_s },
  });
  const trackerHz = trackerRatesHz[subject % trackerRatesHz.length]!;
  const eye = okWindows(createGazeGenerator({ ...identity, sampleRateHz: trackerHz }), seconds, {
    modality: 'eye',
    preprocess: eyePreprocessConfigSchema.parse({ window_s, hop_s: window_s }),
  });
  return [...eeg].flatMap(([index, { values }]) => {
    const trial = Math.floor((index * window_s) / trialS);
    const eyes = eye.get(index);
    const isOfOneTrial = (index + 1) * window_s <= (trial + 1) * trialS;
    return eyes && isOfOneTrial ? [{ eeg: values, eye: eyes.values, trial }] : [];
  });
}

/** The windows that the live pipeline would classify, by their index on the hop grid, which all signals share. */
function okWindows(
  generator: SignalGenerator,
  seconds: number,
  preprocessing: Preprocessing,
): ReadonlyMap<number, FeatureWindow> {
  const blocks = blocksOf(generator, generator.sampleRateHz);
  const preprocessor = createPreprocessor(preprocessing, blocks.info);
  const outputs: PreprocessorOutput[] = [];
  for (let second = 0; second < seconds; second++) outputs.push(...preprocessor.push(blocks.next().block));
  outputs.push(...preprocessor.flush());
  const windows = windowsOf(outputs);
  return new Map(windows.filter((window) => decide(window).state === 'ok').map((window) => [window.index, window]));
}

/** Emotions of trials `from` to `to` of a session: each in turn, then shuffled. */
function shuffledTrials(from: number, to: number, random: Random): Emotion[] {
  const trials = Array.from({ length: to - from }, (_, i) => EMOTIONS[(from + i) % EMOTIONS.length]!);
  shuffle(trials, random);
  return trials;
}

function concatenate(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]?.length ?? 0;
  const values = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) values.set(row, i * width);
  return values;
}

function metaOf(config: SimulatedConfig, trainTrials: number): TableMeta {
  const { preset, montage, sampleRateHz, seed, subjects, sessions = 1, trials, trialS, preprocess } = config;
  const { trackerRatesHz = TRACKER_RATES_HZ } = config;
  return {
    schema: 'feature-table/1',
    description:
      `simulated EEG and eye movement: affect-edge simulator version ${SIMULATION_VERSION}, preset ${preset}, people ${seed} to ${seed + subjects - 1}, ` +
      `${sessions} ${sessions === 1 ? 'session' : 'sessions'} each x ${trials} trials x ${trialS} s, ` +
      `${montage.length} electrodes at ${sampleRateHz} Hz, eyes at ${trackerRatesHz.join(', ')} Hz`,
    montage: [...montage],
    bands: [...preprocess.bands],
    method: preprocess.method,
    eye_method: 'causal-30s',
    smoothing: 'none',
    causal: true,
    simulated: true,
    classes: [...EMOTIONS],
    trials_per_session: trials,
    within_train_trials: trainTrials,
    preprocess: { ...preprocess, montage: [...montage] },
    eye_preprocess: eyePreprocessConfigSchema.parse({ window_s: preprocess.window_s }),
    preset,
    simulation_version: SIMULATION_VERSION,
  };
}
