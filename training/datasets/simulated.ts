/** Feature rows from the simulator, through the same preprocessing as live serving. */
import type { FeatureWindow } from '../../src/features.ts';
import { createPreprocessor } from '../../src/preprocess.ts';
import type { PreprocessConfig } from '../../src/preprocess-config.ts';
import { createEegGenerator } from '../../src/simulation/eeg-generator.ts';
import { EMOTIONS, type Emotion } from '../../src/simulation/emotion.ts';
import { type PresetName, SIMULATION_VERSION } from '../../src/simulation/presets.ts';
import { Random } from '../../src/simulation/random.ts';
import { decide } from '../../src/stages/decide.ts';
import { shuffle } from '../shuffle.ts';
import { blocksOf } from './simulated-blocks.ts';
import { type Dataset, tableOf } from './table.ts';

export interface SimulatedConfig {
  readonly preset: PresetName;
  readonly montage: readonly string[];
  readonly sampleRateHz: number;
  readonly seed: number;
  readonly subjects: number;
  /** Per subject, a multiple of the classes: each is shown equally often. */
  readonly trials: number;
  readonly trialS: number;
  readonly preprocess: PreprocessConfig;
}

/** Windows of `window_s` without overlap; those that the live decision would not answer, or that touch two trials, are left out. */
export function simulatedDataset(config: SimulatedConfig, log: (line: string) => void): Dataset {
  const preprocess: PreprocessConfig = { ...config.preprocess, hop_s: config.preprocess.window_s };
  const values: Float32Array[] = [];
  const labels: number[] = [];
  const subjects: number[] = [];
  const trials: number[] = [];
  for (let subject = 0; subject < config.subjects; subject++) {
    const order = shuffledTrials(config.trials, new Random(config.seed, 'trials', subject));
    for (const { row, trial } of subjectRows(config, preprocess, subject, order)) {
      values.push(row);
      labels.push(EMOTIONS.indexOf(order[trial]!));
      subjects.push(subject);
      trials.push(subject * config.trials + trial);
    }
    log(`simulated subject ${subject + 1}/${config.subjects}: ${values.length} windows so far`);
  }
  const table = {
    ...tableOf(EMOTIONS, values),
    labels: Int32Array.from(labels),
    subjects: Int32Array.from(subjects),
    trials: Int32Array.from(trials),
  };
  const description =
    `simulated EEG: affect-edge simulator version ${SIMULATION_VERSION}, preset ${config.preset}, seed ${config.seed}, ` +
    `${config.subjects} subjects x ${config.trials} trials x ${config.trialS} s, ` +
    `${config.montage.length} electrodes at ${config.sampleRateHz} Hz`;
  return { table, preprocess: config.preprocess, description };
}

function subjectRows(
  config: SimulatedConfig,
  preprocess: PreprocessConfig,
  subject: number,
  emotions: readonly Emotion[],
): { row: Float32Array; trial: number }[] {
  const generator = createEegGenerator({
    ...config,
    seed: config.seed + subject,
    schedule: { kind: 'trials', trialS: config.trialS, emotions },
  });
  const trialSamples = config.trialS * config.sampleRateHz;
  const blocks = blocksOf(generator, config.sampleRateHz);
  const preprocessor = createPreprocessor(preprocess, blocks.info);
  const windows: FeatureWindow[] = [];
  for (let second = 0; second < config.trials * config.trialS; second++) {
    windows.push(...preprocessor.push(blocks.next().block));
  }
  windows.push(...preprocessor.flush());
  return windows
    .map((window) => ({ window, trial: Math.floor(window.startSample / trialSamples) }))
    .filter(({ window, trial }) => window.endSample <= (trial + 1) * trialSamples && decide(window).state === 'ok')
    .map(({ window, trial }) => ({ row: window.values, trial }));
}

/** Every emotion equally often, in seeded order. */
function shuffledTrials(count: number, random: Random): Emotion[] {
  const trials = Array.from({ length: count }, (_, i) => EMOTIONS[i % EMOTIONS.length]!);
  shuffle(trials, random);
  return trials;
}
