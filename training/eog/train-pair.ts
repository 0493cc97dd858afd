/** Trains a fusion teacher and its EOG student together (Zhang & Lu 2025, in this project's RECONSTRUCTION). */
import * as tf from '@tensorflow/tfjs';
import { AffectEdgeError } from '../../src/errors.ts';
import { EOG_CHANNELS } from '../../src/preprocess/eog/config.ts';
import { Random } from '../../src/random.ts';
import { LEVELS } from '../../src/simulation/affect-scales.ts';
import { type FitResult, runEpochs, type TrainingHooks } from '../loop/epochs.ts';
import type { FitState } from '../loop/fit-state.ts';
import { meanCrossEntropy } from '../loop/predict.ts';
import { AdamW } from '../tf/adamw.ts';
import { type EogConfig, feedbackOf } from './config.ts';
import { type Iteration, iterate, teachTeacher } from './feedback.ts';
import { type PlannedStep, planEpoch } from './lesson-plan.ts';
import { createEogNetwork, disposeNetwork, type EogNetwork, forward } from './network/index.ts';
import { SERVING } from './network/pass.ts';
import type { NetworkSize } from './network/size.ts';
import {
  batchOf,
  DEAP_EEG,
  fitScales,
  inputOf,
  type Modality,
  type Scales,
  type Signals,
  windowsOf,
} from './recordings.ts';
import type { EogSplit } from './split.ts';

export interface EogPair {
  /** Reads EEG and EOG. */
  readonly teacher: EogNetwork;
  /** Reads EOG. */
  readonly student: EogNetwork;
  readonly scales: Scales;
  readonly fit: FitResult;
}

interface EogTask {
  readonly config: EogConfig;
  readonly split: EogSplit;
  readonly size: NetworkSize;
  /** Name the random streams: the seed and the fold. */
  readonly keys: readonly (string | number)[];
}

const MODALITIES: readonly Modality[] = ['eeg', 'eog'];
/** Windows at once in serving. */
const CHUNK = 64;

/**
 * Both networks as they were in the epoch whose student was best on the validation trials.
 * Throws DATA_INVALID for too few windows and where a loss is no number any more, INTERRUPTED where the signal came.
 */
export async function trainEogPair(task: EogTask, hooks: TrainingHooks<FitState> = {}): Promise<EogPair> {
  const { config, split, size, keys } = task;
  const { target, batch, epochs, patience, warmupEpochs, weightDecay } = config;
  const scales = fitScales(split.train);
  const validation = windowsOf(split.validation, target);
  checkWindows(split, size);
  const network = (role: string, channels: readonly number[]) =>
    createEogNetwork(channels, LEVELS.length, size, new Random(...keys, role, 'weights'));
  const teacher = network('teacher', [DEAP_EEG.length, EOG_CHANNELS.length]);
  const student = network('student', [EOG_CHANNELS.length]);
  const optimisers = [new AdamW(teacher.parameters, weightDecay), new AdamW(student.parameters, weightDecay)] as const;
  const pupils = {
    teacher: { network: teacher, optimiser: optimisers[0], learningRate: config.teacherLearningRate },
    student: { network: student, optimiser: optimisers[1], learningRate: config.learningRate },
  };
  try {
    const fit = await runEpochs(
      {
        moving: {
          weights: [teacher, student].flatMap(({ parameters, statistics }) => [...parameters, ...statistics]),
          distiller: null,
          optimisers,
        },
        warmUpEpochs: warmupEpochs,
        epochs,
        patience,
        stepsOf: (epoch) =>
          planEpoch(split.train, target, batch, [...keys, epoch]).map(
            (planned, s) => () => makeStep(task, pupils, scales, planned, epoch, s),
          ),
        async validate() {
          const labels = validation.map(({ label }) => label);
          return meanCrossEntropy(await logitsOf(student, validation, scales), labels);
        },
      },
      hooks,
    );
    return { teacher, student, scales, fit };
  } catch (error) {
    disposeNetwork(teacher);
    disposeNetwork(student);
    throw error;
  } finally {
    for (const optimiser of optimisers) optimiser.dispose();
  }
}

/** In the epochs up to 0 the teacher learns alone. */
async function makeStep(
  { config, size, keys }: EogTask,
  pupils: Pick<Iteration, 'teacher' | 'student'>,
  scales: Scales,
  planned: PlannedStep,
  epoch: number,
  s: number,
): Promise<tf.Scalar> {
  const [taught, asked] = [batchOf(planned.taught, scales, size), batchOf(planned.asked, scales, size)];
  const iteration: Iteration = {
    ...pupils,
    taught,
    asked,
    mode: epoch < 1 ? 'none' : feedbackOf(config),
    weights: {
      answers: config.answerWeight,
      feature: config.variant === 'V1' ? 0 : config.featureWeight,
      temperature: config.temperature,
    },
    rehearsalRate: config.rehearsalRate,
    feedbackWeight: config.feedbackWeight,
    random: (purpose) => new Random(...keys, epoch, s, purpose, 'dropout'),
  };
  try {
    return await (epoch < 1 ? teachTeacher(iteration) : iterate(iteration));
  } finally {
    tf.dispose([taught, asked].flatMap(({ eeg, eog, labels }) => [eeg.values, eog.values, labels]));
  }
}

function checkWindows({ train, validation }: EogSplit, { samples }: NetworkSize): void {
  const [first] = validation.flatMap(({ windows }) => windows);
  if (first === undefined) {
    throw new AffectEdgeError('DATA_INVALID', 'the validation trials hold no window; use longer trials');
  }
  const given = [...train, ...validation].flatMap(({ windows }) => windows.map(({ eog }) => eog.length));
  const odd = given.find((length) => length !== EOG_CHANNELS.length * samples);
  if (odd === undefined) return;
  throw new AffectEdgeError(
    'DATA_INVALID',
    `a window has ${odd / EOG_CHANNELS.length} samples, and the networks read ${samples}; give them one size`,
  );
}

/** Logits [windows][levels], as served. */
export async function logitsOf(network: EogNetwork, windows: readonly Signals[], scales: Scales): Promise<number[][]> {
  const answers: number[][] = [];
  for (let from = 0; from < windows.length; from += CHUNK) {
    const chunk = windows.slice(from, from + CHUNK);
    const logits = tf.tidy(() => {
      // The student reads the last modality alone.
      const inputs = MODALITIES.slice(-network.channels.length);
      const patches = inputs.map((modality) => inputOf(modality, chunk, scales, network.size));
      return forward(network, patches, SERVING).logits.value;
    });
    answers.push(...(await logits.array()));
    logits.dispose();
  }
  return answers;
}

export function disposeEogPair({ teacher, student }: EogPair): void {
  disposeNetwork(teacher);
  disposeNetwork(student);
}
