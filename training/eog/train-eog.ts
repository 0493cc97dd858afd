/** Trains a fusion teacher and its EOG student together (Zhang & Lu 2025, in this project's RECONSTRUCTION). */
import { setImmediate as turn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { mean } from '../../src/dsp/moments.ts';
import { AffectEdgeError } from '../../src/errors.ts';
import { Random } from '../../src/simulation/random.ts';
import { AdamW } from '../adamw.ts';
import type { EpochFigures } from '../fit-state.ts';
import { meanCrossEntropy } from '../predict.ts';
import type { EogConfig } from './config.ts';
import { type FeedbackMode, type Iteration, iterate, teachTeacher } from './feedback.ts';
import { planEpoch } from './lesson-plan.ts';
import { createEogNetwork, disposeNetwork, type EogNetwork, forward } from './network.ts';
import { SERVING } from './pass.ts';
import type { EogSplit } from './protocol.ts';
import {
  batchOf,
  DEAP_EEG,
  EOG_CHANNELS,
  type EogWindow,
  fitScales,
  inputOf,
  LEVELS,
  type Modality,
  type Scales,
  windowsOf,
} from './recordings.ts';
import type { NetworkSize } from './size.ts';

export interface EogPair {
  /** Reads EEG and EOG. */
  readonly teacher: EogNetwork;
  /** Reads EOG. */
  readonly student: EogNetwork;
  readonly scales: Scales;
  readonly fit: {
    /** Counted from 1; the teacher's epochs alone don't count. */
    readonly bestEpoch: number;
    readonly validationLoss: number;
    readonly curve: readonly EpochFigures[];
  };
}

export interface EogTask {
  readonly config: EogConfig;
  readonly split: EogSplit;
  readonly size: NetworkSize;
  /** Name the random streams: the seed and the fold. */
  readonly keys: readonly (string | number)[];
  readonly signal?: AbortSignal | undefined;
  onEpoch?(figures: EpochFigures): void;
}

/** The feedback that a variant has. */
export function feedbackOf({ variant, feedback }: EogConfig): FeedbackMode {
  return variant === 'V3' ? feedback : 'none';
}

const MODALITIES: readonly Modality[] = ['eeg', 'eog'];
/** Windows at once in serving. */
const CHUNK = 64;

/**
 * Both networks as they were in the epoch whose student was best on the validation trials.
 * Throws DATA_INVALID for too few windows and where a loss is no number any more, INTERRUPTED where the signal came.
 */
export async function trainEogPair(task: EogTask): Promise<EogPair> {
  const { config, split, size, keys, signal } = task;
  const { target, batch, epochs, patience, warmupEpochs, weightDecay } = config;
  const scales = fitScales(split.train);
  const validation = windowsOf(split.validation, target, size);
  if (validation.length === 0) {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `the validation trials hold no window of ${size.samples} samples; use longer trials`,
    );
  }
  const network = (role: string, channels: readonly number[]) =>
    createEogNetwork(channels, LEVELS.length, size, new Random(...keys, role, 'weights'));
  const teacher = network('teacher', [DEAP_EEG.length, EOG_CHANNELS.length]);
  const student = network('student', [EOG_CHANNELS.length]);
  const optimisers = [new AdamW(teacher.parameters, weightDecay), new AdamW(student.parameters, weightDecay)] as const;
  const weights = [teacher, student].flatMap(({ parameters, statistics }) => [...parameters, ...statistics]);
  const curve: EpochFigures[] = [];
  let best: { epoch: number; loss: number; weights: tf.Tensor[] } | null = null;

  try {
    for (let epoch = 1 - warmupEpochs; epoch <= epochs; epoch++) {
      const losses: number[] = [];
      for (const [s, planned] of planEpoch(split.train, target, size, batch, [...keys, epoch]).entries()) {
        if (signal?.aborted) throw new AffectEdgeError('INTERRUPTED', 'training was interrupted');
        const iteration: Iteration = {
          teacher: { network: teacher, optimiser: optimisers[0], learningRate: config.teacherLearningRate },
          student: { network: student, optimiser: optimisers[1], learningRate: config.learningRate },
          taught: batchOf(planned.taught, scales, size),
          asked: batchOf(planned.asked, scales, size),
          mode: feedbackOf(config),
          weights: {
            answers: config.answerWeight,
            feature: config.variant === 'V1' ? 0 : config.featureWeight,
            temperature: config.temperature,
          },
          rehearsalRate: config.rehearsalRate,
          feedbackWeight: config.feedbackWeight,
          random: (purpose) => new Random(...keys, epoch, s, purpose, 'dropout'),
        };
        losses.push(epoch < 1 ? await teachTeacher({ ...iteration, mode: 'none' }) : await iterate(iteration));
        const { taught, asked } = iteration;
        tf.dispose([taught, asked].flatMap(({ eeg, eog, labels }) => [eeg.values, eog.values, labels]));
        await turn();
      }
      if (epoch < 1) continue;
      const logits = await answersTo(student, validation, scales);
      const validationLoss = meanCrossEntropy(
        logits,
        validation.map(({ label }) => label),
      );
      const figures = { epoch, loss: mean(losses), validationLoss };
      if (!Number.isFinite(figures.loss) || !Number.isFinite(validationLoss)) {
        throw new AffectEdgeError(
          'DATA_INVALID',
          `training diverged in epoch ${epoch} (loss ${figures.loss}, validation ${validationLoss}); lower the learning rates`,
        );
      }
      curve.push(figures);
      if (best === null || validationLoss < best.loss) {
        tf.dispose(best?.weights ?? []);
        best = { epoch, loss: validationLoss, weights: weights.map((variable) => variable.clone()) };
      }
      task.onEpoch?.(figures);
      if (epoch - best.epoch >= patience) break;
    }
    for (const [i, variable] of weights.entries()) variable.assign(best!.weights[i]!);
    return { teacher, student, scales, fit: { bestEpoch: best!.epoch, validationLoss: best!.loss, curve } };
  } catch (error) {
    disposeNetwork(teacher);
    disposeNetwork(student);
    throw error;
  } finally {
    tf.dispose(best?.weights ?? []);
    for (const optimiser of optimisers) optimiser.dispose();
  }
}

/** Logits [windows][levels], as served. */
export async function answersTo(
  network: EogNetwork,
  windows: readonly EogWindow[],
  scales: Scales,
): Promise<number[][]> {
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
