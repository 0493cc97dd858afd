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
import { type Iteration, iterate, stepTeacher } from './feedback.ts';
import { createEogNetwork, disposeNetwork, type EogNetwork, forward } from './network/index.ts';
import { SERVING } from './network/pass.ts';
import type { NetworkSize } from './network/size.ts';
import {
  batchOf,
  DEAP_EEG,
  fitScales,
  inputOf,
  type Scales,
  type SignalName,
  type Signals,
  windowsOf,
} from './recordings.ts';
import type { EogSplit } from './split.ts';
import { type PlannedStep, planEpoch } from './step-plan.ts';

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
  /** Names of the random streams: the seed and the fold. */
  readonly keys: readonly (string | number)[];
}

const SIGNALS: readonly SignalName[] = ['eeg', 'eog'];
/** Windows at once in prediction. */
const CHUNK = 64;

/**
 * Both networks with the weights of the epoch whose student was best on the validation trials.
 * Throws DATA_INVALID for too few windows and where a loss is not finite, INTERRUPTED where the signal was aborted.
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
  const learners = {
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
            (planned, s) => () => makeStep(task, learners, scales, planned, epoch, s),
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

/** One training step; in the epochs of the warm-up, 0 and below, the teacher learns alone. */
async function makeStep(
  { config, size, keys }: EogTask,
  learners: Pick<Iteration, 'teacher' | 'student'>,
  scales: Scales,
  planned: PlannedStep,
  epoch: number,
  s: number,
): Promise<tf.Scalar> {
  const [support, query] = [batchOf(planned.support, scales, size), batchOf(planned.query, scales, size)];
  const iteration: Iteration = {
    ...learners,
    support,
    query,
    mode: epoch < 1 ? 'none' : feedbackOf(config),
    weights: {
      answers: config.answerWeight,
      feature: config.variant === 'V1' ? 0 : config.featureWeight,
      temperature: config.temperature,
    },
    innerRate: config.rehearsalRate,
    feedbackWeight: config.feedbackWeight,
    random: (purpose) => new Random(...keys, epoch, s, purpose, 'dropout'),
  };
  try {
    return await (epoch < 1 ? stepTeacher(iteration) : iterate(iteration));
  } finally {
    tf.dispose([support, query].flatMap(({ eeg, eog, labels }) => [eeg.values, eog.values, labels]));
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

/** Logits [windows][levels] of the serving pass. */
export async function logitsOf(network: EogNetwork, windows: readonly Signals[], scales: Scales): Promise<number[][]> {
  const predictions: number[][] = [];
  for (let from = 0; from < windows.length; from += CHUNK) {
    const chunk = windows.slice(from, from + CHUNK);
    const logits = tf.tidy(() => {
      // The student reads only the last one, EOG.
      const inputs = SIGNALS.slice(-network.channels.length);
      const patches = inputs.map((signal) => inputOf(signal, chunk, scales, network.size));
      return forward(network, patches, SERVING).logits.value;
    });
    predictions.push(...(await logits.array()));
    logits.dispose();
  }
  return predictions;
}

export function disposeEogPair({ teacher, student }: EogPair): void {
  disposeNetwork(teacher);
  disposeNetwork(student);
}
