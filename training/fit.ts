/** The training loop of teachers and students: read from top to bottom. */
import { setImmediate as turn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { mean } from '../src/dsp/moments.ts';
import { AffectEdgeError } from '../src/errors.ts';
import { Random } from '../src/simulation/random.ts';
import type { Backbone } from './backbones/backbone.ts';
import type { FeatureTable } from './datasets/table.ts';
import type { Distiller } from './distillers/distiller.ts';
import { withoutGated } from './distillers/gated.ts';
import { type EpochFigures, type FitState, restoreState, saveState } from './fit-state.ts';
import type { Optimiser } from './optimiser.ts';
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

/** How training is watched, interrupted and taken up again. `save` gives all that goes on from here bit for bit. */
export interface TrainingHooks<State, Figures = EpochFigures> {
  readonly resume?: State | undefined;
  readonly signal?: AbortSignal | undefined;
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
 * Leaves the backbone with the weights of the epoch that was best on `validation`.
 * Throws DATA_INVALID for too few rows and where a loss is no number any more, INTERRUPTED where the signal came.
 */
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
  const weights = [...backbone.parameters, ...backbone.statistics];
  const progress = {
    step: 0,
    losses: [] as tf.Scalar[],
    curve: [] as EpochFigures[],
    best: null as { epoch: number; loss: number; weights: tf.Tensor[] } | null,
  };
  const moving = { weights, distiller, optimiser };
  if (hooks.resume !== undefined) restoreState(hooks.resume, moving, progress);
  const save = () => saveState(moving, progress);

  try {
    const improves = () => progress.best === null || progress.curve.length - progress.best.epoch < patience;
    for (let epoch = progress.curve.length + 1; epoch <= epochs && improves(); epoch++) {
      const order = Int32Array.from({ length: rows }, (_, row) => row);
      shuffle(order, new Random(...keys, 'order', epoch));
      // The last, shorter batch waits for another epoch's order: every step sees a full batch.
      while (progress.step < epoch * steps) {
        if (hooks.signal?.aborted) {
          await hooks.onInterrupt?.(save);
          throw new AffectEdgeError('INTERRUPTED', 'training was interrupted');
        }
        const s = progress.step % steps;
        const picked = order.slice(s * batch, (s + 1) * batch);
        const random = new Random(...keys, 'step', progress.step);
        progress.losses.push(await trainingStep(task, picked, random, task.learningRate(progress.step / steps)));
        progress.step++;
        await turn();
      }

      const figures = {
        epoch,
        loss: mean(await Promise.all(progress.losses.map(async (loss) => (await loss.data())[0]!))),
        validationLoss: meanCrossEntropy(await predictLogits(backbone, validation), validation.labels),
      };
      tf.dispose(progress.losses);
      progress.losses = [];
      if (!Number.isFinite(figures.loss) || !Number.isFinite(figures.validationLoss)) {
        throw new AffectEdgeError(
          'DATA_INVALID',
          `training diverged in epoch ${epoch} (loss ${figures.loss}, validation ${figures.validationLoss}); give a lower --learning-rate or --teacher-learning-rate`,
        );
      }
      progress.curve.push(figures);
      if (progress.best === null || figures.validationLoss < progress.best.loss) {
        tf.dispose(progress.best?.weights ?? []);
        const copies = weights.map((variable) => variable.clone());
        progress.best = { epoch, loss: figures.validationLoss, weights: copies };
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
