/** The training loop of every teacher and student: read from top to bottom. */
import { setImmediate as turn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { mean } from '../../src/dsp/moments.ts';
import { AffectEdgeError } from '../../src/errors.ts';
import { Random } from '../../src/random.ts';
import type { Backbone } from '../backbones/backbone.ts';
import type { FeatureTable } from '../datasets/table.ts';
import type { Distiller } from '../distillers/distiller.ts';
import type { Optimiser } from '../tf/optimiser.ts';
import { type EpochFigures, type FitState, type Moving, type Progress, restoreState, saveState } from './fit-state.ts';
import { withoutGated } from './gated.ts';
import { meanCrossEntropy, predictLogits } from './predict.ts';
import { shuffle } from './shuffle.ts';

export interface FitTask {
  readonly backbone: Backbone;
  /** What trains and moves with it. */
  readonly distiller: Distiller | null;
  readonly optimiser: Optimiser;
  /** Of the rows picked for a step; called once a step. */
  loss(rows: Int32Array, random: Random): tf.Scalar;
  /** Training rows there are. */
  readonly rows: number;
  readonly batch: number;
  readonly epochs: number;
  /** Epochs without a better validation loss after which training ends. */
  readonly patience: number;
  /** Of a fractional epoch from 0. */
  learningRate(epoch: number): number;
  /** Chooses the epoch; standardised. */
  readonly validation: FeatureTable;
  /** Names the run's random streams. */
  readonly keys: readonly (string | number)[];
}

/** What is trained epoch by epoch, whatever its networks are. */
export interface Course {
  readonly moving: Moving;
  /** Epochs before the first one that is counted: they choose nothing. */
  readonly warmUpEpochs?: number;
  readonly epochs: number;
  readonly patience: number;
  /** In order, the same for the same epoch; each gives its loss. */
  stepsOf(epoch: number): readonly (() => Promise<tf.Scalar>)[];
  /** The loss that chooses the epoch. */
  validate(): Promise<number>;
}

export interface StepPlace {
  /** Counted from 1; up to 0 while it warms up. */
  readonly epoch: number;
  /** Steps of this epoch: made, and in all. */
  readonly step: number;
  readonly steps: number;
}

/** How training is watched, interrupted and taken up again. `save` gives all that goes on from here bit for bit. */
export interface TrainingHooks<State, Figures = EpochFigures> {
  readonly resume?: State | undefined;
  readonly signal?: AbortSignal | undefined;
  onStep?(place: StepPlace): void;
  onEpoch?(figures: Figures, save: () => Promise<State>): Promise<void> | void;
  /** Between two steps, after the signal came. */
  onInterrupt?(save: () => Promise<State>): Promise<void>;
}

export interface FitResult {
  /** Counted from 1. */
  readonly bestEpoch: number;
  readonly validationLoss: number;
  readonly curve: readonly EpochFigures[];
}

/**
 * Leaves the weights of the epoch that was best in `validate`.
 * Throws DATA_INVALID where a loss is no number any more, INTERRUPTED where the signal came.
 */
export async function runEpochs(course: Course, hooks: TrainingHooks<FitState> = {}): Promise<FitResult> {
  const { moving, warmUpEpochs = 0, epochs, patience } = course;
  const { weights } = moving;
  const progress: Progress = { epoch: 1 - warmUpEpochs, step: 0, losses: [], curve: [], best: null };
  if (hooks.resume !== undefined) restoreState(hooks.resume, moving, progress);
  const save = () => saveState(moving, progress);

  try {
    const improves = () => progress.best === null || progress.curve.length - progress.best.epoch < patience;
    while (progress.epoch <= epochs && improves()) {
      const { epoch } = progress;
      const steps = course.stepsOf(epoch);
      for (const step of steps.slice(progress.losses.length)) {
        if (hooks.signal?.aborted) {
          await hooks.onInterrupt?.(save);
          throw new AffectEdgeError('INTERRUPTED', 'training was interrupted');
        }
        progress.losses.push(await step());
        progress.step++;
        hooks.onStep?.({ epoch, step: progress.losses.length, steps: steps.length });
        await turn();
      }

      const loss = mean(await Promise.all(progress.losses.map(async (loss) => (await loss.data())[0]!)));
      tf.dispose(progress.losses);
      progress.losses = [];
      progress.epoch++;
      const validationLoss = epoch < 1 ? 0 : await course.validate();
      if (!Number.isFinite(loss) || !Number.isFinite(validationLoss)) {
        throw new AffectEdgeError(
          'DATA_INVALID',
          `training diverged in epoch ${epoch} (loss ${loss}, validation ${validationLoss}); give a lower --learning-rate or --teacher-learning-rate`,
        );
      }
      if (epoch < 1) continue;
      const figures = { epoch, loss, validationLoss };
      progress.curve.push(figures);
      if (progress.best === null || validationLoss < progress.best.loss) {
        tf.dispose(progress.best?.weights ?? []);
        const copies = weights.map((variable) => variable.clone());
        progress.best = { epoch, loss: validationLoss, weights: copies };
      }
      await hooks.onEpoch?.(figures, save);
    }
    const best = progress.best!;
    for (const [i, variable] of weights.entries()) variable.assign(best.weights[i]!);
    return { bestEpoch: best.epoch, validationLoss: best.loss, curve: progress.curve };
  } finally {
    tf.dispose([...progress.losses, ...(progress.best?.weights ?? [])]);
  }
}

/** One backbone, over `rows` in drawn order. Throws as `runEpochs`, and DATA_INVALID for too few rows. */
export async function fitBackbone(task: FitTask, hooks: TrainingHooks<FitState> = {}): Promise<FitResult> {
  const { backbone, distiller, optimiser, rows, batch, epochs, patience, validation, keys } = task;
  const steps = Math.floor(rows / batch);
  if (steps === 0) {
    throw new AffectEdgeError(
      'DATA_INVALID',
      `${rows} training rows fill no batch of ${batch}; give a smaller --batch`,
    );
  }
  if (validation.labels.length === 0) {
    throw new AffectEdgeError(
      'DATA_INVALID',
      'there are no validation rows, which choose the epoch; add trials or subjects',
    );
  }
  const course: Course = {
    moving: { weights: [...backbone.parameters, ...backbone.statistics], distiller, optimisers: [optimiser] },
    epochs,
    patience,
    stepsOf(epoch) {
      const order = Int32Array.from({ length: rows }, (_, row) => row);
      shuffle(order, new Random(...keys, 'order', epoch));
      // The last, shorter batch waits for another epoch's order: every step sees a full batch.
      return Array.from({ length: steps }, (_, s) => () => {
        const made = (epoch - 1) * steps + s;
        const random = new Random(...keys, 'step', made);
        return trainingStep(task, order.slice(s * batch, (s + 1) * batch), random, task.learningRate(made / steps));
      });
    },
    async validate() {
      return meanCrossEntropy(await predictLogits(backbone, validation), validation.labels);
    },
  };
  return runEpochs(course, hooks);
}

/** Moves the parameters along the gradient of the picked rows' loss, and gives that loss. */
export async function trainingStep(
  { backbone, distiller, optimiser, loss }: Pick<FitTask, 'backbone' | 'distiller' | 'optimiser' | 'loss'>,
  rows: Int32Array,
  random: Random,
  learningRate: number,
): Promise<tf.Scalar> {
  const parameters = [...backbone.parameters, ...(distiller?.parameters ?? [])];
  const { value, grads } = tf.tidy(() => tf.variableGrads(() => loss(rows, random), parameters));
  optimiser.step(await withoutGated(grads, distiller?.gated), learningRate);
  tf.dispose(grads);
  return value;
}
