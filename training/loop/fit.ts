/** Trains one network: batch, loss, gradient, step. */
import * as tf from '@tensorflow/tfjs';
import { AffectEdgeError } from '../../src/errors.ts';
import { Random } from '../../src/random.ts';
import type { Backbone } from '../backbones/backbone.ts';
import type { FeatureTable } from '../datasets/table.ts';
import type { Distiller } from '../distillers/distiller.ts';
import type { Optimiser } from '../tf/optimiser.ts';
import { type FitResult, runEpochs, type TrainingHooks } from './epochs.ts';
import type { FitState } from './fit-state.ts';
import { withoutGated } from './gated.ts';
import { meanCrossEntropy, predictLogits } from './predict.ts';
import { shuffle } from './shuffle.ts';

interface FitTask {
  readonly backbone: Backbone;
  /** Its parameters train and its banks move with the backbone. */
  readonly distiller: Distiller | null;
  readonly optimiser: Optimiser;
  /** Loss of a batch of row numbers [B]; called once a step. */
  loss(batch: Int32Array, random: Random): tf.Scalar;
  /** How many training rows there are. */
  readonly rows: number;
  /** Rows per step. */
  readonly batch: number;
  readonly epochs: number;
  /** Epochs without a better validation loss after which training ends. */
  readonly patience: number;
  /** At a fractional epoch, counted from 0. */
  learningRate(epoch: number): number;
  /** Standardised rows that choose the epoch. */
  readonly validation: FeatureTable;
  /** Names the run's random streams. */
  readonly keys: readonly (string | number)[];
}

/** Trains on all rows in shuffled order. Throws as `runEpochs`, and DATA_INVALID for too few rows. */
export async function fitBackbone(task: FitTask, hooks: TrainingHooks<FitState> = {}): Promise<FitResult> {
  const { backbone, distiller, optimiser, batch: size, epochs, patience, validation, keys } = task;
  const steps = stepsPerEpoch(task);
  return runEpochs(
    {
      moving: { weights: [...backbone.parameters, ...backbone.statistics], distiller, optimisers: [optimiser] },
      epochs,
      patience,
      stepsOf(epoch) {
        const order = shuffledRows(task, epoch);
        return Array.from({ length: steps }, (_, s) => () => {
          const batch = order.slice(s * size, (s + 1) * size);
          const step = (epoch - 1) * steps + s;
          return trainingStep(task, batch, new Random(...keys, 'step', step), task.learningRate(step / steps));
        });
      },
      async validate() {
        return meanCrossEntropy(await predictLogits(backbone, validation), validation.labels);
      },
    },
    hooks,
  );
}

/** One step of the optimiser along the gradient of a batch's loss; returns the loss. */
export async function trainingStep(
  { backbone, distiller, optimiser, loss }: Pick<FitTask, 'backbone' | 'distiller' | 'optimiser' | 'loss'>,
  batch: Int32Array,
  random: Random,
  learningRate: number,
): Promise<tf.Scalar> {
  const parameters = [...backbone.parameters, ...(distiller?.parameters ?? [])];
  const { value, grads } = tf.tidy(() => tf.variableGrads(() => loss(batch, random), parameters));
  optimiser.step(await withoutGated(grads, distiller?.gated), learningRate);
  tf.dispose(grads);
  return value;
}

/** Full batches only: the rows left over are in other batches in the next epoch's order. */
function stepsPerEpoch({ rows, batch, validation }: FitTask): number {
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
  return steps;
}

function shuffledRows({ rows, keys }: FitTask, epoch: number): Int32Array {
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  shuffle(order, new Random(...keys, 'order', epoch));
  return order;
}
